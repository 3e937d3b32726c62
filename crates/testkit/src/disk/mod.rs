//! A disk under observation: file operations of a process are recorded, to replay power cuts, and
//! fail on demand.

mod record;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

pub use record::{Record, Replay, Rng};

use crate::preload::compile;

/// The environment variables of a preloaded process: the watched directory, and the file that names
/// the fault.
const DIRECTORY: &str = "DISK_DIRECTORY";
const FAULT: &str = "DISK_FAULT";

/// A directory whose files are watched in [preloaded](WatchedDisk::preload) processes.
pub struct WatchedDisk {
    library: PathBuf,
    directory: PathBuf,
    record: PathBuf,
    fault: PathBuf,
}

/// A fault of a disk.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DiskFault {
    /// The disk is full: no file can grow.
    Full,
    /// The files cannot have more bytes than this altogether.
    Space(u64),
    /// The operation with this number fails, counted from 1 since the fault was set.
    Nth {
        /// What fails.
        operation: FailingOperation,
        /// The number.
        number: u64,
        /// Whether all later ones fail, too.
        is_lasting: bool,
    },
    /// Syncing fails.
    Sync,
    /// Syncing takes so many milliseconds longer.
    SlowSync(u64),
    /// Opening a file for writing fails.
    ReadOnly,
    /// Creating a file fails.
    ReadOnlyDirectory,
}

/// An operation that a [`DiskFault::Nth`] is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FailingOperation {
    /// Writing to a file.
    Write,
    /// Syncing a file.
    Sync,
    /// Opening a file.
    Open,
    /// Truncating or extending a file.
    Truncate,
}

impl FailingOperation {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Write, Self::Sync, Self::Open, Self::Truncate];
}

impl WatchedDisk {
    /// Creates the directory `files` in `parent`, and beside it the library and its files.
    ///
    /// # Panics
    /// If there is no C compiler. Headroom needs one, too.
    #[must_use]
    pub fn new(parent: &Path) -> Self {
        let parent = parent.canonicalize().expect("the directory exists");
        let disk = Self {
            library: compile(&parent, "disk", include_str!("preload.c")),
            directory: parent.join("files"),
            record: parent.join("record"),
            fault: parent.join("fault"),
        };
        fs::create_dir(&disk.directory).expect("a directory can be made");
        disk
    }

    /// The watched directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Preloads the library into `command`.
    pub fn preload(&self, command: &mut Command) {
        self.preload_without_record(command);
        command.env("DISK_RECORD", &self.record);
    }

    /// As [`WatchedDisk::preload`], without a record of the operations.
    pub fn preload_without_record(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.library).env(DIRECTORY, &self.directory).env(FAULT, &self.fault);
    }

    /// The operations recorded so far.
    ///
    /// # Panics
    /// If the record cannot be read.
    #[must_use]
    pub fn record(&self) -> Record {
        Record::parse(&fs::read(&self.record).expect("the record is there"))
    }

    /// Sets the fault of the disk from now on; `None` for no fault.
    pub fn set_fault(&self, fault: Option<DiskFault>) {
        set_fault(&self.fault, fault);
    }

    /// Whether the [`DiskFault::Nth`] that was set last has made an operation fail.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        hit(&self.fault).exists()
    }

    /// How many bytes the files have.
    ///
    /// # Panics
    /// If the directory cannot be read.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let files = fs::read_dir(&self.directory).expect("the directory can be read");
        files.map(|file| file.and_then(|file| file.metadata()).map_or(0, |file| file.len())).sum()
    }
}

/// The watched directory, in a preloaded process.
///
/// # Panics
/// If the process is not preloaded.
#[must_use]
pub fn directory_of_this_process() -> PathBuf {
    std::env::var_os(DIRECTORY).expect("the process is preloaded").into()
}

/// Like [`WatchedDisk::set_fault`], in a preloaded process.
///
/// # Panics
/// If the process is not preloaded.
pub fn set_fault_of_this_process(fault: Option<DiskFault>) {
    set_fault(&fault_of_this_process(), fault);
}

/// Like [`WatchedDisk::has_failed`], in a preloaded process.
///
/// # Panics
/// If the process is not preloaded.
#[must_use]
pub fn has_failed_in_this_process() -> bool {
    hit(&fault_of_this_process()).exists()
}

fn fault_of_this_process() -> PathBuf {
    std::env::var_os(FAULT).expect("the process is preloaded").into()
}

/// The file that says that an operation has failed.
fn hit(fault: &Path) -> PathBuf {
    fault.with_extension("hit")
}

fn set_fault(path: &Path, fault: Option<DiskFault>) {
    static SET: AtomicU64 = AtomicU64::new(0);
    let text = match fault {
        None => String::new(),
        Some(DiskFault::Full) => "full".to_owned(),
        Some(DiskFault::Space(bytes)) => format!("space {bytes}"),
        Some(DiskFault::Nth { operation, number, is_lasting }) => {
            let (operation, lasting) =
                (format!("{operation:?}").to_lowercase(), if is_lasting { "lasting" } else { "once" });
            format!("nth {operation} {number} {lasting} {}", SET.fetch_add(1, Ordering::Relaxed))
        }
        Some(DiskFault::Sync) => "sync".to_owned(),
        Some(DiskFault::SlowSync(milliseconds)) => format!("slow {milliseconds}"),
        Some(DiskFault::ReadOnly) => "readonly".to_owned(),
        Some(DiskFault::ReadOnlyDirectory) => "directory".to_owned(),
    };
    if fault.is_some() {
        // Of the fault before, if there was one.
        let _ = fs::remove_file(hit(path));
    }
    // Renamed, so that no operation finds a part of it.
    let new = path.with_extension("new");
    fs::write(&new, text).and_then(|()| fs::rename(new, path)).expect("the fault can be set");
}
