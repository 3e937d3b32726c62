//! Allocations: each with its quantity, and their sum in the counter of their meter.

use domain::ports::Store;
use domain::{AccountId, Allocation, Attribution, Origin, QUANTITY_MAX, UNBOUNDED};

use super::charges::used;
use super::{assert_refused, commit, look, open};
use crate::fixtures::{CountingIds, NOW, allocation, allocation_key, attribution, instant, meter_key};

/// The allocation, in a read. A unit of work finds the same.
fn found(store: &impl Store, account: AccountId, meter: &str, key: &str) -> Option<Allocation> {
    let [of_read, of_unit] = [(); 2].map(|()| (meter_key(meter), allocation_key(key)));
    let read = look(store, move |tx| tx.find_allocation(account, &of_read.0, &of_read.1));
    assert_eq!(commit(store, move |tx| tx.find_allocation(account, &of_unit.0, &of_unit.1)), read);
    read
}

fn put(store: &impl Store, allocation: &Allocation) {
    let allocation = allocation.clone();
    commit(store, move |tx| tx.put_allocation(&allocation));
}

fn delete(store: &impl Store, account: AccountId, meter: &str, key: &str) {
    let (meter, key) = (meter_key(meter), allocation_key(key));
    commit(store, move |tx| tx.delete_allocation(account, &meter, &key));
}

/// Of any key and quantity, in its own account and meter only.
pub fn an_allocation_is_found_as_it_was_put(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let origin = Origin { address: None, request_id: "another".into() };
    let without = Attribution { api_key: None, origin, ..attribution() };
    for allocation in [
        allocation(own, "projects", "a", 1),
        Allocation { created_at: instant("2026-03-20T00:00:00.000001Z"), ..allocation(own, "projects", "A/~'%_", 2) },
        Allocation { created_by: without, ..allocation(own, &"d".repeat(64), &"~".repeat(128), QUANTITY_MAX) },
    ] {
        put(store, &allocation);
        let (meter, key) = (allocation.meter.as_str(), allocation.key.as_str());
        assert_eq!(found(store, other, meter, key), None);
        assert_eq!(found(store, own, "disks", key), None);
        assert_eq!(found(store, own, meter, key), Some(allocation.clone()));
    }
    assert_eq!(found(store, own, "projects", "b"), None);
    assert_eq!([used(store, own, "projects", UNBOUNDED), used(store, other, "projects", UNBOUNDED)], [3, 0]);
}

/// The counter follows the quantity up and down.
pub fn an_allocation_with_another_quantity_keeps_its_creation(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    put(store, &allocation(other, "disks", "a", 100));
    put(store, &allocation(own, "disks", "b", 7));
    let first = allocation(own, "disks", "a", 5);
    put(store, &first);
    let by_another = Attribution { user_id: ids.user(), api_key: None, ..attribution() };
    for quantity in [6, 6, 1, QUANTITY_MAX - 7, 2] {
        let (created_at, created_by) = (instant("2027-01-01T00:00:00Z"), by_another.clone());
        put(store, &Allocation { quantity, created_at, created_by, ..first.clone() });
        assert_eq!(found(store, own, "disks", "a"), Some(Allocation { quantity, ..first.clone() }));
        assert_eq!(used(store, own, "disks", UNBOUNDED), quantity + 7);
    }
    let sums = commit(store, move |tx| {
        let mut sums = Vec::new();
        for quantity in [9, 4] {
            tx.put_allocation(&allocation(own, "disks", "a", quantity))?;
            sums.push(tx.used(own, &"disks".parse().expect("a key"), UNBOUNDED)?);
        }
        Ok(sums)
    });
    assert_eq!(sums, [16, 11]);
    assert_eq!(used(store, other, "disks", UNBOUNDED), 100);
}

/// Deleting it again changes nothing, and its key can be used again.
pub fn a_deleted_allocation_does_not_count(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    for (account, meter, key) in
        [(own, "disks", "a"), (own, "disks", "b"), (own, "projects", "a"), (other, "disks", "a")]
    {
        put(store, &allocation(account, meter, key, 3));
    }
    for _ in 0..2 {
        delete(store, own, "disks", "a");
        assert_eq!(found(store, own, "disks", "a"), None);
        let sums = [(own, "disks"), (own, "projects"), (other, "disks")]
            .map(|(account, meter)| used(store, account, meter, UNBOUNDED));
        assert_eq!(sums, [3, 3, 3]);
    }
    delete(store, ids.account(), "disks", "a");
    let again = Allocation { created_at: instant("2027-01-01T00:00:00Z"), ..allocation(own, "disks", "a", 8) };
    put(store, &again);
    assert_eq!(found(store, own, "disks", "a"), Some(again));
    assert_eq!(used(store, own, "disks", UNBOUNDED), 11);
}

/// In the order of the bytes of their keys, of one account and meter.
pub fn allocations_are_listed_by_key_page_by_page(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let keys = ["!", "-", "1", "10", "2", "A", "B", "_", "a", "aa", "b", "~"];
    for key in ["b", "10", "~", "A", "_", "2", "!", "aa", "1", "B", "-", "a"] {
        put(store, &allocation(own, "disks", key, 1));
    }
    put(store, &allocation(own, "projects", "c", 1));
    put(store, &allocation(other, "disks", "d", 1));
    let expected = keys.map(|key| allocation(own, "disks", key, 1));
    let page = |account, meter: &str, after: Option<&str>, max| {
        let (meter, after) = (meter_key(meter), after.map(allocation_key));
        look(store, move |tx| tx.list_allocations(account, &meter, after.as_ref(), max))
    };
    for (position, after) in keys.iter().enumerate() {
        for max in [0, 1, 5, 99] {
            let rest: Vec<_> = expected[position + 1..].iter().take(max).cloned().collect();
            assert_eq!(page(own, "disks", Some(after), max), rest, "{max} after {after}");
        }
    }
    assert_eq!(page(own, "disks", None, 99), expected);
    assert_eq!(page(own, "disks", Some("AA"), 1), expected[6..7]);
    assert_eq!(page(other, "disks", None, 99), [allocation(other, "disks", "d", 1)]);
    assert_eq!(page(own, "files", None, 99), []);
}

/// Nothing is counted.
pub fn an_allocation_of_an_unknown_account_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let unknown = ids.account();
    assert_refused(store, move |tx| tx.put_allocation(&allocation(unknown, "disks", "a", 1)));
    assert_eq!((found(store, unknown, "disks", "a"), used(store, unknown, "disks", UNBOUNDED)), (None, 0));
    let known = open(store, unknown);
    assert_eq!((known.created_at, used(store, unknown, "disks", UNBOUNDED)), (NOW, 0));
}
