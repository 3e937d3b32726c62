//! Lookups: every entity is found as written, and in its own account only.

use domain::ports::Store;
use domain::{
    Account, AccountId, Booking, EmailAddress, Limit, Metric, Notes, Override, Requested, ScheduledChange, StaffMember,
    Subscription,
};

use super::{commit, look, open};
use crate::counts::count_bookings;
use crate::fixtures::{
    CountingIds, NOW, account, booking, day, instant, name, plan_key, staff_member, subscription, zone,
};

/// The account, in a read. A unit of work finds and locks the same.
pub(super) fn found(store: &impl Store, id: AccountId) -> Option<Account> {
    let read = look(store, move |tx| tx.find_account(id));
    let in_unit = commit(store, move |tx| Ok([tx.find_account(id)?, tx.lock_account(id)?]));
    assert_eq!(in_unit, [read.clone(), read.clone()]);
    read
}

/// With names in any script and of every length, any time zone, instants to the microsecond.
pub fn an_account_is_found_as_it_was_opened(store: &impl Store) {
    let ids = CountingIds::default();
    for (called, zone_name, created_at, version) in [
        ("My Salon", "UTC", "2026-03-20T09:46:40.123456Z", 1),
        ("Žofie’s 美容室 💇🏽‍♀️", "America/Argentina/Buenos_Aires", "2026-03-20T09:46:40.000001Z", 2),
        ("Robert'); DROP TABLE accounts; -- \"%_\\", "US/Eastern", "1970-01-01T00:00:00Z", 70_000),
        (&"💇".repeat(100), "Asia/Kathmandu", "2199-12-31T23:59:59.999999Z", u32::MAX),
    ] {
        let opened = Account {
            name: name(called),
            zone: zone(zone_name),
            created_at: instant(created_at),
            version,
            ..account(ids.account())
        };
        let inserted = opened.clone();
        commit(store, move |tx| tx.insert_account(&inserted));
        assert_eq!(found(store, opened.id), Some(opened));
    }
}

/// Both are added later, by methods of their own.
pub fn an_account_is_opened_without_a_plan_and_overrides(store: &impl Store) {
    let ids = CountingIds::default();
    let account = account(ids.account());
    let staff_override = Override {
        metric: Metric::STAFF,
        limit: Limit::Unlimited,
        reason: Notes::parse("They asked nicely").expect("they are notes"),
        expires_at: None,
        created_by: ids.user(),
        created_at: NOW,
    };
    let opened = Account {
        subscription: Some(subscription(ids.subscription(), plan_key("basic"))),
        overrides: vec![staff_override],
        ..account.clone()
    };
    commit(store, move |tx| tx.insert_account(&opened));
    assert_eq!(found(store, account.id), Some(account));
}

/// Each account again after the other one, found and locked, whichever is read first.
pub fn a_unit_that_reads_two_accounts_finds_each(store: &impl Store) {
    let ids = CountingIds::default();
    let [one, other] = ["One", "Other"].map(|called| Account { name: name(called), ..account(ids.account()) });
    for opened in [one.clone(), other.clone()] {
        commit(store, move |tx| tx.insert_account(&opened));
    }
    let (one_id, other_id) = (one.id, other.id);
    let expected = [&one, &other, &other, &one].map(|account| Some(account.clone()));
    let read = look(store, move |tx| {
        Ok([tx.find_account(one_id)?, tx.find_account(other_id)?, tx.find_account(other_id)?, tx.find_account(one_id)?])
    });
    assert_eq!(read, expected);
    let locked = commit(store, move |tx| {
        Ok([tx.lock_account(one_id)?, tx.lock_account(other_id)?, tx.find_account(other_id)?, tx.find_account(one_id)?])
    });
    assert_eq!(locked, expected);
}

/// Absence is a result, not an error.
pub fn an_account_that_was_never_opened_is_not_found(store: &impl Store) {
    let ids = CountingIds::default();
    open(store, ids.account());
    assert_eq!(found(store, ids.account()), None);
}

/// In a read and in a unit of work.
pub fn a_staff_member_is_found_with_and_without_an_email_address(store: &impl Store) {
    let ids = CountingIds::default();
    let account_id = open(store, ids.account()).id;
    let without = staff_member(account_id, ids.staff());
    let email = EmailAddress::parse("ä.b+c@bücher.example").expect("it is an address");
    let with = StaffMember { name: name("Åsa 美"), email: Some(email), ..staff_member(account_id, ids.staff()) };
    for member in [without, with] {
        let (id, inserted) = (member.id, member.clone());
        let in_unit = commit(store, move |tx| {
            tx.insert_staff_member(&inserted)?;
            tx.find_staff_member(account_id, id)
        });
        let read = look(store, move |tx| tx.find_staff_member(account_id, id));
        assert_eq!([in_unit, read], [Some(member.clone()), Some(member)]);
    }
}

