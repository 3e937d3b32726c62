//! Versions: each change raises the version by one; a refused or empty change does not.

use domain::error::StorageError;
use domain::{
    Account, AccountPatch, Attribution, Booking, BookingId, BookingPatch, Change, Ending, NewStaffMember, StaffId,
    StaffMember, StaffMemberPatch, Timestamp, Timing, use_cases,
};
use testkit::fixtures::{NOW, attribution, choice, instant, name, user};

use super::Salon;
use super::plans::{later, subscribe};

/// The end of the billing period of a subscription started at [`NOW`] in UTC.
const PERIOD_END: &str = "2026-04-20T00:00:00Z";

fn booking_version(salon: &Salon, id: BookingId) -> u32 {
    let found = salon.write(move |tx, _, account| tx.find_booking(account, id));
    found.expect("it can be found").expect("there is one").version
}

fn staff_version(salon: &Salon, id: StaffId) -> u32 {
    let found = salon.write(move |tx, _, account| tx.find_staff_member(account, id));
    found.expect("it can be found").expect("there is one").version
}

/// The account at `now`, after a scheduled change.
fn account_at(salon: &Salon, now: Timestamp) -> Account {
    let settled = salon.write(move |tx, catalog, account| {
        Ok::<_, StorageError>(tx.find_account(account)?.map(|found| found.settle(catalog, now).0))
    });
    settled.expect("it can be found").expect("there is one")
}

#[test]
fn every_change_of_a_booking_raises_its_version_by_one() {
    type Step = fn(&Salon, BookingId) -> Option<bool>;
    fn change(salon: &Salon, id: BookingId, starts_at: &str, is_expected: bool) -> Option<bool> {
        let patch = BookingPatch { starts_at: Some(instant(starts_at)), ..BookingPatch::default() };
        let changed = salon.write(move |tx, catalog, account| {
            use_cases::change_booking(tx, catalog, account, id, &patch, |_| is_expected, NOW)
        });
        changed.ok().map(|(_, is_changed)| is_changed)
    }
    fn remove(salon: &Salon, id: BookingId) -> Option<bool> {
        salon.write(move |tx, _, account| use_cases::remove_booking(tx, account, id, |_| true, NOW)).ok()
    }
    fn restore(salon: &Salon, id: BookingId) -> Option<bool> {
        let restored =
            salon.write(move |tx, catalog, account| use_cases::restore_booking(tx, catalog, account, id, NOW));
        restored.ok().map(|(_, is_restored)| is_restored)
    }
    let salon = Salon::on(1);
    let id = salon.book("2026-03-21T12:00:00Z").id;
    salon.book("2026-03-22T12:00:00Z");
    assert_eq!(booking_version(&salon, id), 1);
    let steps: [(&str, Step, Option<bool>, u32); 9] = [
        ("to another time", |salon, id| change(salon, id, "2026-03-21T13:00:00Z", true), Some(true), 2),
        ("to the same time", |salon, id| change(salon, id, "2026-03-21T13:00:00Z", true), Some(false), 2),
        ("of another version", |salon, id| change(salon, id, "2026-03-21T14:00:00Z", false), None, 2),
        ("to a full day", |salon, id| change(salon, id, "2026-03-22T13:00:00Z", true), None, 2),
        ("to another day", |salon, id| change(salon, id, "2026-03-23T13:00:00Z", true), Some(true), 3),
        ("removed", remove, Some(true), 4),
        ("removed again", remove, Some(false), 4),
        ("restored", restore, Some(true), 5),
        ("restored again", restore, Some(false), 5),
    ];
    for (what, step, expected, version) in steps {
        assert_eq!((step(&salon, id), booking_version(&salon, id)), (expected, version), "{what}");
    }
}

#[test]
fn every_change_of_a_staff_member_raises_their_version_by_one() {
    type Step = fn(&Salon, StaffId) -> Option<bool>;
    fn rename(salon: &Salon, id: StaffId, called: &str, is_expected: bool) -> Option<bool> {
        let patch = StaffMemberPatch { name: Some(name(called)), ..StaffMemberPatch::default() };
        let changed =
            salon.write(move |tx, _, account| use_cases::change_staff_member(tx, account, id, &patch, |_| is_expected));
        changed.ok().map(|(_, is_changed)| is_changed)
    }
    fn remove(salon: &Salon, id: StaffId) -> Option<bool> {
        salon.write(move |tx, _, account| use_cases::remove_staff_member(tx, account, id, |_| true, NOW)).ok()
    }
    fn restore(salon: &Salon, id: StaffId) -> Option<bool> {
        let restored =
            salon.write(move |tx, catalog, account| use_cases::restore_staff_member(tx, catalog, account, id, NOW));
        restored.ok().map(|(_, is_restored)| is_restored)
    }
    let salon = Salon::on(1);
    let id = salon.employ();
    assert_eq!(staff_version(&salon, id), 1);
    let steps: [(&str, Step, Option<bool>, u32); 7] = [
        ("renamed", |salon, id| rename(salon, id, "Bo", true), Some(true), 2),
        ("renamed to the same", |salon, id| rename(salon, id, "Bo", true), Some(false), 2),
        ("of another version", |salon, id| rename(salon, id, "Cy", false), None, 2),
        ("removed", remove, Some(true), 3),
        ("removed again", remove, Some(false), 3),
        ("restored", restore, Some(true), 4),
        ("restored again", restore, Some(false), 4),
    ];
    for (what, step, expected, version) in steps {
        assert_eq!((step(&salon, id), staff_version(&salon, id)), (expected, version), "{what}");
    }
}

