//! Bookings and staff members keep their version and attribution.

use domain::ports::Store;
use domain::{Attribution, Booking, BookingFilter, Origin, StaffMember, Timestamp};

use super::booking_lists::all;
use super::{commit, look, open};
use crate::fixtures::{CountingIds, NOW, attribution, booking, day, name, staff_member};

/// Attributions with and without an API key, with addresses of both kinds and without, and with
/// request ids of every length.
fn attributions(ids: &CountingIds) -> Vec<Attribution> {
    let addresses = ["", "203.0.113.9", "2001:db8::1", "::ffff:203.0.113.9", "::"];
    let mut all = Vec::new();
    for (address, request_id) in addresses.into_iter().zip(["r", "é'\"美", "request", "request", &"r".repeat(128)]) {
        for api_key in [None, Some(ids.api_key())] {
            let origin = Origin { address: address.parse().ok(), request_id: request_id.into() };
            all.push(Attribution { user_id: ids.user(), api_key, origin });
        }
    }
    all
}

/// From the first version to the greatest and back: the store does not count versions itself.
const VERSIONS: [u32; 6] = [2, 3, 70_000, u32::MAX, 1, 1];

/// In every lookup, and through updates, which do not change the creation.
pub fn a_booking_keeps_its_version_and_attribution(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let on = day("2026-03-29");
    let everything = BookingFilter { include_deleted: true, ..BookingFilter::default() };
    let mut newest_first: Vec<Booking> = Vec::new();
    for (created_by, version) in attributions(&ids).into_iter().zip([1, 5, u32::MAX].into_iter().cycle()) {
        let created = Booking { version, created_by, ..booking(account, ids.booking(), on) };
        let (id, inserted) = (created.id, created.clone());
        let in_unit = commit(store, move |tx| {
            tx.insert_booking(&inserted)?;
            tx.find_booking(account, id)
        });
        assert_eq!(in_unit.as_ref(), Some(&created));
        newest_first.insert(0, created);
        assert_eq!(all(store, account, everything, 4), newest_first);
    }
    for (round, version) in VERSIONS.into_iter().enumerate() {
        for booking in &mut newest_first {
            booking.version = version;
            booking.deleted_at = Some(NOW).filter(|_| round % 2 == 0);
            booking.customer_name = Some(name("Bo")).filter(|_| round % 3 == 0);
            // Another time of creation and another creator.
            let created_by = Attribution { user_id: ids.user(), ..attribution() };
            let update = Booking { created_at: Timestamp::UNIX_EPOCH, created_by, ..booking.clone() };
            let id = booking.id;
            let in_unit = commit(store, move |tx| {
                tx.update_booking(&update)?;
                tx.find_booking(account, id)
            });
            let read = look(store, move |tx| tx.find_booking(account, id));
            assert_eq!([in_unit.as_ref(), read.as_ref()], [Some(&*booking); 2]);
        }
        assert_eq!(all(store, account, everything, 4), newest_first);
    }
}

/// In every lookup, and through updates, which do not change the creation.
pub fn a_staff_member_keeps_their_version_and_attribution(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let all = || look(store, move |tx| tx.list_staff(account, true, None, usize::MAX));
    let mut newest_first: Vec<StaffMember> = Vec::new();
    for (created_by, version) in attributions(&ids).into_iter().zip([1, 5, u32::MAX].into_iter().cycle()) {
        let created = StaffMember { version, created_by, ..staff_member(account, ids.staff()) };
        let (id, inserted) = (created.id, created.clone());
        let in_unit = commit(store, move |tx| {
            tx.insert_staff_member(&inserted)?;
            tx.find_staff_member(account, id)
        });
        assert_eq!(in_unit.as_ref(), Some(&created));
        newest_first.insert(0, created);
        assert_eq!(all(), newest_first);
    }
    for (round, version) in VERSIONS.into_iter().enumerate() {
        for member in &mut newest_first {
            member.version = version;
            member.deleted_at = Some(NOW).filter(|_| round % 2 == 0);
            // Another time of creation and another creator.
            let created_by = Attribution { user_id: ids.user(), ..attribution() };
            let update = StaffMember { created_at: Timestamp::UNIX_EPOCH, created_by, ..member.clone() };
            let id = member.id;
            let in_unit = commit(store, move |tx| {
                tx.update_staff_member(&update)?;
                tx.find_staff_member(account, id)
            });
            let read = look(store, move |tx| tx.find_staff_member(account, id));
            assert_eq!([in_unit.as_ref(), read.as_ref()], [Some(&*member); 2]);
        }
        assert_eq!(all(), newest_first);
    }
}

/// Users and API keys may be deleted; what they created still names them.
pub fn an_attribution_outlives_its_user_and_api_key(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let user = super::register(store, &ids).id;
    let key = crate::fixtures::api_key(ids.api_key(), user);
    let created_by = Attribution { user_id: user, api_key: Some(key.id), ..attribution() };
    let created = Booking { created_by: created_by.clone(), ..booking(account, ids.booking(), day("2026-03-29")) };
    let member = StaffMember { created_by, ..staff_member(account, ids.staff()) };
    let (inserted, added) = (created.clone(), member.clone());
    commit(store, move |tx| {
        tx.insert_api_key(&key)?;
        tx.insert_booking(&inserted)?;
        tx.insert_staff_member(&added)
    });
    commit(store, move |tx| tx.delete_user(user));
    let (booking_id, staff_id) = (created.id, member.id);
    let found =
        look(store, move |tx| Ok((tx.find_booking(account, booking_id)?, tx.find_staff_member(account, staff_id)?)));
    assert_eq!(found, (Some(created), Some(member)));
}