/// In a read and in a unit of work.
pub fn a_booking_is_found_with_and_without_its_optional_fields(store: &impl Store) {
    let ids = CountingIds::default();
    let account_id = open(store, ids.account()).id;
    let member = staff_member(account_id, ids.staff());
    let staff_id = member.id;
    commit(store, move |tx| tx.insert_staff_member(&member));
    let bare = |day_text| booking(account_id, ids.booking(), day(day_text));
    let all = Booking {
        starts_at: instant("2026-03-29T01:02:03.000004Z"),
        customer_name: Some(name("Renée 💅")),
        staff_id: Some(staff_id),
        notes: Some(Notes::parse(&"é'\"".repeat(600)).expect("1800 characters are few enough")),
        created_at: instant("2026-03-28T23:59:59.999999Z"),
        ..bare("2026-03-29")
    };
    for made in [
        bare("2026-03-29"),
        Booking { customer_name: Some(name("Bo")), ..bare("2026-03-29") },
        Booking { staff_id: Some(staff_id), ..bare("2026-03-29") },
        Booking { notes: Some(Notes::parse("Allergic to henna").expect("they are notes")), ..bare("2026-03-29") },
        // The store keeps the given day, which differs from the day of `starts_at` in another zone.
        Booking { starts_at: instant("2026-03-28T23:00:00Z"), ..bare("2026-03-29") },
        all,
    ] {
        let (id, inserted) = (made.id, made.clone());
        let in_unit = commit(store, move |tx| {
            tx.insert_booking(&inserted)?;
            tx.find_booking(account_id, id)
        });
        let read = look(store, move |tx| tx.find_booking(account_id, id));
        assert_eq!([in_unit, read], [Some(made.clone()), Some(made)]);
    }
}

/// Staff members of other accounts are not visible.
pub fn a_staff_member_is_found_within_their_own_account_only(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let member = staff_member(own, ids.staff());
    let (id, inserted) = (member.id, member.clone());
    commit(store, move |tx| tx.insert_staff_member(&inserted));
    let (unopened, unknown) = (ids.account(), ids.staff());
    for (account, id, expected) in
        [(own, id, Some(member)), (other, id, None), (unopened, id, None), (own, unknown, None)]
    {
        assert_eq!(look(store, move |tx| tx.find_staff_member(account, id)), expected, "{account} {id}");
    }
}

/// Bookings of other accounts are not visible.
pub fn a_booking_is_found_within_its_own_account_only(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let made = booking(own, ids.booking(), day("2026-03-29"));
    let (id, inserted) = (made.id, made.clone());
    commit(store, move |tx| tx.insert_booking(&inserted));
    let (unopened, unknown) = (ids.account(), ids.booking());
    for (account, id, expected) in
        [(own, id, Some(made)), (other, id, None), (unopened, id, None), (own, unknown, None)]
    {
        assert_eq!(look(store, move |tx| tx.find_booking(account, id)), expected, "{account} {id}");
    }
}

/// All its fields and the account's version, on one account only.
pub fn a_subscription_is_put_and_replaced(store: &impl Store) {
    let ids = CountingIds::default();
    let [subscribed, other] = [(); 2].map(|()| open(store, ids.account()));
    let first = subscription(ids.subscription(), plan_key("basic"));
    let second = Subscription {
        plan: plan_key("pro_2-x"),
        plan_since: instant("2026-12-31T23:59:59.999999Z"),
        scheduled: None,
        ..first.clone()
    };
    let requested = Requested { by: ids.user(), at: NOW, reason: Notes::parse("It is too small").ok() };
    let change =
        ScheduledChange { id: ids.change(), to: Some(plan_key("basic")), at: NOW, requested: requested.clone() };
    let third = Subscription { scheduled: Some(change.clone()), ..second.clone() };
    let requested = Requested { reason: None, ..requested };
    let fourth = Subscription { scheduled: Some(ScheduledChange { to: None, requested, ..change }), ..second.clone() };
    let puts = [Some(first.clone()), Some(second), Some(third), Some(fourth), None, Some(first)];
    // The store keeps any version it is given.
    for (put, version) in puts.into_iter().zip([2, 3, 9, u32::MAX, 1, 2]) {
        let expected = Account { subscription: put.clone(), version, ..subscribed.clone() };
        commit(store, move |tx| tx.put_subscription(subscribed.id, put.as_ref(), version));
        assert_eq!(found(store, subscribed.id), Some(expected));
    }
    assert_eq!(found(store, other.id), Some(other));
}

/// The first and the last day of the range for bookings, and difficult days.
pub fn days_far_in_the_past_and_in_the_future_are_kept(store: &impl Store) {
    let ids = CountingIds::default();
    let account_id = open(store, ids.account()).id;
    // 1969-12-31 is the day of the epoch in a zone west of Greenwich, 2200-01-01 that of the last
    // instant in one east of it.
    for on in ["1969-12-31", "1970-01-01", "2000-02-29", "2028-02-29", "2100-02-28", "2199-12-31", "2200-01-01"] {
        let made = booking(account_id, ids.booking(), day(on));
        let (id, day, inserted) = (made.id, made.day, made.clone());
        commit(store, move |tx| tx.insert_booking(&inserted));
        let kept = look(store, move |tx| Ok((tx.find_booking(account_id, id)?, count_bookings(tx, account_id, day)?)));
        assert_eq!(kept, (Some(made), 1));
    }
}
