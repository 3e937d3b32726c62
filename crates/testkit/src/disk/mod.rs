//! A disk that is watched: what a process does to its files is recorded, to be replayed as a power cut
//! would leave it, and is made to fail when a test says so.

mod record;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub use record::{Record, Rng};

const SOURCE: &str = include_str!("preload.c");
/// What tells a preloaded process which directory is watched, and which file says what is to fail.
const DIRECTORY: &str = "DISK_DIRECTORY";
const FAULT: &str = "DISK_FAULT";

/// A directory whose files are watched in the processes that are [preloaded](WatchedDisk::preload).
pub struct WatchedDisk {
    library: PathBuf,
    directory: PathBuf,
    record: PathBuf,
    fault: PathBuf,
}

/// What fails on a disk.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// It is full: no file gets longer.
    Full,
    /// What was written cannot be synced.
    Sync,
    /// No file can be opened to write to it.
    ReadOnly,
    /// No file can be made.
    ReadOnlyDirectory,
}

impl WatchedDisk {
    /// Makes the directory `files` in `parent`, and beside it the library and what goes with it.
    ///
    /// # Panics
    /// Without a C compiler, which building Headroom takes as well.
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

    /// The directory of the files.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Has `command` run on this disk.
    pub fn preload(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.library).env(DIRECTORY, &self.directory);
        command.env("DISK_RECORD", &self.record).env(FAULT, &self.fault);
    }

    /// What was done to the files until now.
    ///
    /// # Panics
    /// If it cannot be read.
    #[must_use]
    pub fn record(&self) -> Record {
        Record::parse(&fs::read(&self.record).expect("the record is there"))
    }

    /// Makes what the processes do fail from now on; or no longer, with `None`.
    pub fn set_fault(&self, fault: Option<Fault>) {
        set_fault(&self.fault, fault);
    }
}

/// The directory that is watched, in a process that was preloaded.
///
/// # Panics
/// In one that was not.
#[must_use]
pub fn directory_of_this_process() -> PathBuf {
    std::env::var_os(DIRECTORY).expect("the process is preloaded").into()
}

/// As [`WatchedDisk::set_fault`], in a process that was preloaded.
///
/// # Panics
/// In one that was not.
pub fn set_fault_of_this_process(fault: Option<Fault>) {
    set_fault(Path::new(&std::env::var_os(FAULT).expect("the process is preloaded")), fault);
}

fn set_fault(path: &Path, fault: Option<Fault>) {
    let done = match fault {
        Some(Fault::Full) => fs::write(path, "full"),
        Some(Fault::Sync) => fs::write(path, "sync"),
        Some(Fault::ReadOnly) => fs::write(path, "readonly"),
        Some(Fault::ReadOnlyDirectory) => fs::write(path, "directory"),
        None => fs::remove_file(path),
    };
    done.expect("the fault can be set");
}
