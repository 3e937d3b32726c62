//! What becomes of accounts: they are changed, removed and taken back, and given limits of their own.

use domain::error::StorageError;
use domain::ports::{ReadMembers, Store};
use domain::{Account, AccountId, Date, Limit, Metric, Notes, Override, Timestamp, UserId};

use super::counters::counted;
use super::lookups::found;
use super::{assert_refused, commit, look, open, register};
use crate::fixtures::{CountingIds, NOW, booking, day, instant, name, plan_key, subscription, zone};
use crate::pages::gather;

/// The first `count` of the accounts after `after`, or fewer if there are no more, read in pages of `max`; which is also
/// what a unit lists.
pub(super) fn listed(
    store: &impl Store,
    user: Option<UserId>,
    include_deleted: bool,
    after: Option<AccountId>,
    max: usize,
    count: usize,
) -> Vec<Account> {
    fn gathered(
        tx: &mut (impl ReadMembers + ?Sized),
        (user, include_deleted): (Option<UserId>, bool),
        after: Option<AccountId>,
        (max, count): (usize, usize),
    ) -> Result<Vec<Account>, StorageError> {
        let page = |after, max| tx.list_accounts(user, include_deleted, after, max);
        Ok(gather(count, max, after, |account| account.id, page)?.items)
    }
    let (asked, lengths) = ((user, include_deleted), (max, count));
    let read = look(store, move |tx| gathered(tx, asked, after, lengths));
    assert_eq!(commit(store, move |tx| gathered(tx, asked, after, lengths)), read);
    read
}

/// A limit of its own for [`Metric::Staff`], given [`NOW`] and for good.
fn given(ids: &CountingIds, limit: Limit) -> Override {
    Override {
        metric: Metric::Staff,
        limit,
        reason: Notes::parse("They asked nicely").expect("they are notes"),
        expires_at: None,
        created_by: ids.user(),
        created_at: NOW,
    }
}

/// Its name, its zone, when it was removed and its version are written; its plan, its limits and when it was opened are
/// not.
pub fn an_account_is_updated_but_for_its_plan_and_when_it_was_opened(store: &impl Store) {
    let ids = CountingIds::default();
    let [opened, other] = [(); 2].map(|()| open(store, ids.account()));
    let (id, plan) = (opened.id, subscription(ids.subscription(), plan_key("basic")));
    let its_own = given(&ids, Limit::AtMost(7));
    let known = Account { subscription: Some(plan.clone()), overrides: vec![its_own.clone()], ..opened.clone() };
    commit(store, move |tx| {
        tx.put_subscription(id, Some(&plan), 2)?;
        tx.put_override(id, &its_own)
    });
    // The store keeps the version that it is given, whichever that is.
    for (called, zone_name, deleted_at, version) in [
        ("Žofie’s 美容室", "Asia/Kathmandu", None, 3),
        ("My Salon", "US/Eastern", Some(instant("2199-12-31T23:59:59.999999Z")), u32::MAX),
        ("My Salon", "UTC", None, 7),
        ("My Salon", "UTC", None, 8),
    ] {
        let expected = Account { name: name(called), zone: zone(zone_name), deleted_at, version, ..known.clone() };
        // As if it had been opened at another time, and had never been on a plan.
        let (subscription, overrides, created_at) = (None, Vec::new(), Timestamp::UNIX_EPOCH);
        let update = Account { subscription, overrides, created_at, ..expected.clone() };
        commit(store, move |tx| tx.update_account(&update));
        assert_eq!(found(store, id), Some(expected));
    }
    assert_eq!(found(store, other.id), Some(other));
}

/// It does not come into being by it.
pub fn an_update_of_an_unknown_account_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let unknown = crate::fixtures::account(ids.account());
    let id = unknown.id;
    assert_refused(store, move |tx| tx.update_account(&unknown));
    assert_eq!(found(store, id), None);
}

/// What a unit counted before it changed the account, or put it on a plan, or turned to another, is counted after it.
pub fn a_unit_that_changes_an_account_between_bookings_counts_them_all(store: &impl Store) {
    let ids = CountingIds::default();
    let [opened, other] = [(); 2].map(|()| open(store, ids.account()));
    let (id, on) = (opened.id, day("2026-03-29"));
    let renamed = Account { name: name("Another Salon"), ..opened };
    let (plan, its_own) = (subscription(ids.subscription(), plan_key("basic")), given(&ids, Limit::Unlimited));
    let made = [(); 5].map(|()| booking(id, ids.booking(), on));
    let of_other = booking(other.id, ids.booking(), on);
    let counts = commit(store, move |tx| {
        tx.insert_booking(&made[0])?;
        tx.update_account(&renamed)?;
        tx.insert_booking(&made[1])?;
        tx.put_subscription(id, Some(&plan), 2)?;
        tx.insert_booking(&made[2])?;
        tx.put_override(id, &its_own)?;
        tx.insert_booking(&made[3])?;
        tx.insert_booking(&of_other)?;
        tx.insert_booking(&made[4])?;
        Ok([tx.count_bookings_on(id, on)?, tx.count_bookings_on(of_other.account_id, on)?])
    });
    assert_eq!(counts, [5, 1]);
    assert_eq!([counted(store, id, on), counted(store, other.id, on)], [(0, 5), (0, 1)]);
}

