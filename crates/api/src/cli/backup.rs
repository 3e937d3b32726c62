//! `headroom backup` and `headroom restore`: copies of an SQLite database and of its signing keys.

use std::io::{self, IsTerminal};
use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::Args;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use serde_json::json;
use storage::backup::{BackupError, BackupProgress, BackupStep, Overwrite, WatchProgress};
use thiserror::Error;

use super::output;
use crate::backups::{self, BackedUpKeys, Backup, BackupFailure, DatabaseFiles, Restored, RestoredKeys};
use crate::config::Config;
use crate::priority::give_way;

/// The progress bar on a terminal.
const BAR: &str = "{msg:<10} {wide_bar} {percent:>3} % {elapsed}";

/// Copies one snapshot of the database into FILE, and the key file into FILE.keys. The copy is
/// checked before it gets its name.
///
/// It works beside a running server. If it fails or is killed, FILE does not exist, or is as it was;
/// what is left in FILE.partial can be deleted.
#[derive(Args)]
pub(crate) struct BackupCommand {
    /// Where to: a new file
    file: PathBuf,
    /// Replace an earlier backup of this name
    #[arg(long)]
    force: bool,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

/// Puts a backup in the place of the database, and the keys in FILE.keys in the place of the
/// signing keys. The backup is checked first.
///
/// Stop all servers of the database before: it is refused while any process has it open.
#[derive(Args)]
pub(crate) struct RestoreCommand {
    /// The backup
    file: PathBuf,
    /// Replace a database and keys that exist
    #[arg(long)]
    force: bool,
}

/// Why the command failed.
#[derive(Debug, Error)]
pub(crate) enum BackupCommandError {
    #[error(
        "{0} is a PostgreSQL database, which is backed up and restored with PostgreSQL's own programs: pg_dump and \
         pg_restore, or a base backup with the write-ahead log. Keep the signing keys and the file of the plans, too"
    )]
    Postgres(String),
    #[error("{0}: --force replaces it")]
    Exists(BackupError),
    #[error(transparent)]
    Failed(BackupFailure),
}

impl From<BackupFailure> for BackupCommandError {
    fn from(failure: BackupFailure) -> Self {
        match failure {
            BackupFailure::Database(error @ BackupError::Exists { .. }) => Self::Exists(error),
            failure => Self::Failed(failure),
        }
    }
}

/// Makes a backup, and prints what is in it.
pub(crate) fn backup(config: &Config, command: &BackupCommand) -> Result<(), BackupCommandError> {
    let BackupCommand { file, force, json } = command;
    let source = database_files(config)?;
    let backup = with_progress(|watch| backups::create(&source, file, overwrite(*force), watch))?;
    if *json {
        output::print_line(json!({
            "file": file,
            "bytes": backup.bytes,
            "key_file": if let BackedUpKeys::Copied(path) = &backup.keys { Some(path) } else { None },
            "duration_seconds": backup.took.as_secs_f64(),
            "counters_that_differ": backup.findings,
        }));
    } else {
        output::print(describe_backup(config, command, &backup));
    }
    warn_of_findings(backup.findings);
    Ok(())
}

fn describe_backup(config: &Config, command: &BackupCommand, backup: &Backup) -> String {
    let Backup { bytes, took, keys, .. } = backup;
    let keys = match keys {
        BackedUpKeys::Copied(path) => path.display().to_string(),
        BackedUpKeys::Environment => "not in the backup: keep HEADROOM_JWT_SECRET yourself".to_owned(),
        BackedUpKeys::Missing(path) => format!("not in the backup: {} does not exist", path.display()),
    };
    format!(
        "backed up {} to {} in {:.1} s, and checked it\nsize: {}\nsigning keys: {keys}\n",
        config.database.url,
        command.file.display(),
        took.as_secs_f64(),
        HumanBytes(*bytes),
    )
}

/// Restores a backup, and prints what was restored.
pub(crate) fn restore(config: &Config, command: &RestoreCommand) -> Result<(), BackupCommandError> {
    let RestoreCommand { file, force } = command;
    let target = database_files(config)?;
    let Restored { bytes, keys, findings } =
        with_progress(|watch| backups::restore(file, &target, overwrite(*force), watch))?;
    let keys = match keys {
        RestoredKeys::Restored(path) => path.display().to_string(),
        RestoredKeys::Environment => "as they were: HEADROOM_JWT_SECRET".to_owned(),
        RestoredKeys::NotInBackup(path) => format!("as they were: {} does not exist", path.display()),
    };
    output::print(format_args!(
        "restored {} to {}, and checked it\nsize: {}\nsigning keys: {keys}\n",
        file.display(),
        config.database.url,
        HumanBytes(bytes),
    ));
    warn_of_findings(findings);
    Ok(())
}

fn database_files(config: &Config) -> Result<DatabaseFiles, BackupCommandError> {
    config
        .database
        .files(config.jwt_secret.is_some())
        .ok_or_else(|| BackupCommandError::Postgres(config.database.url.to_string()))
}

fn overwrite(force: bool) -> Overwrite {
    if force { Overwrite::Yes } else { Overwrite::No }
}

fn warn_of_findings(findings: u64) {
    if findings > 0 {
        eprintln!(
            "headroom: {findings} usage counters differ from their rows, in the copy as in the database: run headroom verify"
        );
    }
}

/// Runs with a progress bar, on a terminal. Servers have priority over the check of the copy.
fn with_progress<T>(run: impl FnOnce(&mut WatchProgress<'_>) -> T) -> T {
    let bar = if io::stderr().is_terminal() { ProgressBar::no_length() } else { ProgressBar::hidden() };
    if let Ok(style) = ProgressStyle::with_template(BAR) {
        bar.set_style(style);
    }
    let result = run(&mut |BackupProgress { step, done, total }| {
        bar.set_length(total);
        bar.set_position(done);
        bar.set_message(match step {
            BackupStep::Copying => "copying",
            BackupStep::Writing => "writing",
            BackupStep::Checking => {
                // The check takes longer if the system refuses it; nothing else changes.
                let _ = give_way();
                "checking"
            }
        });
        ControlFlow::Continue(())
    });
    bar.finish_and_clear();
    result
}
