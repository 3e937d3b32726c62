//! Makes backups at intervals, on a thread of the server.
//!
//! A backup is due when the newest one in the directory is old enough. So a restart causes none,
//! and of several processes of a database, the first that takes the lock of the directory makes it.

use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use domain::ports::Clock;
use domain::{SignedDuration, Timestamp};
use storage::backup::{BackupError, BackupStep, Overwrite};
use thiserror::Error;

use super::files::BackupFiles;
use super::{BackedUpKeys, Backup, BackupFailure, BackupMonitor, BackupSchedule, DatabaseFiles, create};
use crate::clock::SystemClock;
use crate::priority::give_way;

/// How often the directory is looked at, at least, so that [`BackupMonitor`] knows about the
/// backups of other processes.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// After how long a failed backup is tried again, unless the next one is due before.
const RETRY_AFTER: Duration = Duration::from_mins(5);

/// A database with a schedule.
pub(crate) struct ScheduledDatabase {
    pub(crate) files: DatabaseFiles,
    pub(crate) schedule: BackupSchedule,
}

/// The thread that makes backups.
pub(crate) struct BackupScheduler {
    stop: Arc<Stop>,
}

/// Ends the thread.
#[derive(Default)]
struct Stop {
    is_stopping: AtomicBool,
    /// Locked while the database is read.
    reading: Mutex<()>,
    sleeping: Mutex<()>,
    woken: Condvar,
}

/// Why a scheduled backup was not made.
#[derive(Debug, Error)]
enum ScheduleError {
    #[error("cannot use the directory: {0}")]
    Directory(#[from] io::Error),
    #[error(transparent)]
    Backup(#[from] BackupFailure),
}

impl BackupScheduler {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system cannot start a thread.
    pub(crate) fn start(database: ScheduledDatabase, monitor: Arc<BackupMonitor>) -> io::Result<Self> {
        let stop = Arc::new(Stop::default());
        let stopped = Arc::clone(&stop);
        thread::Builder::new().name("backups".into()).spawn(move || run(&database, &monitor, &stopped))?;
        Ok(Self { stop })
    }

    /// Ends a backup, and returns when the database is not read any more: a snapshot would keep the
    /// store from truncating its log. A copy that is being checked is abandoned, and removed later.
    pub(crate) fn stop(&self) {
        self.stop.is_stopping.store(true, Ordering::Release);
        drop(self.stop.sleeping.lock());
        self.stop.woken.notify_all();
        drop(self.stop.reading.lock());
    }
}

impl Stop {
    fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Acquire)
    }

    /// Waits, unless the thread is to end meanwhile.
    fn wait(&self, time: Duration) {
        let sleeping = self.sleeping.lock().unwrap_or_else(PoisonError::into_inner);
        // Its error says that another thread panicked, which changes nothing here.
        drop(self.woken.wait_timeout_while(sleeping, time, |()| !self.is_stopping()));
    }
}

fn run(database: &ScheduledDatabase, monitor: &BackupMonitor, stop: &Stop) {
    let ScheduledDatabase { files, schedule } = database;
    let backups = BackupFiles::new(&schedule.dir, &files.database);
    while !stop.is_stopping() {
        let wait = match make_if_due(database, &backups, monitor, stop) {
            Ok(wait) => wait,
            Err(ScheduleError::Backup(BackupFailure::Database(BackupError::Stopped))) => return,
            Err(error) => {
                monitor.failed();
                let wait = schedule.every.min(RETRY_AFTER);
                log::error!(
                    "the scheduled backup to {} failed, the next attempt is in {} s: {error}",
                    schedule.dir.display(),
                    wait.as_secs()
                );
                wait
            }
        };
        stop.wait(wait);
    }
}