#[test]
fn every_change_of_an_account_and_its_subscription_raises_its_version_by_one() {
    type Step = fn(&Salon) -> bool;
    fn rename(salon: &Salon, called: &str, is_expected: bool) -> bool {
        let patch = AccountPatch { name: Some(name(called)), ..AccountPatch::default() };
        let changed =
            salon.write(move |tx, _, account| use_cases::change_account(tx, account, &patch, |_| is_expected));
        changed.is_ok_and(|(_, is_changed)| is_changed)
    }
    fn remove(salon: &Salon) -> bool {
        let removed = salon.write(|tx, _, account| use_cases::remove_account(tx, account, |_| true, NOW));
        removed.expect("there is one")
    }
    fn restore(salon: &Salon) -> bool {
        let by = user(salon.ids.user(), "ann");
        let restored = salon.write(move |tx, _, account| {
            if tx.count_owners(account)? == 0 {
                tx.insert_user(&by)?;
            }
            use_cases::restore_account(tx, account, by.id, NOW)
        });
        restored.expect("there is one").1
    }
    fn unsubscribe(salon: &Salon, timing: Timing) -> bool {
        let (ending, new) = (Ending { timing, reason: None }, salon.ids.new_change(NOW));
        salon.write(move |tx, catalog, account| use_cases::unsubscribe(tx, catalog, account, &ending, &new)).is_ok()
    }
    fn cancel(salon: &Salon) -> bool {
        let cancelled =
            salon.write(move |tx, catalog, account| use_cases::cancel_scheduled_change(tx, catalog, account, NOW));
        cancelled.is_ok_and(|kept| kept.is_some())
    }
    let salon = Salon::open();
    assert_eq!(account_at(&salon, NOW).version, 1);
    let steps: [(&str, Step, bool, u32); 15] = [
        ("renamed", |salon| rename(salon, "Salon", true), true, 2),
        ("renamed to the same", |salon| rename(salon, "Salon", true), false, 2),
        ("of another version", |salon| rename(salon, "Another", false), false, 2),
        ("removed", remove, true, 3),
        ("removed again", remove, false, 3),
        ("restored", restore, true, 4),
        ("restored again", restore, false, 4),
        ("not on a plan", |salon| unsubscribe(salon, Timing::Immediate), false, 4),
        ("a plan", |salon| subscribe(salon, choice("at-most-1"), NOW).is_ok(), true, 5),
        ("the same plan", |salon| subscribe(salon, choice("at-most-1"), NOW).is_ok(), true, 5),
        ("nothing to cancel", cancel, false, 5),
        ("a plan later", |salon| subscribe(salon, later("at-most-2"), NOW).is_ok(), true, 6),
        ("cancelled", cancel, true, 7),
        ("no plan later", |salon| unsubscribe(salon, Timing::PeriodEnd), true, 8),
        ("no plan", |salon| unsubscribe(salon, Timing::Immediate), true, 9),
    ];
    for (what, step, expected, version) in steps {
        assert_eq!((step(&salon), account_at(&salon, NOW).version), (expected, version), "{what}");
    }
}

#[test]
fn a_version_names_one_state_around_a_scheduled_change() {
    let (salon, end) = (Salon::on(1), instant(PERIOD_END));
    subscribe(&salon, later("at-most-2"), NOW).expect("there is the plan");
    let scheduled = account_at(&salon, NOW);
    let in_effect = account_at(&salon, end);
    assert_eq!((scheduled.version, in_effect.version), (3, 4));
    // A write to the account keeps the scheduled change: each state has its own version.
    let patch = AccountPatch { name: Some(name("Another Salon")), ..AccountPatch::default() };
    salon.write(move |tx, _, account| use_cases::change_account(tx, account, &patch, |_| true)).expect("there is one");
    let renamed = account_at(&salon, end);
    assert_eq!(renamed, Account { name: name("Another Salon"), version: 5, ..in_effect });
    // A write to the subscription also appends the change to the history.
    subscribe(&salon, choice("at-most-3"), end).expect("there is the plan");
    assert_eq!(account_at(&salon, end).version, 6);
}

#[test]
fn a_booking_and_a_staff_member_keep_their_creator() {
    let salon = Salon::on(2);
    let created = salon.book("2026-03-21T12:00:00Z");
    let (id, patch) = (created.id, BookingPatch { customer_name: Change::Set(name("Bo")), ..BookingPatch::default() });
    let changed = salon
        .write(move |tx, catalog, account| use_cases::change_booking(tx, catalog, account, id, &patch, |_| true, NOW));
    let expected = Booking { customer_name: Some(name("Bo")), version: 2, ..created.clone() };
    assert_eq!((created.version, created.created_by, changed), (1, attribution(), Ok((expected, true))));

    let by = Attribution { user_id: salon.ids.user(), api_key: None, ..attribution() };
    let (id, new, created_by) = (salon.ids.staff(), NewStaffMember { name: name("Ann"), email: None }, by.clone());
    let added = salon.write(move |tx, catalog, account| {
        use_cases::add_staff_member(tx, catalog, account, &new, id, &created_by, NOW)
    });
    let added = added.expect("there is room");
    let patch = StaffMemberPatch { name: Some(name("Bo")), ..StaffMemberPatch::default() };
    let changed = salon.write(move |tx, _, account| use_cases::change_staff_member(tx, account, id, &patch, |_| true));
    let expected = StaffMember { name: name("Bo"), version: 2, ..added.clone() };
    assert_eq!((added.version, added.created_by, changed), (1, by, Ok((expected, true))));
}