/// Those of a user and those of everybody, page by page.
pub fn removed_accounts_are_listed_only_if_they_are_wanted(store: &impl Store) {
    let ids = CountingIds::default();
    let ann = register(store, &ids).id;
    let accounts: Vec<Account> = (0..6).map(|_| open(store, ids.account())).collect();
    let mut newest_first = Vec::new();
    for (position, account) in accounts.into_iter().enumerate() {
        let account = Account { deleted_at: Some(NOW).filter(|_| position % 2 == 0), ..account };
        newest_first.insert(0, account.clone());
        commit(store, move |tx| {
            tx.update_account(&account)?;
            if position < 4 { tx.put_member(account.id, ann, domain::Role::Owner, NOW) } else { Ok(()) }
        });
    }
    for (user, all) in [(None, &newest_first[..]), (Some(ann), &newest_first[2..])] {
        for include_deleted in [false, true] {
            let wanted: Vec<_> = all.iter().filter(|it| include_deleted || it.deleted_at.is_none()).cloned().collect();
            for (after, max) in (0..wanted.len()).flat_map(|after| [(after, 1), (after, 2), (after, 9)]) {
                let last = wanted[after].id;
                let read = listed(store, user, include_deleted, Some(last), max, max);
                let expected: Vec<_> = wanted[after + 1..].iter().take(max).cloned().collect();
                assert_eq!(read, expected, "{max} after {after} of {user:?}, {include_deleted}");
                assert_eq!(listed(store, user, include_deleted, Some(last), max, usize::MAX), wanted[after + 1..]);
            }
            assert_eq!(listed(store, user, include_deleted, None, 9, usize::MAX), wanted);
        }
    }
}

/// For each metric one, of every size, with and without an end, until it is taken back; on its own account alone.
pub fn an_override_is_put_and_replaced_and_deleted(store: &impl Store) {
    let ids = CountingIds::default();
    let [account, other] = [(); 2].map(|()| open(store, ids.account()));
    let id = account.id;
    let staff = given(&ids, Limit::AtMost(0));
    let bookings = Override { metric: Metric::BookingsPerDay, limit: Limit::Unlimited, ..given(&ids, staff.limit) };
    let ending = Override {
        limit: Limit::AtMost(u32::MAX),
        reason: Notes::parse("Žofie’s 💇🏽‍♀️").expect("they are notes"),
        expires_at: Some(instant("2026-12-31T23:59:59.999999Z")),
        created_by: ids.user(),
        created_at: instant("2026-03-20T09:46:40.000001Z"),
        ..staff.clone()
    };
    let unlimited = Override { limit: Limit::Unlimited, ..staff.clone() };
    for (put, expected) in [
        (&bookings, vec![&bookings]),
        (&staff, vec![&staff, &bookings]),
        (&ending, vec![&ending, &bookings]),
        (&unlimited, vec![&unlimited, &bookings]),
    ] {
        let put = put.clone();
        commit(store, move |tx| tx.put_override(id, &put));
        let overrides = expected.into_iter().cloned().collect();
        assert_eq!(found(store, id), Some(Account { overrides, ..account.clone() }));
    }
    // The second time there is none any more.
    for _ in 0..2 {
        commit(store, move |tx| tx.delete_override(id, Metric::Staff));
        assert_eq!(found(store, id), Some(Account { overrides: vec![bookings.clone()], ..account.clone() }));
    }
    commit(store, move |tx| tx.delete_override(id, Metric::BookingsPerDay));
    assert_eq!([found(store, id), found(store, other.id)], [Some(account), Some(other)]);
}

/// With its reason and its end as they were, in lists too, whatever happens to the subscription.
pub fn an_override_outlives_every_change_of_the_subscription(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account());
    let (id, its_own) = (account.id, given(&ids, Limit::AtMost(3)));
    let overrides = vec![its_own.clone()];
    commit(store, move |tx| tx.put_override(id, &its_own));
    let plan = subscription(ids.subscription(), plan_key("basic"));
    for (subscription, version) in [(Some(plan), 2), (None, 3)] {
        let (put, overrides) = (subscription.clone(), overrides.clone());
        commit(store, move |tx| tx.put_subscription(id, put.as_ref(), version));
        let expected = Account { subscription, overrides, version, ..account.clone() };
        assert_eq!(listed(store, None, false, None, 9, usize::MAX), std::slice::from_ref(&expected));
        assert_eq!(found(store, id), Some(expected));
    }
}

/// Nor is there one to take back from it.
pub fn an_override_of_an_unknown_account_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let (id, its_own) = (ids.account(), given(&ids, Limit::AtMost(3)));
    assert_refused(store, move |tx| tx.put_override(id, &its_own));
    let opened = open(store, id);
    assert_eq!(found(store, id), Some(opened));
}

/// The days from `first` on.
pub(super) fn days_from(first: &str, count: usize) -> Vec<Date> {
    use jiff::ToSpan;
    day(first).series(1.day()).take(count).collect()
}
