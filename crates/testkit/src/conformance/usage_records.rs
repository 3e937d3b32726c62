//! Usage records and what they are charged.

use domain::error::StorageError;
use domain::ports::{ReadTx, Store};
use domain::{
    AccountId, Charge, Metric, Occurrence, Timestamp, UsageFilter, UsageRecord, UsageRecordId, Window, Zone,
    day_of_window,
};

use super::{assert_refused, commit, look, open};
use crate::fixtures::{CountingIds, NOW, attribution, day, instant};

/// Usage of `sms` at an instant, in UTC without a subscription.
fn usage(account_id: AccountId, id: UsageRecordId, at: Timestamp) -> UsageRecord {
    UsageRecord {
        id,
        account_id,
        meter: "sms".parse().expect("it is a key"),
        quantity: 3,
        occurrence: Occurrence::new(at, &Zone::UTC, None),
        created_at: NOW,
        deleted_at: None,
        created_by: attribution(),
    }
}

fn insert(store: &impl Store, record: &UsageRecord) {
    let record = record.clone();
    commit(store, move |tx| tx.insert_usage_record(&record));
}

fn found(store: &impl Store, account: AccountId, id: UsageRecordId) -> Option<UsageRecord> {
    look(store, move |tx| tx.find_usage_record(account, id))
}

/// With every field, before and after it is removed.
pub fn a_usage_record_is_found_as_it_was_recorded_and_removed(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let plain = usage(account, ids.usage_record(), NOW);
    let occurrence = Occurrence { period: Some(day("2026-03-07")), ..plain.occurrence };
    let most = UsageRecord { quantity: domain::QUANTITY_MAX, occurrence, ..usage(account, ids.usage_record(), NOW) };
    for record in [plain, most] {
        assert_eq!(found(store, account, record.id), None);
        insert(store, &record);
        assert_eq!(found(store, account, record.id).as_ref(), Some(&record));
        let id = record.id;
        commit(store, move |tx| tx.remove_usage_record(account, id, NOW));
        assert_eq!(found(store, account, id), Some(UsageRecord { deleted_at: Some(NOW), ..record }));
    }
}

/// Another account has no record of this id.
pub fn a_usage_record_is_found_within_its_own_account_only(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let record = usage(own, ids.usage_record(), NOW);
    insert(store, &record);
    let id = record.id;
    assert_eq!(found(store, other, id), None);
    assert_refused(store, move |tx| tx.remove_usage_record(other, id, NOW));
    assert_eq!(found(store, own, id), Some(record));
}

/// One with the id of another, or of an account that does not exist.
pub fn an_invalid_usage_record_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let record = usage(account, ids.usage_record(), NOW);
    insert(store, &record);
    let unknown = usage(ids.account(), ids.usage_record(), NOW);
    for refused in [record, unknown] {
        assert_refused(store, move |tx| tx.insert_usage_record(&refused));
    }
    let missing = ids.usage_record();
    assert_refused(store, move |tx| tx.remove_usage_record(account, missing, NOW));
}

/// All pages of a list, each with at most `max` records.
fn pages(
    tx: &mut dyn ReadTx,
    account: AccountId,
    filter: &UsageFilter,
    max: usize,
) -> Result<Vec<UsageRecordId>, StorageError> {
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let page = tx.list_usage_records(account, filter, after, max)?;
        assert!(page.items.len() <= max);
        ids.extend(page.items.iter().map(|record| record.id));
        after = page.next;
        if after.is_none() {
            return Ok(ids);
        }
    }
}

/// The latest day first, within a day the newest first; without removed ones and other accounts'.
pub fn usage_records_are_listed_by_day_page_by_page(store: &impl Store) {
    let ids = CountingIds::default();
    let [account, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let days = ["2026-03-29", "1970-01-01", "2026-03-30", "2199-12-31", "2026-03-29", "2026-03-29"];
    let records = days.map(|day| usage(account, ids.usage_record(), instant(&format!("{day}T12:00:00Z"))));
    let mail = UsageRecord { meter: "mail".parse().expect("it is a key"), ..records[5].clone() };
    for record in records[..5].iter().chain([&mail]) {
        insert(store, record);
        insert(store, &usage(other, ids.usage_record(), record.occurrence.at));
    }
    let removed = usage(account, ids.usage_record(), instant("2026-03-29T23:59:59Z"));
    insert(store, &removed);
    commit(store, move |tx| tx.remove_usage_record(account, removed.id, NOW));
    let all = UsageFilter::default();
    let (from, to) = (Some(day("2026-03-29")), Some(day("2026-03-30")));
    for (filter, expected) in [
        (all.clone(), &[3, 2, 5, 4, 0, 1][..]),
        (UsageFilter { meter: Some(mail.meter.clone()), ..all.clone() }, &[5]),
        (UsageFilter { from, ..all.clone() }, &[3, 2, 5, 4, 0]),
        (UsageFilter { to, ..all.clone() }, &[2, 5, 4, 0, 1]),
        (UsageFilter { from, to: from, meter: Some(records[0].meter.clone()) }, &[4, 0]),
        (UsageFilter { from: to, to: from, ..all }, &[]),
    ] {
        let expected: Vec<_> = expected.iter().map(|index| records[*index].id).collect();
        for max in [1, 2, 5, 100] {
            let filter = filter.clone();
            let listed = look(store, move |tx| pages(tx, account, &filter, max));
            assert_eq!(listed, expected, "pages of {max}");
        }
    }
}

/// Refunds of one source leave those of another.
pub fn charges_are_counted_in_their_windows_and_refunded_once(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let metric = |key: &str| key.parse::<Metric>().expect("it is a key");
    let (daily, monthly) = (metric("sms_per_day"), metric("sms_per_month"));
    let records = ["2026-03-29T12:00:00Z", "2026-03-30T12:00:00Z", "2026-03-30T13:00:00Z"]
        .map(|at| usage(account, ids.usage_record(), instant(at)));
    for record in records.clone() {
        let charge = |(metric, window): (&Metric, Window)| Charge {
            metric: metric.clone(),
            window_start: record.occurrence.window_start(window).expect("it is not a period"),
            quantity: record.quantity,
        };
        let charges = [(&daily, Window::Day), (&monthly, Window::Month)].map(charge);
        commit(store, move |tx| {
            tx.insert_usage_record(&record)?;
            tx.charge(account, record.id.uuid(), &charges, true)
        });
    }
    let counters = || {
        let (daily, monthly) = (daily.clone(), monthly.clone());
        let days = ["2026-03-28", "2026-03-29", "2026-03-30"].map(|on| domain::window_of_day(day(on)));
        look(store, move |tx| {
            let by_day = tx.used_in(account, &daily, &days)?;
            let by_day: Vec<_> = by_day.iter().map(|(label, used)| (day_of_window(*label).day(), *used)).collect();
            Ok((by_day, tx.used(account, &monthly, domain::window_of_day(day("2026-03-01")))?))
        })
    };
    assert_eq!(counters(), (vec![(29, 3), (30, 6)], 9));
    let record = records[1].clone();
    for _ in 0..2 {
        let record = record.clone();
        commit(store, move |tx| {
            tx.remove_usage_record(account, record.id, NOW)?;
            tx.refund(account, record.id.uuid(), &record.occurrence.window_starts())
        });
        assert_eq!(counters(), (vec![(29, 3), (30, 3)], 6));
    }
}
