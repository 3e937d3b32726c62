//! A disk under observation: file operations of a process are recorded, to replay power cuts, and
//! fail on demand.

mod record;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub use record::{Record, Replay, Rng};

const SOURCE: &str = include_str!("preload.c");
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
    /// Syncing fails.
    Sync,
    /// Opening a file for writing fails.
    ReadOnly,
    /// Creating a file fails.
    ReadOnlyDirectory,
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
            library: parent.join("disk.so"),
            directory: parent.join("files"),
            record: parent.join("record"),
            fault: parent.join("fault"),
        };
        fs::create_dir(&disk.directory).expect("a directory can be made");
        let source = parent.join("disk.c");
        fs::write(&source, SOURCE).expect("a file can be written");
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
        let mut compile = Command::new(compiler);
        compile.args(["-shared", "-fPIC", "-O1", "-o"]).args([&disk.library, &source]).arg("-ldl");
        assert!(compile.status().expect("there is a C compiler").success(), "{compile:?}");
        disk
    }

    /// The watched directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Preloads the library into `command`.
    pub fn preload(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.library).env(DIRECTORY, &self.directory);
        command.env("DISK_RECORD", &self.record).env(FAULT, &self.fault);
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
    set_fault(Path::new(&std::env::var_os(FAULT).expect("the process is preloaded")), fault);
}

fn set_fault(path: &Path, fault: Option<DiskFault>) {
    let done = match fault {
        Some(DiskFault::Full) => fs::write(path, "full"),
        Some(DiskFault::Sync) => fs::write(path, "sync"),
        Some(DiskFault::ReadOnly) => fs::write(path, "readonly"),
        Some(DiskFault::ReadOnlyDirectory) => fs::write(path, "directory"),
        None => fs::remove_file(path),
    };
    done.expect("the fault can be set");
}
