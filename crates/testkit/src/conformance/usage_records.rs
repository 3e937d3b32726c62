//! Usage records: found, given back, and listed by day.

use std::cmp::Reverse;

use domain::ports::{Store, UsagePosition};
use domain::{AccountId, Attribution, Occurrence, Origin, QUANTITY_MAX, UsageFilter, UsageRecord, UsageRecordId, Zone};

use super::accounts::days_from;
use super::{assert_refused, commit, look, open};
use crate::fixtures::{CountingIds, NOW, attribution, day, instant, meter_key, usage_record};
use crate::pages::gather;

/// The usage record, in a read. A unit of work finds the same.
fn found(store: &impl Store, account: AccountId, id: UsageRecordId) -> Option<UsageRecord> {
    let read = look(store, move |tx| tx.find_usage_record(account, id));
    assert_eq!(commit(store, move |tx| tx.find_usage_record(account, id)), read);
    read
}

fn insert(store: &impl Store, record: &UsageRecord) {
    let record = record.clone();
    commit(store, move |tx| tx.insert_usage_record(&record));
}

pub(super) fn position(record: &UsageRecord) -> UsagePosition {
    (record.occurrence.day, record.id)
}

/// With every optional field and without, in its own account only.
pub fn a_usage_record_is_found_as_it_was_inserted(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let happened = Occurrence {
        at: instant("2199-12-31T23:59:59.999999Z"),
        day: day("2200-01-01"),
        period: Some(day("2199-12-05")),
    };
    let origin = Origin { address: None, request_id: "another".into() };
    let without = Attribution { api_key: None, origin, ..attribution() };
    for record in [
        usage_record(own, ids.usage_record(), "sms", 1),
        UsageRecord { occurrence: happened, ..usage_record(own, ids.usage_record(), &"m".repeat(64), QUANTITY_MAX) },
        UsageRecord { created_by: without, deleted_at: Some(NOW), ..usage_record(own, ids.usage_record(), "sms", 7) },
    ] {
        insert(store, &record);
        assert_eq!(found(store, other, record.id), None);
        assert_eq!(found(store, own, record.id), Some(record));
    }
    assert_eq!(found(store, own, ids.usage_record()), None);
}

/// With the time at which it was given back. It is in no list from then on.
pub fn a_usage_record_given_back_is_found_but_not_listed(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let records = [(); 2].map(|()| usage_record(own, ids.usage_record(), "sms", 3));
    for record in &records {
        insert(store, record);
    }
    let [first, second] = [&records[0], &records[1]].map(|record| record.id);
    for (account, id) in [(other, first), (own, ids.usage_record()), (ids.account(), first)] {
        assert_refused(store, move |tx| tx.remove_usage_record(account, id, NOW));
    }
    commit(store, move |tx| tx.remove_usage_record(own, first, instant("2026-03-21T00:00:00.000001Z")));
    let deleted_at = Some(instant("2026-03-21T00:00:00.000001Z"));
    assert_eq!(found(store, own, first), Some(UsageRecord { deleted_at, ..records[0].clone() }));
    assert_eq!(found(store, own, second), Some(records[1].clone()));
    assert_eq!(listed(store, own, &UsageFilter::default(), None, 9, usize::MAX), records[1..]);
}

/// The id is taken, or the account does not exist.
pub fn an_invalid_usage_record_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let own = open(store, ids.account()).id;
    let record = usage_record(own, ids.usage_record(), "sms", 3);
    insert(store, &record);
    for bad in
        [UsageRecord { quantity: 4, ..record.clone() }, usage_record(ids.account(), ids.usage_record(), "sms", 3)]
    {
        assert_refused(store, move |tx| tx.insert_usage_record(&bad));
    }
    assert_eq!(listed(store, own, &UsageFilter::default(), None, 9, usize::MAX), [record]);
}

/// Up to `count` records after `after`, in pages of `max`.
fn listed(
    store: &impl Store,
    account: AccountId,
    filter: &UsageFilter,
    after: Option<UsagePosition>,
    max: usize,
    count: usize,
) -> Vec<UsageRecord> {
    let [of_read, of_unit] = [filter.clone(), filter.clone()];
    let read = look(store, move |tx| {
        gather(count, max, after, position, |after, max| tx.list_usage_records(account, &of_read, after, max))
    });
    let in_unit = commit(store, move |tx| {
        gather(count, max, after, position, |after, max| tx.list_usage_records(account, &of_unit, after, max))
    });
    assert_eq!(in_unit.items, read.items);
    read.items
}

/// Latest day first, and within a day newest first, of one account, in pages of several sizes.
pub fn usage_records_are_listed_by_day_and_id(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let days = days_from("2026-03-25", 8);
    let mut records: Vec<UsageRecord> = (0..60)
        .map(|number: usize| {
            let (account, meter) = ([own, other][number % 5 / 4], ["sms", "mails"][number / 3 % 2]);
            // None on the first day and the last two.
            let occurrence = Occurrence::new(Zone::UTC.day(days[1 + number * 7 / 4 % 5]).start, &Zone::UTC, None);
            UsageRecord { occurrence, ..usage_record(account, ids.usage_record(), meter, 1) }
        })
        .collect();
    for some in records.chunks(7) {
        let some = some.to_vec();
        commit(store, move |tx| some.iter().try_for_each(|record| tx.insert_usage_record(record)));
    }
    for record in records.iter_mut().step_by(6) {
        record.deleted_at = Some(NOW);
        let (account, id) = (record.account_id, record.id);
        commit(store, move |tx| tx.remove_usage_record(account, id, NOW));
    }
    let ends = [None, Some(days[0]), Some(days[2]), Some(days[4]), Some(days[7])];
    let meters = [None, Some("sms"), Some("mails"), Some("fax")];
    for (from, to) in ends.into_iter().flat_map(|from| ends.map(|to| (from, to))) {
        for (account, meter) in [own, other].into_iter().flat_map(|account| meters.map(|meter| (account, meter))) {
            let filter = UsageFilter { meter: meter.map(meter_key), from, to };
            let mut expected: Vec<&UsageRecord> =
                records.iter().filter(|it| it.account_id == account && filter.admits(it)).collect();
            expected.sort_unstable_by_key(|record| Reverse(position(record)));
            let expected: Vec<UsageRecord> = expected.into_iter().cloned().collect();
            for (depth, max) in [(0, 1), (0, 99), (1, 3), (5, 2), (expected.len(), 4)] {
                let depth = depth.min(expected.len());
                let after = depth.checked_sub(1).map(|last| position(&expected[last]));
                let rest = listed(store, account, &filter, after, max, usize::MAX);
                assert_eq!(rest, expected[depth..], "{max} after {depth} of {filter:?}");
            }
        }
    }
    let everything = UsageFilter::default();
    let beyond = Some((days[7], ids.usage_record()));
    assert_eq!(
        listed(store, own, &everything, beyond, 7, usize::MAX),
        listed(store, own, &everything, None, 7, usize::MAX)
    );
    assert_eq!(listed(store, ids.account(), &everything, None, 7, usize::MAX), []);
}
