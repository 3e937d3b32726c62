//! Charges: added to the counters of their windows, refunded, and remembered or not.

use domain::ports::Store;
use domain::{AccountId, Charge, Occurrence, QUANTITY_MAX, Timestamp, UNBOUNDED, UsageRecordId, Uuid, Window, Zone};

use super::{assert_refused, commit, look, open};
use crate::fixtures::{CountingIds, NOW, instant, metric_key, usage_record};

/// The counter, in a read. A unit of work finds the same.
pub(super) fn used(store: &impl Store, account: AccountId, metric: &str, window: Timestamp) -> u64 {
    let (of_read, of_unit) = (metric_key(metric), metric_key(metric));
    let read = look(store, move |tx| tx.used(account, &of_read, window));
    assert_eq!(commit(store, move |tx| tx.used(account, &of_unit, window)), read);
    read
}

/// The counters of several windows, in a read. A unit of work finds the same.
fn used_in(store: &impl Store, account: AccountId, metric: &str, windows: &[Timestamp]) -> Vec<(Timestamp, u64)> {
    let (of_read, of_unit) = ((metric_key(metric), windows.to_vec()), (metric_key(metric), windows.to_vec()));
    let read = look(store, move |tx| tx.used_in(account, &of_read.0, &of_read.1));
    assert_eq!(commit(store, move |tx| tx.used_in(account, &of_unit.0, &of_unit.1)), read);
    read
}

fn charge(metric: &str, window_start: Timestamp, quantity: u64) -> Charge {
    Charge { metric: metric_key(metric), window_start, quantity }
}

/// Charges a usage record, which is inserted before its first charge.
fn add(store: &impl Store, account: AccountId, source: Uuid, charges: &[Charge], has_records: bool) {
    let charges = charges.to_vec();
    commit(store, move |tx| {
        let id = UsageRecordId::from_uuid(source);
        if has_records && tx.find_usage_record(account, id)?.is_none() {
            tx.insert_usage_record(&usage_record(account, id, "sms", 1))?;
        }
        tx.charge(account, source, &charges, has_records)
    });
}

fn refund(store: &impl Store, account: AccountId, source: Uuid) {
    commit(store, move |tx| tx.refund(account, source));
}

/// What happens at `at` in UTC, without a subscription.
fn occurrence(at: &str) -> Occurrence {
    Occurrence::new(instant(at), &Zone::UTC, None)
}

/// A charge of every kind of window but a period.
fn charges(occurrence: &Occurrence, quantity: u64) -> Vec<Charge> {
    let charge_in = |window: &Window| Some(charge(window.as_str(), occurrence.window_start(*window)?, quantity));
    Window::ALL.iter().filter_map(charge_in).collect()
}

/// Several charges of a source, and several sources in a window, of any quantity.
pub fn charges_are_counted_in_each_of_their_windows(store: &impl Store) {
    let ids = CountingIds::default();
    let [account, other] = [(); 2].map(|()| open(store, ids.account()).id);
    for (at, quantity) in [
        ("2026-03-20T09:46:40.123456Z", 3),
        ("2026-03-20T09:46:59.999999Z", 4),
        ("2026-03-20T09:47:00Z", 5),
        ("2026-03-20T10:00:00Z", 10),
        ("2026-03-21T00:00:00Z", 20),
        ("2026-03-23T00:00:00Z", 40),
        ("2026-04-01T00:00:00Z", 80),
        ("2027-01-01T00:00:00Z", 160),
    ] {
        let charges = charges(&occurrence(at), quantity);
        assert_eq!(charges.len(), 7);
        add(store, account, ids.usage_record().uuid(), &charges, true);
    }
    let first = occurrence("2026-03-20T09:46:40.123456Z");
    for (window, expected) in [
        (Window::Minute, 7),
        (Window::Hour, 12),
        (Window::Day, 22),
        (Window::Week, 42),
        (Window::Month, 82),
        (Window::Year, 162),
        (Window::Lifetime, 322),
    ] {
        let label = first.window_start(window).expect("the window is known");
        assert_eq!(used(store, account, window.as_str(), label), expected, "{window}");
        assert_eq!(used(store, other, window.as_str(), label), 0, "{window} of another account");
    }
    add(store, other, ids.usage_record().uuid(), &[charge("most", NOW, QUANTITY_MAX)], true);
    assert_eq!(used(store, other, "most", NOW), QUANTITY_MAX);
}

