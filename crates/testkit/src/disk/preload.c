/* Preloaded into a process, this library records the operations on the files of one directory, and
 * makes them fail on demand.
 *
 * DISK_DIRECTORY is the directory; the files of its subdirectories are not watched.
 *
 * DISK_RECORD, if set, is a file to which every write, truncation, sync and removal is appended, in
 * order: { operation, length of the name, offset, length of the data }, the name, the data. A test
 * replays it up to some point, like a power cut.
 *
 * DISK_FAULT, if set, is a file. Its content is the fault:
 *
 * - "full": no file can grow (ENOSPC).
 * - "space BYTES": the files cannot have more bytes than this altogether (ENOSPC). A write of which a
 *   part fits is short.
 * - "sync": syncing fails (EIO). "slow MILLISECONDS": syncing takes so much longer.
 * - "readonly": opening a file for writing fails (EACCES). "directory": creating a file fails (EACCES).
 * - "nth OPERATION NUMBER once TOKEN": this write, sync, open or truncate, counted from 1 since the
 *   fault was set, fails (EIO); with "lasting" for "once", all later ones fail, too. The token differs
 *   from that of the fault before. When an operation has failed, the file DISK_FAULT.hit exists. */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITE = 1, TRUNCATE = 2, SYNC = 3, REMOVE = 4 };
enum { FILES_MAX = 1024, NAME_MAX_LENGTH = 64, FAULT_MAX_LENGTH = 80 };

/* The name of the file that a descriptor is open on, if the file is in the directory. */
static char names[FILES_MAX][NAME_MAX_LENGTH];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* Of the count of operations below. */
static pthread_mutex_t count_lock = PTHREAD_MUTEX_INITIALIZER;
static int record = -1;

static void *next(const char *function) {
    void *found = dlsym(RTLD_NEXT, function);
    if (found == NULL) abort();
    return found;
}

static const char *name_in_directory(const char *path) {
    const char *directory = getenv("DISK_DIRECTORY");
    size_t length = directory == NULL ? 0 : strlen(directory);
    if (length == 0 || strncmp(path, directory, length) != 0 || path[length] != '/') return NULL;
    const char *name = path + length + 1;
    return strlen(name) < NAME_MAX_LENGTH ? name : NULL;
}

static const char *name_of(int file) {
    return file >= 0 && file < FILES_MAX && names[file][0] != 0 ? names[file] : NULL;
}

