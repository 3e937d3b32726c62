//! Erasure and retention, in memory. An erasure is complete after one step.

use domain::error::StorageError;
use domain::ports::{Erasures, ReadErasures, Retention};
use domain::{
    AccountId, Attribution, Booking, Date, ERASED, Erasure, ErasureCounts, ErasureSubject, ExternalId, Metric, Name,
    Origin, Retained, Timestamp, UNBOUNDED, UsageRecord, UserId, Uuid, window_of_day,
};

use super::{CounterKey, Draft};

/// What is left of an origin.
fn erased_origin() -> Origin {
    Origin { address: None, request_id: ERASED.into() }
}

impl Draft {
    fn mark_unrecorded(&mut self, key: CounterKey) {
        self.change().counters.entry(key).and_modify(|counter| counter.is_recorded = false);
    }

    fn discard_charges(&mut self, account: AccountId, source: Uuid) {
        for charge in self.change().charges.remove(&(account, source)).unwrap_or_default() {
            self.mark_unrecorded((account, charge.metric, charge.window_start));
        }
    }

    fn discard_booking(&mut self, booking: &Booking) {
        if booking.is_counted() {
            self.mark_unrecorded((booking.account_id, Metric::BOOKINGS_PER_DAY, window_of_day(booking.day)));
        }
        self.discard_charges(booking.account_id, booking.id.uuid());
        self.change().bookings.remove(&booking.id);
    }

    fn discard_usage_record(&mut self, record: &UsageRecord) {
        self.discard_charges(record.account_id, record.id.uuid());
        self.change().usage_records.remove(&record.id);
    }

    fn erase_account(&mut self, account: AccountId, requested_at: Timestamp) {
        let bookings: Vec<Booking> = self.0.bookings.values().filter(|it| it.account_id == account).cloned().collect();
        for booking in &bookings {
            self.discard_booking(booking);
        }
        let records = self.0.usage_records.values().filter(|it| it.account_id == account);
        let records: Vec<UsageRecord> = records.cloned().collect();
        for record in &records {
            self.discard_usage_record(record);
        }
        let state = self.change();
        for ((its, metric, window), counter) in &mut state.counters {
            if *its == account && *window == UNBOUNDED && *metric != Metric::STAFF {
                counter.is_recorded = false;
            }
        }
        state.members.retain(|(its, _), _| *its != account);
        state.feature_overrides.retain(|(its, _), _| *its != account);
        state.subscription_changes.retain(|(its, _), _| *its != account);
        state.allocations.retain(|(its, _, _), _| *its != account);
        state.holds.retain(|_, hold| hold.account_id != account);
        if let Some(account) = state.accounts.get_mut(&account) {
            account.overrides.clear();
            account.grants.clear();
        }
        for member in state.staff.values_mut().filter(|it| it.account_id == account) {
            (member.name, member.email, member.created_by.origin) = (Name::erased(), None, erased_origin());
        }
        for entry in &mut state.audit {
            if entry.account_id == Some(account) && entry.created_at < requested_at {
                entry.origin = erased_origin();
                if entry.action.as_str().starts_with("allocation") {
                    entry.resource = ERASED.into();
                }
            }
        }
    }

    fn erase_user(&mut self, user: UserId) {
        let erase = |by: &mut Attribution| {
            if by.user_id == user {
                by.origin = erased_origin();
            }
        };
        let state = self.change();
        state.staff.values_mut().for_each(|it| erase(&mut it.created_by));
        state.bookings.values_mut().for_each(|it| erase(&mut it.created_by));
        state.usage_records.values_mut().for_each(|it| erase(&mut it.created_by));
        state.holds.values_mut().for_each(|it| erase(&mut it.created_by));
        state.allocations.values_mut().for_each(|it| erase(&mut it.created_by));
        for entry in state.audit.iter_mut().filter(|entry| entry.user_id == user) {
            entry.origin = erased_origin();
        }
    }
}

fn count<T>(rows: impl Iterator<Item = T>, is_counted: impl Fn(&T) -> bool) -> u64 {
    rows.filter(|row| is_counted(row)).count() as u64
}

impl ReadErasures for Draft {
    fn count_erasable(&mut self, subject: ErasureSubject) -> Result<ErasureCounts, StorageError> {
        let state = &self.0;
        Ok(match subject {
            ErasureSubject::Account(id) => ErasureCounts {
                members: count(state.members.keys(), |(its, _)| *its == id),
                staff_members: count(state.staff.values(), |it| it.account_id == id),
                bookings: count(state.bookings.values(), |it| it.account_id == id),
                usage_records: count(state.usage_records.values(), |it| it.account_id == id),
                allocations: count(state.allocations.keys(), |(its, _, _)| *its == id),
                holds: count(state.holds.values(), |it| it.account_id == id),
                audit_entries: count(state.audit.iter(), |it| it.account_id == Some(id)),
                ..ErasureCounts::default()
            },
            ErasureSubject::User(id) => ErasureCounts {
                members: count(state.members.keys(), |(_, its)| *its == id),
                sessions: count(state.sessions.values(), |it| it.user_id == id),
                api_keys: count(state.api_keys.values(), |it| it.user_id == id),
                ..ErasureCounts::default()
            },
        })
    }
}

impl Erasures for Draft {
    fn release_external_id(&mut self, account: AccountId, external_id: &ExternalId) -> Result<(), StorageError> {
        self.account_mut(account)?.external_id = None;
        self.change().external_ids.remove(external_id);
        Ok(())
    }

    fn insert_erasure(&mut self, erasure: &Erasure) -> Result<(), StorageError> {
        if self.0.erasures.iter().any(|known| known.subject == erasure.subject) {
            return Err(StorageError::Backend("the id is taken".to_owned()));
        }
        self.change().erasures.push(*erasure);
        Ok(())
    }

    fn continue_erasure(&mut self, _: usize) -> Result<bool, StorageError> {
        let Some(Erasure { subject, requested_at }) = self.change().erasures.pop() else { return Ok(false) };
        match subject {
            ErasureSubject::Account(id) => self.erase_account(id, requested_at),
            ErasureSubject::User(id) => self.erase_user(id),
        }
        Ok(true)
    }
}

/// The start of the next step, if this one was full.
fn next(deleted: usize, max: usize) -> Option<AccountId> {
    (deleted == max).then_some(AccountId::from_uuid(Uuid::nil()))
}

impl Retention for Draft {
    fn delete_before(
        &mut self,
        retained: Retained,
        before: Date,
        _: Option<AccountId>,
        max: usize,
    ) -> Result<Option<AccountId>, StorageError> {
        let count = match retained {
            Retained::Bookings => {
                let old = self.0.bookings.values().filter(|it| it.day < before).take(max);
                let old: Vec<Booking> = old.cloned().collect();
                for booking in &old {
                    self.discard_booking(booking);
                }
                old.len()
            }
            Retained::UsageRecords => {
                let old = self.0.usage_records.values().filter(|it| it.occurrence.day < before).take(max);
                let old: Vec<UsageRecord> = old.cloned().collect();
                for record in &old {
                    self.discard_usage_record(record);
                }
                old.len()
            }
        };
        Ok(next(count, max))
    }
}