/// In their order, also those of which nothing was counted, and those that are asked for twice.
pub fn many_counters_are_read_at_once(store: &impl Store) {
    let ids = CountingIds::default();
    let [account, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let numbers = 0..25;
    let metric = |number: u64| format!("metric_{number}");
    for number in numbers.clone().filter(|number| number % 3 > 0) {
        add(store, account, ids.usage_record().uuid(), &[charge(&metric(number), NOW, number)], true);
        add(store, other, ids.usage_record().uuid(), &[charge(&metric(number), NOW, 1)], true);
        add(store, account, ids.usage_record().uuid(), &[charge(&metric(number), UNBOUNDED, 1)], true);
    }
    let asked = numbers.clone().chain([1, 0, 1]);
    let counters: Vec<_> = asked.clone().map(|number| (metric_key(&metric(number)), NOW)).collect();
    let expected: Vec<u64> = asked.map(|number| if number % 3 > 0 { number } else { 0 }).collect();
    let (of_read, of_unit) = (counters.clone(), counters);
    assert_eq!(look(store, move |tx| tx.used_of(account, &of_read)), expected);
    assert_eq!(commit(store, move |tx| tx.used_of(account, &of_unit)), expected);
    assert_eq!(look(store, move |tx| tx.used_of(account, &[])), []);
}

/// Those of the source alone. Refunding it again changes nothing, and it can be charged again.
pub fn refunded_charges_do_not_count(store: &impl Store) {
    let ids = CountingIds::default();
    let [account, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let happened = occurrence("2026-03-20T09:46:40.123456Z");
    let labels: Vec<Charge> = charges(&happened, 0);
    let assert_used = |account, expected: u64| {
        for Charge { metric, window_start, .. } in &labels {
            assert_eq!(used(store, account, metric.as_str(), *window_start), expected, "{metric}");
        }
    };
    let [first, second, others] = [(); 3].map(|()| ids.usage_record().uuid());
    for (account, source, quantity) in [(account, first, 3), (account, second, 4), (other, others, 5)] {
        add(store, account, source, &charges(&happened, quantity), true);
    }
    assert_used(account, 7);
    for _ in 0..2 {
        refund(store, account, first);
        assert_used(account, 4);
        assert_used(other, 5);
    }
    refund(store, account, others);
    assert_used(account, 4);
    add(store, account, first, &charges(&happened, 6), true);
    assert_used(account, 10);
    let moved = occurrence("2027-05-06T07:08:09Z");
    let charges_of_move = charges(&moved, 1);
    commit(store, move |tx| {
        tx.refund(account, first)?;
        tx.charge(account, first, &charges_of_move, true)
    });
    assert_eq!(used(store, account, "day", occurrence("2026-03-20T00:00:00Z").at), 4);
    assert_eq!(used(store, account, "day", occurrence("2027-05-06T00:00:00Z").at), 1);
    assert_eq!(used(store, account, "lifetime", UNBOUNDED), 5);
    for source in [first, second] {
        refund(store, account, source);
    }
    assert_eq!(used(store, account, "lifetime", UNBOUNDED), 0);
    assert_used(account, 0);
}

/// A counter of what has no records is compared with nothing, also if a part of it has.
pub fn a_counter_without_records_counts_and_is_consistent(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let [first, second] = [(); 2].map(|()| ids.usage_record().uuid());
    for (source, quantity, has_records, expected) in [(first, 3, true, 3), (first, 4, false, 7), (second, 5, true, 12)]
    {
        add(store, account, source, &[charge("calls", NOW, quantity)], has_records);
        assert_eq!(used(store, account, "calls", NOW), expected);
        super::assert_consistent(store);
    }
    // The counter of another window has records.
    add(store, account, second, &[charge("other", UNBOUNDED, 9)], true);
    refund(store, account, first);
    assert_eq!((used(store, account, "calls", NOW), used(store, account, "other", UNBOUNDED)), (9, 9));
}

/// In the order of their windows, of the metric and the account alone. Empty windows and those that
/// were not asked for are left out.
pub fn counters_of_windows_are_listed_in_order(store: &impl Store) {
    let ids = CountingIds::default();
    let [account, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let windows = ["1970-01-01", "2026-03-01", "2026-03-20", "2026-03-21", "2026-04-01", "2199-12-31"]
        .map(|day| instant(&format!("{day}T00:00:00Z")));
    let emptied = ids.usage_record().uuid();
    for (position, quantity) in [(4, 1), (0, 2), (5, 3), (1, 4), (4, 5)] {
        add(store, account, ids.usage_record().uuid(), &[charge("sms", windows[position], quantity)], true);
        add(store, other, ids.usage_record().uuid(), &[charge("sms", windows[2], 7)], true);
        add(store, account, ids.usage_record().uuid(), &[charge("sms_2", windows[2], 8)], true);
    }
    add(store, account, emptied, &[charge("sms", windows[3], 9)], true);
    refund(store, account, emptied);
    let all = [(windows[0], 2), (windows[1], 4), (windows[4], 6), (windows[5], 3)];
    assert_eq!(used_in(store, account, "sms", &windows), all);
    assert_eq!(used_in(store, account, "sms", &[windows[0], windows[2], windows[3], windows[5]]), [all[0], all[3]]);
    assert_eq!(used_in(store, account, "sms", &windows[1..2]), all[1..2]);
    assert_eq!(used_in(store, account, "sms", &windows[2..4]), []);
    assert_eq!(used_in(store, account, "sms", &[]), []);
    assert_eq!(used_in(store, other, "sms", &windows), [(windows[2], 35)]);
    assert_eq!(used_in(store, account, "mails", &windows), []);
}

/// A source is charged once for a metric in a window. Nothing is counted twice.
pub fn a_duplicate_charge_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let source = ids.usage_record().uuid();
    add(store, account, source, &[charge("sms", NOW, 3)], true);
    assert_refused(store, move |tx| tx.charge(account, source, &[charge("sms", NOW, 4)], true));
    assert_eq!(used(store, account, "sms", NOW), 3);
    add(store, account, source, &[charge("mails", NOW, 5)], true);
    refund(store, account, source);
    assert_eq!((used(store, account, "sms", NOW), used(store, account, "mails", NOW)), (0, 0));
}