/// Makes a backup if one is due and no other process makes it. Returns for how long to wait.
fn make_if_due(
    database: &ScheduledDatabase,
    backups: &BackupFiles,
    monitor: &BackupMonitor,
    stop: &Stop,
) -> Result<Duration, ScheduleError> {
    let ScheduledDatabase { files, schedule } = database;
    if let Some(wait) = time_to_wait(backups, schedule, monitor)? {
        return Ok(wait);
    }
    let Some(lock) = backups.lock()? else {
        log::debug!("another process makes the scheduled backup");
        return Ok(schedule.every.min(LOOK_EVERY));
    };
    // Another process may have made one until it released the lock.
    if let Some(wait) = time_to_wait(backups, schedule, monitor)? {
        return Ok(wait);
    }
    backups.remove_abandoned();
    let at = SystemClock.now();
    let path = backups.path(at);
    let backup = make(files, &path, stop)?;
    monitor.succeeded(at, backup.bytes);
    report(&path.display().to_string(), &backup);
    if let Err(error) = backups.remove_old(schedule.keep, at) {
        log::error!("cannot remove old backups in {}: {error}", schedule.dir.display());
    }
    drop(lock);
    Ok(schedule.every.min(LOOK_EVERY))
}

/// How long to wait until a backup is due; `None` if one is due.
fn time_to_wait(
    backups: &BackupFiles,
    schedule: &BackupSchedule,
    monitor: &BackupMonitor,
) -> io::Result<Option<Duration>> {
    let now = SystemClock.now();
    // Those of a clock that was set back are not counted.
    let Some(newest) = backups.list()?.into_iter().rfind(|&at| at <= now) else { return Ok(None) };
    let bytes = fs::metadata(backups.path(newest)).ok().map(|found| found.len());
    monitor.newest(newest, bytes);
    let wait = time_until_due(newest, schedule.every, now);
    if let Some(wait) = wait {
        log::debug!("the next scheduled backup is due in {} s", wait.as_secs());
    }
    Ok(wait.map(|wait| wait.min(LOOK_EVERY)))
}

/// The time until a backup is due after the newest; `None` if one is due.
fn time_until_due(newest: Timestamp, every: Duration, now: Timestamp) -> Option<Duration> {
    let every = SignedDuration::try_from(every).ok()?;
    let left = every.checked_sub(now.duration_since(newest))?;
    Duration::try_from(left).ok().filter(|left| !left.is_zero())
}

/// Makes a backup on a thread of its own, whose priority is low when the pages are copied. The copy
/// itself is made at normal priority: the log of the database grows until it is complete.
fn make(files: &DatabaseFiles, path: &Path, stop: &Stop) -> Result<Backup, ScheduleError> {
    let work = || {
        let mut reading = Some(stop.reading.lock().unwrap_or_else(PoisonError::into_inner));
        let made = create(files, path, Overwrite::No, &mut |progress| {
            if progress.step != BackupStep::Copying && reading.take().is_some() {
                lower_priority();
            }
            if stop.is_stopping() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        drop(reading);
        made
    };
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("backup".into()).spawn_scoped(scope, work)?;
        let made = thread.join().map_err(|_| io::Error::other("the thread of the backup panicked"))?;
        Ok(made?)
    })
}

fn lower_priority() {
    if let Err(error) = give_way() {
        log::debug!("the check of the backup keeps the normal priority: {error}");
    }
}

fn report(path: &str, backup: &Backup) {
    let Backup { bytes, took, keys, findings } = backup;
    log::info!("backed up the database to {path}: {bytes} bytes in {:.1} s", took.as_secs_f64());
    if let BackedUpKeys::Missing(path) = keys {
        log::warn!("the backup has no signing keys: {} does not exist", path.display());
    }
    if *findings > 0 {
        log::error!("{findings} usage counters of the database differ from their rows: run headroom verify");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_due_when_the_newest_is_old_enough() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let (newest, hour) = (at("2026-11-29T04:00:00Z"), Duration::from_hours(1));
        for (now, left) in [
            ("2026-11-29T04:00:00Z", Some(3600)),
            ("2026-11-29T04:59:59Z", Some(1)),
            ("2026-11-29T05:00:00Z", None),
            ("2026-11-30T05:00:00Z", None),
        ] {
            assert_eq!(time_until_due(newest, hour, at(now)), left.map(Duration::from_secs), "{now}");
        }
    }
}
