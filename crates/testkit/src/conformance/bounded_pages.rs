//! The work for a page is bounded: filtered rows take few pages.

use domain::ports::Store;
use domain::{Account, Booking, BookingFilter, Role, SignedDuration, UsageFilter, UsageRecord};

use super::accounts::days_from;
use super::{commit, look, open, register, usage_records};
use crate::fixtures::{CountingIds, NOW, account, booking, meter_key, staff_member, usage_record};
use crate::pages::gather;

/// The number of removed rows before the one that stays.
const REMOVED: usize = 3_000;
/// The most pages they may take: one for every hundred, and a few.
const PAGES_MAX: usize = REMOVED / 100 + 5;
/// From the smallest page to the largest.
const PAGES_OF: [usize; 3] = [1, 20, 100];
/// The number of rows written in one unit.
const UNIT: usize = 500;

/// On the same day and on later ones; removed, or of another staff member than the filter's.
pub fn a_booking_behind_removed_ones_takes_bounded_pages(store: &impl Store) {
    let ids = CountingIds::default();
    let accounts = [(); 2].map(|()| open(store, ids.account()).id);
    let members = accounts.map(|account| [(); 2].map(|()| staff_member(account, ids.staff())));
    let inserted = members.clone();
    commit(store, move |tx| inserted.iter().flatten().try_for_each(|member| tx.insert_staff_member(member)));
    let days = days_from("2026-03-25", 10);
    for ((account, members), days) in accounts.into_iter().zip(&members).zip([&days[..1], &days[..]]) {
        let staying = Booking { staff_id: Some(members[0].id), ..booking(account, ids.booking(), days[0]) };
        let mut rows = vec![staying.clone()];
        rows.extend((0..REMOVED).map(|number| {
            let removed = booking(account, ids.booking(), days[number % days.len()]);
            let deleted_at = Some(removed.starts_at - SignedDuration::from_hours(1));
            Booking { staff_id: Some(members[1].id), deleted_at, ..removed }
        }));
        for some in rows.chunks(UNIT) {
            let some = some.to_vec();
            commit(store, move |tx| some.iter().try_for_each(|booking| tx.insert_booking(booking)));
        }
        let filters = [
            BookingFilter::default(),
            BookingFilter { to: days.last().copied(), from: Some(days[0]), ..BookingFilter::default() },
            BookingFilter { staff_id: Some(members[0].id), ..BookingFilter::default() },
            BookingFilter { staff_id: Some(members[0].id), include_deleted: true, ..BookingFilter::default() },
        ];
        for (filter, max) in filters.into_iter().flat_map(|filter| PAGES_OF.map(|max| (filter, max))) {
            let gathered = look(store, move |tx| {
                let page = |after, max| tx.list_bookings(account, &filter, after, max);
                gather(usize::MAX, max, None, Booking::position, page)
            });
            assert_eq!(gathered.items, std::slice::from_ref(&staying), "{filter:?} in pages of {max}");
            assert!(gathered.pages <= PAGES_MAX, "{} pages of {max} of {filter:?}", gathered.pages);
        }
    }
}

/// Given back, or of another meter than the filter's.
pub fn a_usage_record_behind_others_takes_bounded_pages(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let staying = usage_record(account, ids.usage_record(), "sms", 1);
    let mut rows = vec![staying.clone()];
    rows.extend((0..REMOVED).map(|number| {
        let deleted_at = Some(NOW).filter(|_| number % 2 == 0);
        let meter = if deleted_at.is_some() { "sms" } else { "mails" };
        UsageRecord { deleted_at, ..usage_record(account, ids.usage_record(), meter, 1) }
    }));
    for some in rows.chunks(UNIT) {
        let some = some.to_vec();
        commit(store, move |tx| some.iter().try_for_each(|record| tx.insert_usage_record(record)));
    }
    for max in PAGES_OF {
        let gathered = look(store, move |tx| {
            let filter = UsageFilter { meter: Some(meter_key("sms")), ..UsageFilter::default() };
            let page = |after, max| tx.list_usage_records(account, &filter, after, max);
            gather(usize::MAX, max, None, usage_records::position, page)
        });
        assert_eq!(gathered.items, std::slice::from_ref(&staying), "in pages of {max}");
        assert!(gathered.pages <= PAGES_MAX, "{} pages of {max}", gathered.pages);
    }
}

