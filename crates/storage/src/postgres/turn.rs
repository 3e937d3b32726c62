//! The turn of a busy account: units that wait for it run in one transaction, with one lock and one
//! `COMMIT`.

use std::time::Instant;

use domain::AccountId;

use super::error::FailureKind;
use super::job::Job;
use super::transaction::Transaction;
use super::workers::{Worker, answer};
use crate::stages::Stage;
use crate::unit::Outcome;

/// How many units share a transaction at most. After that units of other accounts run first, and
/// the account's row is unlocked for other processes.
const UNITS_MAX: usize = 64;

impl Worker<'_> {
    /// Runs units that wait for an account that this worker holds, and releases it.
    pub(super) fn run_turn(&self, account: AccountId) {
        for job in self.run_together(account) {
            self.run_alone(job, &mut Some(account));
        }
        self.release(account);
    }

    /// Runs units in one transaction, and answers them when it is committed. If it is rolled back,
    /// returns its units, of which the last caused the rollback: each must run alone.
    fn run_together(&self, account: AccountId) -> Vec<Job> {
        let mut jobs = Vec::new();
        let Some(first) = self.dequeue_in_time(account) else { return jobs };
        first.unit.stages().begin(Stage::Connection);
        let mut session = match self.begin(first.deadline) {
            Ok(session) => session,
            Err(error) => {
                self.refuse(vec![first], account, &error);
                return jobs;
            }
        };
        let begun = Instant::now();
        let mut next = Some(first);
        while let Some(mut job) = next {
            session.set_deadline(job.deadline);
            let tx = Transaction::writing(&mut session, &self.shared.accounts, Some(account));
            let (outcome, end) = tx.run_unit(job.unit.as_mut());
            job.unit.stages().begin(Stage::Batch);
            match outcome {
                // It must not run again; its stored result is the error.
                Outcome::Panicked => answer([job], &Ok(())),
                Outcome::Succeeded | Outcome::Refused => jobs.push(job),
            }
            // A unit that is refused before it writes leaves nothing to roll back.
            if end.fault.is_some() || (outcome != Outcome::Succeeded && end.has_written) {
                session.roll_back();
                if let Some(fault) = end.fault.filter(|_| end.is_account_locked) {
                    self.refuse(std::mem::take(&mut jobs), account, &fault.error);
                }
                return jobs;
            }
            next = if jobs.len() < UNITS_MAX { self.dequeue_in_time(account) } else { None };
        }
        let stage = Stage::Commit { units: jobs.len() };
        for job in &jobs {
            job.unit.stages().begin(stage);
        }
        match self.commit(&mut session, jobs.len(), begun) {
            Ok(()) => answer(jobs, &Ok(())),
            Err(fault) if fault.kind == FailureKind::Final => answer(jobs, &Err(fault.error)),
            Err(_) => return jobs,
        }
        Vec::new()
    }

    /// The next unit that waits for the account and still has time to begin. Answers units that do
    /// not.
    fn dequeue_in_time(&self, account: AccountId) -> Option<Job> {
        loop {
            let job = self.shared.accounts.dequeue(account)?;
            match self.connections.record.check_deadline(job.deadline) {
                Ok(()) => return Some(job),
                Err(error) => answer([job], &Err(error)),
            }
        }
    }
}
