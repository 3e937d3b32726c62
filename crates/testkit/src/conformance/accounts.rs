//! Accounts: updates, removal, restoration and overrides.

use domain::error::StorageError;
use domain::ports::{ReadMembers, Store};
use domain::{Account, AccountId, Date, Limit, Metric, Notes, Override, QUANTITY_MAX, Timestamp, UserId};

use super::counters::counted;
use super::lookups::found;
use super::{assert_refused, commit, look, open, register};
use crate::counts::count_bookings;
use crate::fixtures::{CountingIds, NOW, booking, day, instant, name, plan_key, subscription, zone};
use crate::pages::gather;

/// Up to `count` accounts after `after`, read in pages of `max`. A unit of work lists the same.
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

/// An override of [`Metric::STAFF`], created at [`NOW`], without expiry.
fn given(ids: &CountingIds, limit: Limit) -> Override {
    Override {
        metric: Metric::STAFF,
        limit,
        reason: Notes::parse("They asked nicely").expect("they are notes"),
        expires_at: None,
        created_by: ids.user(),
        created_at: NOW,
    }
}

/// Name, time zone, time of removal and version are written; plan, overrides and time of creation
/// are not.
pub fn an_update_keeps_an_accounts_plan_and_creation(store: &impl Store) {
    let ids = CountingIds::default();
    let [opened, other] = [(); 2].map(|()| open(store, ids.account()));
    let (id, plan) = (opened.id, subscription(ids.subscription(), plan_key("basic")));
    let staff_override = given(&ids, Limit::AtMost(7));
    let known = Account { subscription: Some(plan.clone()), overrides: vec![staff_override.clone()], ..opened.clone() };
    commit(store, move |tx| {
        tx.put_subscription(id, Some(&plan), 2)?;
        tx.put_override(id, &staff_override)
    });
    // The store keeps any version it is given.
    for (called, zone_name, deleted_at, version) in [
        ("Žofie’s 美容室", "Asia/Kathmandu", None, 3),
        ("My Salon", "US/Eastern", Some(instant("2199-12-31T23:59:59.999999Z")), u32::MAX),
        ("My Salon", "UTC", None, 7),
        ("My Salon", "UTC", None, 8),
    ] {
        let expected = Account { name: name(called), zone: zone(zone_name), deleted_at, version, ..known.clone() };
        // Another time of creation, and no plan.
        let (subscription, overrides, created_at) = (None, Vec::new(), Timestamp::UNIX_EPOCH);
        let update = Account { subscription, overrides, created_at, ..expected.clone() };
        commit(store, move |tx| tx.update_account(&update));
        assert_eq!(found(store, id), Some(expected));
    }
    assert_eq!(found(store, other.id), Some(other));
}

/// The update does not create the account.
pub fn an_update_of_an_unknown_account_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let unknown = crate::fixtures::account(ids.account());
    let id = unknown.id;
    assert_refused(store, move |tx| tx.update_account(&unknown));
    assert_eq!(found(store, id), None);
}

/// Counters stay when the unit changes the account, puts it on a plan, or writes another account.
pub fn a_unit_counts_bookings_around_a_change_of_account(store: &impl Store) {
    let ids = CountingIds::default();
    let [opened, other] = [(); 2].map(|()| open(store, ids.account()));
    let (id, on) = (opened.id, day("2026-03-29"));
    let renamed = Account { name: name("Another Salon"), ..opened };
    let (plan, staff_override) = (subscription(ids.subscription(), plan_key("basic")), given(&ids, Limit::Unlimited));
    let made = [(); 5].map(|()| booking(id, ids.booking(), on));
    let of_other = booking(other.id, ids.booking(), on);
    let counts = commit(store, move |tx| {
        tx.insert_booking(&made[0])?;
        tx.update_account(&renamed)?;
        tx.insert_booking(&made[1])?;
        tx.put_subscription(id, Some(&plan), 2)?;
        tx.insert_booking(&made[2])?;
        tx.put_override(id, &staff_override)?;
        tx.insert_booking(&made[3])?;
        tx.insert_booking(&of_other)?;
        tx.insert_booking(&made[4])?;
        Ok([count_bookings(tx, id, on)?, count_bookings(tx, of_other.account_id, on)?])
    });
    assert_eq!(counts, [5, 1]);
    assert_eq!([counted(store, id, on), counted(store, other.id, on)], [(0, 5), (0, 1)]);
}

/// The accounts of a user and all accounts, page by page.
pub fn removed_accounts_are_listed_on_request_only(store: &impl Store) {
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

/// An override for each metric, of every size, with and without expiry; on its own account only.
pub fn an_override_is_put_replaced_and_deleted(store: &impl Store) {
    let ids = CountingIds::default();
    let [account, other] = [(); 2].map(|()| open(store, ids.account()));
    let id = account.id;
    let staff = given(&ids, Limit::AtMost(0));
    let bookings = Override { metric: Metric::BOOKINGS_PER_DAY, limit: Limit::Unlimited, ..given(&ids, staff.limit) };
    let ending = Override {
        limit: Limit::AtMost(QUANTITY_MAX),
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
    // The second time, there is no override.
    for _ in 0..2 {
        commit(store, move |tx| tx.delete_override(id, &Metric::STAFF));
        assert_eq!(found(store, id), Some(Account { overrides: vec![bookings.clone()], ..account.clone() }));
    }
    commit(store, move |tx| tx.delete_override(id, &Metric::BOOKINGS_PER_DAY));
    assert_eq!([found(store, id), found(store, other.id)], [Some(account), Some(other)]);
}

/// With its reason and expiry, in lists as well.
pub fn an_override_outlives_every_change_of_the_subscription(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account());
    let (id, staff_override) = (account.id, given(&ids, Limit::AtMost(3)));
    let overrides = vec![staff_override.clone()];
    commit(store, move |tx| tx.put_override(id, &staff_override));
    let plan = subscription(ids.subscription(), plan_key("basic"));
    for (subscription, version) in [(Some(plan), 2), (None, 3)] {
        let (put, overrides) = (subscription.clone(), overrides.clone());
        commit(store, move |tx| tx.put_subscription(id, put.as_ref(), version));
        let expected = Account { subscription, overrides, version, ..account.clone() };
        assert_eq!(listed(store, None, false, None, 9, usize::MAX), std::slice::from_ref(&expected));
        assert_eq!(found(store, id), Some(expected));
    }
}

/// There is no override to delete either.
pub fn an_override_of_an_unknown_account_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let (id, staff_override) = (ids.account(), given(&ids, Limit::AtMost(3)));
    assert_refused(store, move |tx| tx.put_override(id, &staff_override));
    let opened = open(store, id);
    assert_eq!(found(store, id), Some(opened));
}

/// `count` days from `first` on.
pub(super) fn days_from(first: &str, count: usize) -> Vec<Date> {
    use jiff::ToSpan;
    day(first).series(1.day()).take(count).collect()
}
