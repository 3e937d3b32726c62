//! Races for a meter that two metrics limit: neither limit is exceeded, and none is missed.

use std::sync::Arc;

use domain::error::{AdmissionError, UsageError};
use domain::ports::Store;
use domain::use_cases::{record_usage, remove_usage_record};
use domain::{
    AccountId, Meter, Metric, NewUsageRecord, PlanCatalog, SignedDuration, Timestamp, UsageFilter, UsageRecordId,
    Window, Zone, window_of_day,
};

use super::look;
use super::races::{race, subscribed};
use crate::block_on;
use crate::fixtures::{CountingIds, NOW, attribution, catalog_of_counters};

/// The number of rounds of a race, each on another account.
const ROUNDS: usize = 20;
/// A day of the same month as [`NOW`].
const NEXT_DAY: Timestamp = Timestamp::constant(1_774_086_400, 0);

/// Messages, limited by day and by month.
fn catalog(per_day: u64, per_month: u64) -> Arc<PlanCatalog> {
    let metrics = [("sms_per_day", "sms", Window::Day, per_day), ("sms_per_month", "sms", Window::Month, per_month)];
    Arc::new(catalog_of_counters(&metrics))
}

fn messages(quantity: u64, at: Timestamp) -> NewUsageRecord {
    NewUsageRecord { meter: "sms".parse::<Meter>().expect("it is a key"), quantity, at: Some(at) }
}

/// Records a batch; its ids, or `None` if a limit refuses.
fn record(
    store: &impl Store,
    ids: &CountingIds,
    catalog: &Arc<PlanCatalog>,
    account: AccountId,
    batch: &[NewUsageRecord],
) -> Option<Vec<UsageRecordId>> {
    let (catalog, new) = (Arc::clone(catalog), batch.iter().map(|new| (ids.usage_record(), new.clone())));
    let new: Vec<_> = new.collect();
    match block_on(store.write(move |tx| record_usage(tx, &catalog, account, &new, &attribution(), NOW))) {
        Ok(recorded) => Some(recorded.into_iter().map(|it| it.usage.id).collect()),
        Err(UsageError::Admission(AdmissionError::LimitExceeded(_))) => None,
        Err(failure) => panic!("expected usage or a refusal, got {failure}"),
    }
}

/// The counters of both days and of the month, and the number of records.
fn counted(store: &impl Store, account: AccountId) -> ([u64; 2], u64, usize) {
    let metric = |key: &str| key.parse::<Metric>().expect("it is a key");
    let (daily, monthly) = (metric("sms_per_day"), metric("sms_per_month"));
    look(store, move |tx| {
        let day = |at| Zone::UTC.day_of(at).date;
        let by_day = [
            tx.used(account, &daily, window_of_day(day(NOW)))?,
            tx.used(account, &daily, window_of_day(day(NEXT_DAY)))?,
        ];
        let month = tx.used(account, &monthly, window_of_day(day(NOW).first_of_month()))?;
        let records = tx.list_usage_records(account, &UsageFilter::default(), None, 100)?;
        Ok((by_day, month, records.items.len()))
    })
}

/// Requests for one more on one of two days: as many as the month permits, and on neither day more
/// than the day permits. Where the day has less room than the month, the day is filled.
pub fn racing_usage_reaches_every_limit_of_its_meter_exactly(store: &impl Store) {
    let ids = Arc::new(CountingIds::default());
    for (per_day, per_month, expected) in [(5, 7, 7), (3, 7, 6), (5, 5, 5), (0, 7, 0), (7, 0, 0), (20, 33, 33)] {
        let catalog = catalog(per_day, per_month);
        let accounts = subscribed(store, &ids, &catalog, "own", ROUNDS);
        let rounds = race(ROUNDS, |round, thread| {
            let at = if thread % 2 == 0 { NOW } else { NEXT_DAY };
            record(store, &ids, &catalog, accounts[round], &[messages(1, at)]).is_some()
        });
        for (account, outcomes) in accounts.into_iter().zip(rounds) {
            let admitted =
                |day| outcomes.iter().skip(day).step_by(2).filter(|is_admitted| **is_admitted).count() as u64;
            let by_day = [0, 1].map(admitted);
            let total = by_day.iter().sum::<u64>();
            assert_eq!(total, expected, "limits of {per_day} and {per_month}");
            assert!(by_day.iter().all(|count| *count <= per_day), "{by_day:?} with {per_day} a day");
            assert_eq!(counted(store, account), (by_day, total, usize::try_from(total).unwrap_or(usize::MAX)));
        }
    }
}

/// Batches of five on two days: those that fit are recorded, and of the others nothing.
pub fn racing_batches_are_recorded_as_a_whole(store: &impl Store) {
    let ids = Arc::new(CountingIds::default());
    let batch = [messages(1, NOW), messages(2, NEXT_DAY), messages(2, NOW)];
    for (per_day, per_month, batches) in [(100, 23, 4), (10, 100, 3), (100, 4, 0)] {
        let catalog = catalog(per_day, per_month);
        let accounts = subscribed(store, &ids, &catalog, "own", ROUNDS);
        let rounds =
            race(ROUNDS, |round, _| record(store, &ids, &catalog, accounts[round], &batch).map_or(0, |ids| ids.len()));
        for (account, outcomes) in accounts.into_iter().zip(rounds) {
            let records: usize = outcomes.iter().sum();
            assert_eq!(records as u64, 3 * batches, "limits of {per_day} and {per_month}");
            assert_eq!(counted(store, account), ([3 * batches, 2 * batches], 5 * batches, records));
        }
    }
}

/// Of the removals of one record one gives it back, and the room is used by others exactly.
pub fn racing_removals_give_usage_back_once(store: &impl Store) {
    const LIMIT: u64 = 4;
    let ids = Arc::new(CountingIds::default());
    let catalog = catalog(LIMIT, 100);
    let accounts = subscribed(store, &ids, &catalog, "own", ROUNDS);
    let full: Vec<UsageRecordId> = accounts
        .iter()
        .map(|account| record(store, &ids, &catalog, *account, &[messages(LIMIT, NOW)]).expect("there is room")[0])
        .collect();
    let later = NOW + SignedDuration::from_secs(1);
    let rounds = race(ROUNDS, |round, thread| {
        let (account, id) = (accounts[round], full[round]);
        if thread % 2 == 0 {
            let removed = block_on(store.write(move |tx| remove_usage_record(tx, account, id, later)));
            (u64::from(removed.expect("there is the record")), 0)
        } else {
            (0, u64::from(record(store, &ids, &catalog, account, &[messages(1, NOW)]).is_some()))
        }
    });
    for (account, outcomes) in accounts.into_iter().zip(rounds) {
        let removed: u64 = outcomes.iter().map(|(removed, _)| removed).sum();
        let recorded: u64 = outcomes.iter().map(|(_, recorded)| recorded).sum();
        assert!(removed == 1 && recorded <= LIMIT, "{removed} removals, {recorded} recorded");
        let records = usize::try_from(recorded).unwrap_or(usize::MAX);
        assert_eq!(counted(store, account), ([recorded, 0], recorded, records));
    }
}