/// In the list of a user who is a member of all accounts, and in the list of all accounts.
pub fn an_account_behind_removed_ones_takes_bounded_pages(store: &impl Store) {
    let ids = CountingIds::default();
    let user = register(store, &ids).id;
    let staying = account(ids.account());
    let removed = (0..REMOVED).map(|_| Account { deleted_at: Some(NOW), ..account(ids.account()) });
    let rows: Vec<Account> = std::iter::once(staying.clone()).chain(removed).collect();
    for some in rows.chunks(UNIT) {
        let some = some.to_vec();
        commit(store, move |tx| {
            some.iter().try_for_each(|account| {
                tx.insert_account(account)?;
                tx.update_account(account)?;
                tx.put_member(account.id, user, Role::Owner, NOW)
            })
        });
    }
    for (user, max) in [Some(user), None].into_iter().flat_map(|user| PAGES_OF.map(|max| (user, max))) {
        let gathered = look(store, move |tx| {
            gather(usize::MAX, max, None, |it: &Account| it.id, |after, max| tx.list_accounts(user, false, after, max))
        });
        assert_eq!(gathered.items, std::slice::from_ref(&staying), "{user:?} in pages of {max}");
        assert!(gathered.pages <= PAGES_MAX, "{} pages of {max} of {user:?}", gathered.pages);
    }
    let all = look(store, move |tx| {
        gather(usize::MAX, 100, None, |it: &Account| it.id, |after, max| tx.list_accounts(Some(user), true, after, max))
    });
    assert!(all.items.iter().eq(rows.iter().rev()), "not every removed account is listed");
    assert!(all.pages <= PAGES_MAX, "{} pages", all.pages);
}

/// A page that the last booking or account fills has no next page, with and without removed ones
/// around.
pub fn a_full_last_page_is_the_end_of_the_list(store: &impl Store) {
    let ids = CountingIds::default();
    let user = register(store, &ids).id;
    for (number, is_surrounded) in [false, true].into_iter().enumerate() {
        // From the oldest to the newest.
        let is_removed = if is_surrounded { vec![true, true, true, false, false, true] } else { vec![false, false] };
        let on = days_from("2026-03-25", 2)[number];
        let accounts: Vec<Account> = is_removed
            .iter()
            .map(|is_removed| Account { deleted_at: Some(NOW).filter(|_| *is_removed), ..account(ids.account()) })
            .collect();
        let of = accounts[0].id;
        let bookings: Vec<Booking> = is_removed
            .iter()
            .map(|is_removed| Booking {
                deleted_at: Some(NOW).filter(|_| *is_removed),
                ..booking(of, ids.booking(), on)
            })
            .collect();
        commit(store, move |tx| {
            for account in &accounts {
                tx.insert_account(account)?;
                tx.update_account(account)?;
                tx.put_member(account.id, user, Role::Owner, NOW)?;
            }
            bookings.iter().try_for_each(|booking| tx.insert_booking(booking))
        });
        let accounts = 2 * (number + 1);
        let [full, partial] = [0, 1].map(|less| {
            look(store, move |tx| {
                let of_day = BookingFilter { from: Some(on), ..BookingFilter::default() };
                let bookings = tx.list_bookings(of, &of_day, None, 2 - less)?;
                let of_user = tx.list_accounts(Some(user), false, None, accounts - less)?;
                let all = tx.list_accounts(None, false, None, accounts - less)?;
                Ok([
                    (bookings.items.len(), bookings.next.is_some()),
                    (of_user.items.len(), of_user.next.is_some()),
                    (all.items.len(), all.next.is_some()),
                ])
            })
        });
        assert_eq!(full, [(2, false), (accounts, false), (accounts, false)]);
        assert_eq!(partial, [(1, true), (accounts - 1, true), (accounts - 1, true)]);
    }
}