/* Under the lock. */
static void append(uint32_t operation, const char *name, uint64_t offset, const void *data, uint64_t length) {
    int (*open_next)(const char *, int, ...) = next("open");
    ssize_t (*writev_next)(int, const struct iovec *, int) = next("writev");
    if (getenv("DISK_RECORD") == NULL) return;
    if (record < 0) record = open_next(getenv("DISK_RECORD"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct { uint32_t operation, name_length; uint64_t offset, length; } header = {
        operation, (uint32_t)strlen(name), offset, length
    };
    struct iovec parts[] = {
        { &header, sizeof header }, { (void *)name, header.name_length }, { (void *)data, length }
    };
    if (writev_next(record, parts, 3) != (ssize_t)(sizeof header + header.name_length + length)) abort();
}

/* The fault that is set, or nothing. */
static void read_fault(char text[FAULT_MAX_LENGTH]) {
    int (*open_next)(const char *, int, ...) = next("open");
    int (*close_next)(int) = next("close");
    ssize_t (*read_next)(int, void *, size_t) = next("read");
    const char *path = getenv("DISK_FAULT");
    memset(text, 0, FAULT_MAX_LENGTH);
    if (path == NULL) return;
    int before = errno, file = open_next(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        if (read_next(file, text, FAULT_MAX_LENGTH - 1) < 0) text[0] = 0;
        close_next(file);
    }
    errno = before;
}

/* Whether this fault is set. */
static bool has_fault(const char *fault) {
    char text[FAULT_MAX_LENGTH];
    read_fault(text);
    return strcmp(text, fault) == 0;
}

/* Waits if syncing is slow. */
static void delay_sync(void) {
    char text[FAULT_MAX_LENGTH];
    unsigned long milliseconds;
    read_fault(text);
    if (sscanf(text, "slow %lu", &milliseconds) == 1) usleep((useconds_t)(milliseconds * 1000));
}

/* Says in a file that an operation has failed. */
static void note_hit(void) {
    int (*open_next)(const char *, int, ...) = next("open");
    int (*close_next)(int) = next("close");
    char path[4096];
    if (snprintf(path, sizeof path, "%s.hit", getenv("DISK_FAULT")) >= (int)sizeof path) abort();
    int file = open_next(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) abort();
    close_next(file);
}

/* Counts an operation; whether it succeeds. */
static bool succeeds(const char *operation) {
    static char counted[FAULT_MAX_LENGTH];
    static unsigned long count;
    char text[FAULT_MAX_LENGTH], failing[16], lasting[16];
    unsigned long number;
    read_fault(text);
    if (sscanf(text, "nth %15s %lu %15s", failing, &number, lasting) != 3) return true;
    if (strcmp(failing, operation) != 0) return true;
    pthread_mutex_lock(&count_lock);
    if (strcmp(counted, text) != 0) {
        strcpy(counted, text);
        count = 0;
    }
    count++;
    bool fails = strcmp(lasting, "once") == 0 ? count == number : count >= number;
    if (fails) note_hit();
    pthread_mutex_unlock(&count_lock);
    if (fails) errno = EIO;
    return !fails;
}

/* How many bytes the files in the directory have. */
static off64_t bytes_in_directory(void) {
    const char *path = getenv("DISK_DIRECTORY");
    DIR *directory = path == NULL ? NULL : opendir(path);
    if (directory == NULL) abort();
    off64_t bytes = 0;
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        struct stat status;
        bool is_there = fstatat(dirfd(directory), entry->d_name, &status, 0) == 0;
        if (is_there && S_ISREG(status.st_mode)) bytes += status.st_size;
    }
    closedir(directory);
    return bytes;
}

/* Up to which offset the file may be written, if up to `end` is wanted from `begin` on: `begin` if there
 * is no space at all, and `errno` says so. */
static off64_t end_of_space(int file, off64_t begin, off64_t end) {
    struct stat status;
    long long capacity;
    char text[FAULT_MAX_LENGTH];
    read_fault(text);
    if (strcmp(text, "full") == 0) capacity = 0;
    else if (sscanf(text, "space %lld", &capacity) != 1) return end;
    if (fstat(file, &status) != 0 || end <= status.st_size) return end;
    int before = errno;
    off64_t left = (off64_t)capacity - bytes_in_directory();
    off64_t possible = status.st_size + (left > 0 ? left : 0);
    errno = before;
    if (possible >= end) return end;
    if (possible > begin) return possible;
    errno = ENOSPC;
    return begin;
}

/* Whether the file may be opened with these flags. */
static bool is_permitted(const char *path, int flags) {
    const char *name = name_in_directory(path);
    bool writes = (flags & O_ACCMODE) != O_RDONLY, makes = (flags & O_CREAT) != 0 && access(path, F_OK) != 0;
    if (name == NULL) return true;
    if (!succeeds("open")) return false;
    if (!((writes && has_fault("readonly")) || (makes && has_fault("directory")))) return true;
    errno = EACCES;
    return false;
}

static int opened(int file, const char *path, int flags) {
    const char *name = name_in_directory(path);
    if (file >= 0 && file < FILES_MAX) {
        pthread_mutex_lock(&lock);
        strcpy(names[file], name == NULL ? "" : name);
        if (name != NULL && (flags & O_TRUNC) != 0) append(TRUNCATE, name, 0, NULL, 0);
        pthread_mutex_unlock(&lock);
    }
    return file;
}

#define MODE(flags, mode)                                \
    mode_t mode = 0;                                     \
    if ((flags & (O_CREAT | O_TMPFILE)) != 0) {          \
        va_list arguments;                               \
        va_start(arguments, flags);                      \
        mode = va_arg(arguments, mode_t);                \
        va_end(arguments);                               \
    }

int open(const char *path, int flags, ...) {
    MODE(flags, mode)
    if (!is_permitted(path, flags)) return -1;
    int (*open_next)(const char *, int, ...) = next("open");
    return opened(open_next(path, flags, mode), path, flags);
}

int open64(const char *path, int flags, ...) {
    MODE(flags, mode)
    if (!is_permitted(path, flags)) return -1;
    int (*open_next)(const char *, int, ...) = next("open64");
    return opened(open_next(path, flags, mode), path, flags);
}

int openat(int directory, const char *path, int flags, ...) {
    MODE(flags, mode)
    if (!is_permitted(path, flags)) return -1;
    int (*open_next)(int, const char *, int, ...) = next("openat");
    return opened(open_next(directory, path, flags, mode), path, flags);
}

int openat64(int directory, const char *path, int flags, ...) {
    MODE(flags, mode)
    if (!is_permitted(path, flags)) return -1;
    int (*open_next)(int, const char *, int, ...) = next("openat64");
    return opened(open_next(directory, path, flags, mode), path, flags);
}

int close(int file) {
    int (*close_next)(int) = next("close");
    pthread_mutex_lock(&lock);
    if (file >= 0 && file < FILES_MAX) names[file][0] = 0;
    int result = close_next(file);
    pthread_mutex_unlock(&lock);
    return result;
}

static ssize_t write_at(int file, const void *data, size_t length, off64_t offset) {
    ssize_t (*write_next)(int, const void *, size_t, off64_t) = next("pwrite64");
    const char *name = name_of(file);
    if (name == NULL) return write_next(file, data, length, offset);
    if (!succeeds("write")) return -1;
    length = (size_t)(end_of_space(file, offset, offset + (off64_t)length) - offset);
    if (length == 0) return -1;
    pthread_mutex_lock(&lock);
    ssize_t written = write_next(file, data, length, offset);
    if (written > 0) append(WRITE, name, (uint64_t)offset, data, (uint64_t)written);
    pthread_mutex_unlock(&lock);
    return written;
}

ssize_t pwrite(int file, const void *data, size_t length, off_t offset) {
    return write_at(file, data, length, offset);
}

ssize_t pwrite64(int file, const void *data, size_t length, off64_t offset) {
    return write_at(file, data, length, offset);
}

ssize_t write(int file, const void *data, size_t length) {
    ssize_t (*write_next)(int, const void *, size_t) = next("write");
    const char *name = name_of(file);
    if (name == NULL) return write_next(file, data, length);
    if (!succeeds("write")) return -1;
    pthread_mutex_lock(&lock);
    /* A file that is appended to is written at its end, wherever its position is. */
    ssize_t written = write_next(file, data, length);
    if (written > 0) append(WRITE, name, (uint64_t)(lseek64(file, 0, SEEK_CUR) - written), data, (uint64_t)written);
    pthread_mutex_unlock(&lock);
    return written;
}

static int truncate_to(int file, off64_t length) {
    int (*truncate_next)(int, off64_t) = next("ftruncate64");
    const char *name = name_of(file);
    if (name == NULL) return truncate_next(file, length);
    if (!succeeds("truncate")) return -1;
    if (end_of_space(file, 0, length) != length) {
        errno = ENOSPC;
        return -1;
    }
    pthread_mutex_lock(&lock);
    int result = truncate_next(file, length);
    if (result == 0) append(TRUNCATE, name, (uint64_t)length, NULL, 0);
    pthread_mutex_unlock(&lock);
    return result;
}

int ftruncate(int file, off_t length) { return truncate_to(file, length); }
int ftruncate64(int file, off64_t length) { return truncate_to(file, length); }

/* The lock is held meanwhile, so it is certain which writes were there to be synced. */
static int synced(const char *function, int file) {
    int (*sync_next)(int) = next(function);
    const char *name = name_of(file);
    if (name == NULL) return sync_next(file);
    if (!succeeds("sync")) return -1;
    delay_sync();
    if (has_fault("sync")) {
        errno = EIO;
        return -1;
    }
    pthread_mutex_lock(&lock);
    int result = sync_next(file);
    if (result == 0) append(SYNC, name, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
    return result;
}

int fsync(int file) { return synced("fsync", file); }
int fdatasync(int file) { return synced("fdatasync", file); }

int unlink(const char *path) {
    int (*unlink_next)(const char *) = next("unlink");
    const char *name = name_in_directory(path);
    if (name == NULL) return unlink_next(path);
    pthread_mutex_lock(&lock);
    int result = unlink_next(path);
    if (result == 0) append(REMOVE, name, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
    return result;
}
