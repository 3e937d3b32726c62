//! Output of commands on standard output.

use std::fmt::Display;
use std::io::{ErrorKind, Write, stdout};

/// Writes a text. A reader that closes the pipe early, such as `head`, is not an error.
///
/// # Panics
/// If it cannot be written for another reason, as `println!` does.
pub(crate) fn print(text: impl Display) {
    let text = text.to_string();
    let mut stdout = stdout().lock();
    if let Err(error) = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        assert!(error.kind() == ErrorKind::BrokenPipe, "cannot write to the standard output: {error}");
    }
}

/// Writes a text and ends the line.
///
/// # Panics
/// As [`print`].
pub(crate) fn print_line(text: impl Display) {
    print(format_args!("{text}\n"));
}
