//! The history of subscriptions: append-only, listed newest first.

use domain::ports::Store;
use domain::{AccountId, Notes, Requested, SubscriptionChange, SubscriptionChangeId};

use super::{assert_refused, commit, look, open};
use crate::fixtures::{CountingIds, NOW, instant, plan_key};

/// A change from no plan to `basic`, requested and effective at [`NOW`].
fn change(ids: &CountingIds) -> SubscriptionChange {
    let requested = Requested { by: ids.user(), at: NOW, reason: None };
    SubscriptionChange { id: ids.change(), from: None, to: Some(plan_key("basic")), at: NOW, requested }
}

fn append(store: &impl Store, account: AccountId, change: &SubscriptionChange) {
    let change = change.clone();
    commit(store, move |tx| tx.append_subscription_change(account, &change));
}

/// The page, in a read. A unit of work lists the same.
fn listed(
    store: &impl Store,
    account: AccountId,
    after: Option<SubscriptionChangeId>,
    max: usize,
) -> Vec<SubscriptionChange> {
    let read = look(store, move |tx| tx.list_subscription_changes(account, after, max));
    let in_unit = commit(store, move |tx| tx.list_subscription_changes(account, after, max));
    assert_eq!(in_unit, read);
    read
}

/// With and without each optional field, instants to the microsecond, on one account.
pub fn a_subscription_change_is_listed_as_it_was_appended(store: &impl Store) {
    let ids = CountingIds::default();
    let [account, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let first = change(&ids);
    let requested = Requested {
        by: ids.user(),
        at: instant("2026-03-20T09:46:40.000001Z"),
        reason: Notes::parse("Žofie’s 💇🏽‍♀️ is too small").ok(),
    };
    let (from, to, at) = (first.to.clone(), Some(plan_key("pro_2-x")), instant("2199-12-31T23:59:59.999999Z"));
    let second = SubscriptionChange { from, to, at, requested, ..change(&ids) };
    let third = SubscriptionChange { from: second.to.clone(), to: None, ..change(&ids) };
    let mut expected = Vec::new();
    for change in [first, second, third] {
        append(store, account, &change);
        expected.insert(0, change);
        assert_eq!(listed(store, account, None, 9), expected);
    }
    assert_eq!([listed(store, other, None, 9), listed(store, ids.account(), None, 9)], [vec![], vec![]]);
}

/// By descending id, regardless of the order of writing.
pub fn subscription_changes_are_listed_page_by_page(store: &impl Store) {
    let ids = CountingIds::default();
    let [account, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let of_other = change(&ids);
    append(store, other, &of_other);
    let mut changes: Vec<_> = (0..7).map(|_| change(&ids)).collect();
    for position in [3, 0, 5, 6, 4, 1, 2] {
        append(store, account, &changes[position]);
    }
    changes.reverse();
    for (after, max, expected) in [
        (None, usize::MAX, &changes[..]),
        (None, 2, &changes[..2]),
        (None, 0, &[]),
        (Some(changes[1].id), 3, &changes[2..5]),
        (Some(changes[4].id), 3, &changes[5..]),
        (Some(changes[6].id), 3, &[]),
        (Some(ids.change()), 1, &changes[..1]),
        (Some(of_other.id), 9, &[]),
    ] {
        assert_eq!(listed(store, account, after, max), expected, "{max} after {after:?}");
    }
}

/// The history is never rewritten. Ids of another account's changes do not matter.
pub fn a_duplicate_subscription_change_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let [account, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let first = change(&ids);
    append(store, account, &first);
    let again = SubscriptionChange { to: None, ..first.clone() };
    let refused = again.clone();
    assert_refused(store, move |tx| tx.append_subscription_change(account, &refused));
    append(store, other, &again);
    assert_eq!([listed(store, account, None, 9), listed(store, other, None, 9)], [vec![first], vec![again]]);
}

/// The row is not kept for an account that is opened later.
pub fn a_subscription_change_of_an_unknown_account_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let (account, change) = (ids.account(), change(&ids));
    assert_refused(store, move |tx| tx.append_subscription_change(account, &change));
    open(store, account);
    assert_eq!(listed(store, account, None, 9), []);
}
