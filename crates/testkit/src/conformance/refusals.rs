//! Constraints of a store, regardless of the use cases: duplicate ids, unknown accounts.

use domain::ports::Store;
use domain::{Account, Booking, StaffMember};

use super::counters::counted;
use super::{assert_refused, commit, look, open};
use crate::fixtures::{CountingIds, account, booking, day, name, plan_key, staff_member, subscription};

/// The existing account stays, with its plan.
pub fn a_duplicate_account_id_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let opened = open(store, ids.account());
    let id = opened.id;
    let subscription = subscription(ids.subscription(), plan_key("basic"));
    let expected = Account { subscription: Some(subscription.clone()), version: 2, ..opened };
    commit(store, move |tx| tx.put_subscription(id, Some(&subscription), 2));
    let again = Account { name: name("Another Salon"), version: 3, ..account(id) };
    assert_refused(store, move |tx| tx.insert_account(&again));
    assert_eq!(look(store, move |tx| tx.find_account(id)), Some(expected));
}

/// In the same account and in another.
pub fn a_duplicate_staff_id_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let member = staff_member(own, ids.staff());
    let (id, inserted) = (member.id, member.clone());
    commit(store, move |tx| tx.insert_staff_member(&inserted));
    let again = StaffMember { name: name("Bo"), ..staff_member(own, id) };
    assert_refused(store, move |tx| tx.insert_staff_member(&again));
    assert_eq!(look(store, move |tx| tx.find_staff_member(own, id)), Some(member));
    let counts = [own, other].map(|account| counted(store, account, day("2026-03-29")));
    assert_eq!(counts, [(1, 0), (0, 0)]);
}

/// In the same account, on the same day and on another.
pub fn a_duplicate_booking_id_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let days = ["2026-03-29", "2026-03-30"].map(day);
    let made = booking(own, ids.booking(), days[0]);
    let (id, inserted) = (made.id, made.clone());
    commit(store, move |tx| tx.insert_booking(&inserted));
    for on in days {
        let again = Booking { customer_name: Some(name("Bo")), ..booking(own, id, on) };
        assert_refused(store, move |tx| tx.insert_booking(&again));
    }
    assert_eq!(look(store, move |tx| tx.find_booking(own, id)), Some(made));
    let counts = [own, other].map(|account| days.map(|on| counted(store, account, on)));
    assert_eq!(counts, [[(0, 1), (0, 0)], [(0, 0), (0, 0)]]);
}

/// Neither the row nor the counter stays, even if the account is opened later.
pub fn a_staff_member_of_an_unknown_account_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let member = staff_member(ids.account(), ids.staff());
    let (account, id) = (member.account_id, member.id);
    assert_refused(store, move |tx| tx.insert_staff_member(&member));
    open(store, account);
    assert_eq!(look(store, move |tx| tx.find_staff_member(account, id)), None);
    assert_eq!(counted(store, account, day("2026-03-29")), (0, 0));
}

/// Neither the row nor the counter stays, even if the account is opened later.
pub fn a_booking_of_an_unknown_account_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let made = booking(ids.account(), ids.booking(), day("2026-03-29"));
    let (account, id, on) = (made.account_id, made.id, made.day);
    assert_refused(store, move |tx| tx.insert_booking(&made));
    open(store, account);
    assert_eq!(look(store, move |tx| tx.find_booking(account, id)), None);
    assert_eq!(counted(store, account, on), (0, 0));
}

/// Also for an unknown staff member. The use case checks both; the store enforces them.
pub fn a_booking_for_a_staff_member_of_another_account_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let (member, on) = (staff_member(other, ids.staff()), day("2026-03-29"));
    let foreign = member.id;
    commit(store, move |tx| tx.insert_staff_member(&member));
    for staff_id in [foreign, ids.staff()] {
        let made = Booking { staff_id: Some(staff_id), ..booking(own, ids.booking(), on) };
        let id = made.id;
        assert_refused(store, move |tx| tx.insert_booking(&made));
        assert_eq!(look(store, move |tx| tx.find_booking(own, id)), None);
    }
    assert_eq!(counted(store, own, on), (0, 0));
}

/// The row is not kept for an account that is opened later.
pub fn a_subscription_of_an_unknown_account_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let (id, subscription) = (ids.account(), subscription(ids.subscription(), plan_key("basic")));
    assert_refused(store, move |tx| tx.put_subscription(id, Some(&subscription), 2));
    let opened = open(store, id);
    assert_eq!(look(store, move |tx| tx.find_account(id)), Some(opened));
}
