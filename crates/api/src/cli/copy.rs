//! `headroom copy`: copies a database into another one, from SQLite to PostgreSQL or back.

use std::io::{self, IsTerminal};
use std::time::Instant;

use clap::Args;
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use secrecy::ExposeSecret;
use storage::copy::{CopiedTable, CopyError, CopyStep, Progress, copy};
use storage::{DatabaseUrl, InvalidDatabaseUrl};
use thiserror::Error;

use super::output;
use crate::config::{Database, SecretFileFault, read_secret_file};

/// The progress bar on a terminal.
const BAR: &str = "{msg:<30} {wide_bar} {percent:>3} % {elapsed}";

/// Copies all rows in one transaction, and compares rows, counters and checksums before it commits.
/// If it is stopped, the target stays empty, and the copy can be started again.
///
/// Stop Headroom first: writes during the copy are not copied. The source is not changed.
#[derive(Args)]
pub(crate) struct CopyCommand {
    /// What to copy: sqlite:// and the path of a file, or `postgres://user:password@host/database`
    #[arg(long, env = "HEADROOM_COPY_FROM", hide_env_values = true)]
    #[arg(required_unless_present = "from_file", conflicts_with = "from_file")]
    from: Option<String>,
    /// Where to: a new file, or a newly created database
    #[arg(long, env = "HEADROOM_COPY_TO", hide_env_values = true)]
    #[arg(required_unless_present = "to_file", conflicts_with = "to_file")]
    to: Option<String>,
    /// A file with the value of --from
    #[arg(long, env = "HEADROOM_COPY_FROM_FILE")]
    from_file: Option<String>,
    /// A file with the value of --to
    #[arg(long, env = "HEADROOM_COPY_TO_FILE")]
    to_file: Option<String>,
}

/// An invalid argument. It is not quoted, because it may contain a password.
#[derive(Debug, Error)]
pub(crate) enum InvalidArgument {
    #[error("{flag} takes sqlite:// and the path of a file, or postgres://user:password@host/database: {fault}")]
    Url { flag: &'static str, fault: String },
    #[error("{flag} {fault}")]
    File { flag: &'static str, fault: SecretFileFault },
}

impl CopyCommand {
    /// The source and the target.
    pub(crate) fn parse(&self) -> Result<(DatabaseUrl, DatabaseUrl), InvalidArgument> {
        let from = url(("--from", self.from.as_deref()), ("--from-file", self.from_file.as_deref()))?;
        let to = url(("--to", self.to.as_deref()), ("--to-file", self.to_file.as_deref()))?;
        Ok((from, to))
    }
}

/// The URL that a flag has, or the file that another flag names.
fn url(
    (flag, text): (&'static str, Option<&str>),
    (file_flag, file): (&'static str, Option<&str>),
) -> Result<DatabaseUrl, InvalidArgument> {
    let content = file.map(read_secret_file).transpose();
    let content = content.map_err(|fault| InvalidArgument::File { flag: file_flag, fault })?;
    let text = content.as_ref().map(ExposeSecret::expose_secret).or(text).unwrap_or_default();
    if text.contains(char::is_control) {
        let fault = "it has a control character, such as a line break at the end".to_owned();
        return Err(InvalidArgument::Url { flag, fault });
    }
    text.parse().map_err(|fault: InvalidDatabaseUrl| InvalidArgument::Url { flag, fault: fault.to_string() })
}

/// Copies with a progress display, and prints the copied tables and the next steps.
pub(crate) fn run(from: &DatabaseUrl, to: &DatabaseUrl) -> Result<(), CopyError> {
    let begin = Instant::now();
    let tables = if io::stderr().is_terminal() { copy_with_bar(from, to) } else { copy_with_lines(from, to) }?;
    output::print_line(format_args!(
        "copied {from} to {to} in {:.1} s, and compared it\n",
        begin.elapsed().as_secs_f64()
    ));
    output::print_line(format_args!("{:<20} {:>13} checksum (SHA-256)", "table", "rows"));
    for CopiedTable { name, rows, checksum } in tables {
        output::print_line(format_args!("{name:<20} {:>13} {checksum}", HumanCount(rows).to_string()));
    }
    output::print_line(format_args!("\n{}", next_steps(from, to)));
    Ok(())
}

fn copy_with_bar(from: &DatabaseUrl, to: &DatabaseUrl) -> Result<Vec<CopiedTable>, CopyError> {
    let bar = ProgressBar::no_length();
    if let Ok(style) = ProgressStyle::with_template(BAR) {
        bar.set_style(style);
    }
    let copied = copy(from, to, &mut |Progress { step, done, total }| {
        bar.set_length(total);
        bar.set_position(done);
        bar.set_message(step.to_string());
    });
    bar.finish_and_clear();
    copied
}

/// A line for each step, for a log.
fn copy_with_lines(from: &DatabaseUrl, to: &DatabaseUrl) -> Result<Vec<CopiedTable>, CopyError> {
    let mut last: Option<CopyStep> = None;
    copy(from, to, &mut |Progress { step, done, total }| {
        if last.replace(step) != Some(step) {
            eprintln!("{step} ({} of {} rows done)", HumanCount(done), HumanCount(total));
        }
    })
}

/// The next steps after the copy.
fn next_steps(from: &DatabaseUrl, to: &DatabaseUrl) -> String {
    let [from_keys, to_keys] = [from, to].map(|url| Database::default_key_file(url).display().to_string());
    let keys = if from_keys == to_keys { String::new() } else { format!(", or copy {from_keys} to {to_keys}") };
    format!(
        "To switch:\n\
         1. Stop Headroom if it still runs on {from}. What it has written since the copy began is not copied:\n\
         \u{20}  if it has written anything, copy again, into a new database.\n\
         2. Keep the signing keys: the same HEADROOM_JWT_SECRET or HEADROOM_KEY_FILE as before{keys}.\n\
         \u{20}  Under other keys access tokens are refused (sessions continue with their refresh tokens), cursors of lists\n\
         \u{20}  are refused, and responses that are stored for an Idempotency-Key cannot be read.\n\
         3. Set HEADROOM_DATABASE_URL to {to}{}, run headroom verify, and start Headroom.\n\
         To go back, copy the other way, into a new database.",
        if matches!(to, DatabaseUrl::Postgres(_)) { " with its password" } else { "" },
    )
}
