//! Retention: old rows are deleted in bounded steps, and their counters stay.

use domain::ports::Store;
use domain::{
    AccountId, Booking, Charge, Date, Metric, Occurrence, Retained, SignedDuration, UsageRecord, window_of_day,
};

use super::{assert_consistent, commit, look, open};
use crate::fixtures::{CountingIds, NOW, booking, day, metric_key, usage_record};

/// Runs all steps, and returns how many there were.
fn delete_before(store: &impl Store, retained: Retained, before: Date, max: usize) -> usize {
    let (mut after, mut steps): (Option<AccountId>, usize) = (None, 0);
    loop {
        after = commit(store, move |tx| tx.delete_before(retained, before, after, max));
        steps += 1;
        assert_consistent(store);
        assert!(steps < 1_000, "the steps do not end");
        if after.is_none() {
            return steps;
        }
    }
}

/// Of all accounts, removed ones included; not of the day itself or later.
pub fn bookings_before_a_day_are_deleted_in_steps(store: &impl Store) {
    let ids = CountingIds::default();
    let accounts = [(); 3].map(|()| open(store, ids.account()).id);
    let [old, kept] = [day("2026-03-19"), day("2026-03-20")];
    let mut bookings = Vec::new();
    for (account, on) in accounts.iter().flat_map(|account| [(account, old), (account, old), (account, kept)]) {
        bookings.push(booking(*account, ids.booking(), on));
    }
    let removed =
        Booking { deleted_at: Some(NOW - SignedDuration::from_hours(720)), ..booking(accounts[0], ids.booking(), old) };
    bookings.push(removed);
    let inserted = bookings.clone();
    commit(store, move |tx| inserted.iter().try_for_each(|booking| tx.insert_booking(booking)));
    assert!(delete_before(store, Retained::Bookings, kept, 1) >= 7);
    assert_eq!(delete_before(store, Retained::Bookings, kept, 1), 1);
    for it in bookings {
        let (account, id) = (it.account_id, it.id);
        let is_there = look(store, move |tx| tx.find_booking(account, id)).is_some();
        assert_eq!(is_there, it.day == kept, "{it:?}");
    }
    for account in accounts {
        let used = |on| look(store, move |tx| tx.used(account, &Metric::BOOKINGS_PER_DAY, window_of_day(on)));
        assert_eq!([used(old), used(kept)], [2, 1]);
    }
}

/// With their charges, those given back included; what they used stays counted.
pub fn usage_records_before_a_day_are_deleted_with_their_charges(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let yesterday = Occurrence { day: day("2026-03-19"), at: NOW - SignedDuration::from_hours(24), period: None };
    let today = usage_record(account, ids.usage_record(), "sms", 1);
    let kept_day = today.occurrence.day;
    assert!(yesterday.day < kept_day);
    let old = UsageRecord { occurrence: yesterday, ..usage_record(account, ids.usage_record(), "sms", 4) };
    let month = window_of_day(day("2026-03-01"));
    let records = [old.clone(), today.clone()];
    commit(store, move |tx| {
        records.iter().try_for_each(|record| {
            tx.insert_usage_record(record)?;
            let charge = Charge { metric: metric_key("sms"), window_start: month, quantity: record.quantity };
            tx.charge(account, record.id.uuid(), &[charge], true)
        })
    });
    delete_before(store, Retained::UsageRecords, kept_day, 10);
    let found = |id| look(store, move |tx| tx.find_usage_record(account, id)).is_some();
    assert_eq!([found(old.id), found(today.id)], [false, true]);
    let used = || look(store, move |tx| tx.used(account, &metric_key("sms"), month));
    assert_eq!(used(), 5);
    // A kept record is still given back in its window.
    commit(store, move |tx| tx.refund(account, today.id.uuid()));
    assert_eq!(used(), 4);
}

/// Bookings and usage records are deleted apart, and what has no rows is no fault.
pub fn retention_without_old_rows_changes_nothing(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let [it, other] = [(); 2].map(|()| booking(account, ids.booking(), day("2026-03-20")));
    let inserted = [it.clone(), other];
    commit(store, move |tx| inserted.iter().try_for_each(|booking| tx.insert_booking(booking)));
    assert_eq!(delete_before(store, Retained::Bookings, day("2026-03-20"), 5), 1);
    delete_before(store, Retained::UsageRecords, day("2030-01-01"), 5);
    let id = it.id;
    assert_eq!(look(store, move |tx| tx.find_booking(account, id)), Some(it));
}
