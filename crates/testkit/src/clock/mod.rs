//! A wall clock that jumps: that of a process, moved by a preloaded library.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::preload::compile;

/// The clock of [preloaded](MovedClock::preload) processes.
pub struct MovedClock {
    library: PathBuf,
    file: PathBuf,
}

impl MovedClock {
    /// Creates the library in `parent`, with a clock that is right.
    ///
    /// # Panics
    /// If there is no C compiler. Headroom needs one, too.
    #[must_use]
    pub fn new(parent: &Path) -> Self {
        let parent = parent.canonicalize().expect("the directory exists");
        let library = compile(&parent, "clock", include_str!("preload.c"));
        let clock = Self { library, file: parent.join("clock") };
        clock.set(0);
        clock
    }

    /// Preloads the library into `command`.
    pub fn preload(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.library).env("CLOCK_FILE", &self.file);
    }

    /// Makes the clock run ahead by so many seconds from now on, or behind if it is negative.
    ///
    /// # Panics
    /// If the file cannot be written.
    pub fn set(&self, seconds: i64) {
        // Renamed, so that no process reads a part of it.
        let new = self.file.with_extension("new");
        fs::write(&new, seconds.to_string()).and_then(|()| fs::rename(&new, &self.file)).expect("the clock can be set");
    }
}
