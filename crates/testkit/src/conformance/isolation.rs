//! Isolation: a unit sees its own writes, a read one snapshot of all acknowledged ones.

use std::sync::Arc;
use std::thread;

use domain::error::StorageError;
use domain::ports::{ReadTx, Store};
use domain::{Account, AccountId, Booking, Date, StaffMember};

use super::counters::counted;
use super::{Latch, commit, look, open};
use crate::counts::{count_bookings, count_staff};
use crate::fixtures::{CountingIds, account, booking, day, plan_key, staff_member, subscription};

/// Rows and counters, before the commit.
pub fn a_unit_sees_its_own_writes(store: &impl Store) {
    let ids = CountingIds::default();
    let account_id = ids.account();
    let subscription = subscription(ids.subscription(), plan_key("basic"));
    let opened = Account { subscription: Some(subscription.clone()), version: 2, ..account(account_id) };
    let member = staff_member(account_id, ids.staff());
    let booking = Booking { staff_id: Some(member.id), ..booking(account_id, ids.booking(), day("2026-03-29")) };
    let expected = (Some(opened), (Some(member.clone()), 1), (Some(booking.clone()), 1));
    let seen = commit(store, move |tx| {
        tx.insert_account(&account(account_id))?;
        tx.put_subscription(account_id, Some(&subscription), 2)?;
        tx.insert_staff_member(&member)?;
        tx.insert_booking(&booking)?;
        let staff = (tx.find_staff_member(account_id, member.id)?, count_staff(tx, account_id)?);
        let bookings = (tx.find_booking(account_id, booking.id)?, count_bookings(tx, account_id, booking.day)?);
        Ok((tx.lock_account(account_id)?, staff, bookings))
    });
    assert_eq!(seen, expected);
}

/// From any thread, as soon as the write returns.
pub fn a_read_sees_every_acknowledged_write(store: &impl Store) {
    let ids = CountingIds::default();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let (account, on) = (open(store, ids.account()), day("2026-03-29"));
                let id = account.id;
                assert_eq!(look(store, move |tx| tx.find_account(id)), Some(account));
                for acknowledged in 1..=25 {
                    let made = booking(id, ids.booking(), on);
                    commit(store, move |tx| tx.insert_booking(&made));
                    assert_eq!(look(store, move |tx| count_bookings(tx, id, on)), acknowledged);
                }
            });
        }
    });
}

/// A long report is consistent.
pub fn a_read_keeps_its_snapshot_while_a_writer_commits(store: &impl Store) {
    let ids = CountingIds::default();
    let (account, on) = (open(store, ids.account()).id, day("2026-03-29"));
    let made = booking(account, ids.booking(), on);
    let id = made.id;
    let [begun, committed] = [(); 2].map(|()| Arc::<Latch>::default());
    thread::scope(|scope| {
        let (reader_begun, writer_committed) = (Arc::clone(&begun), Arc::clone(&committed));
        let reader = scope.spawn(move || {
            look(store, move |tx| {
                let before = count_bookings(tx, account, on)?;
                reader_begun.open();
                writer_committed.pass()?;
                Ok((before, count_bookings(tx, account, on)?, tx.find_booking(account, id)?))
            })
        });
        begun.pass().expect("the reader begins");
        commit(store, move |tx| tx.insert_booking(&made));
        committed.open();
        assert_eq!(reader.join().expect("the reader reads"), (0, 0, None));
    });
    assert_eq!(counted(store, account, on), (0, 1));
}

/// A slow unit does not block reads, and its writes are not visible.
pub fn a_read_neither_waits_for_nor_sees_an_open_unit(store: &impl Store) {
    let ids = CountingIds::default();
    let (account, on) = (open(store, ids.account()).id, day("2026-03-29"));
    let made = booking(account, ids.booking(), on);
    let id = made.id;
    let [written, read] = [(); 2].map(|()| Arc::<Latch>::default());
    thread::scope(|scope| {
        let (unit_written, reader_read) = (Arc::clone(&written), Arc::clone(&read));
        let unit = scope.spawn(move || {
            commit(store, move |tx| {
                tx.insert_booking(&made)?;
                unit_written.open();
                reader_read.pass()
            });
        });
        written.pass().expect("the unit writes");
        let seen = look(store, move |tx| Ok((count_bookings(tx, account, on)?, tx.find_booking(account, id)?)));
        read.open();
        assert_eq!(seen, (0, None));
        unit.join().expect("the unit ends");
    });
    assert_eq!(counted(store, account, on), (0, 1));
}

/// The inserts of one unit in [`counters_and_rows_never_differ_under_a_writer`].
const BATCH: usize = 3;

/// The counters and the number of rows of `staff` and `bookings`, on a snapshot.
fn seen(
    tx: &mut dyn ReadTx,
    account: AccountId,
    on: Date,
    staff: &[StaffMember],
    bookings: &[Booking],
) -> Result<[u64; 4], StorageError> {
    let counters = [count_staff(tx, account)?, count_bookings(tx, account, on)?];
    let mut rows = [0; 2];
    for (member, booking) in staff.iter().zip(bookings) {
        rows[0] += u64::from(tx.find_staff_member(account, member.id)?.is_some());
        rows[1] += u64::from(tx.find_booking(account, booking.id)?.is_some());
    }
    Ok([counters[0], rows[0], counters[1], rows[1]])
}

/// The writer changes both, several in a unit: every snapshot shows equal numbers of whole units.
pub fn counters_and_rows_never_differ_under_a_writer(store: &impl Store) {
    let ids = CountingIds::default();
    let (account, on) = (open(store, ids.account()).id, day("2026-03-29"));
    let staff: Arc<[_]> = (0..40 * BATCH).map(|_| staff_member(account, ids.staff())).collect();
    let bookings: Arc<[_]> = (0..40 * BATCH).map(|_| booking(account, ids.booking(), on)).collect();
    let (of_staff, of_bookings) = (Arc::clone(&staff), Arc::clone(&bookings));
    thread::scope(|scope| {
        let writer = scope.spawn(move || {
            for (members, made) in of_staff.chunks(BATCH).zip(of_bookings.chunks(BATCH)) {
                let (members, made) = (members.to_vec(), made.to_vec());
                commit(store, move |tx| {
                    members.iter().try_for_each(|member| tx.insert_staff_member(member))?;
                    made.iter().try_for_each(|booking| tx.insert_booking(booking))
                });
            }
        });
        loop {
            // Checked before the read, so that the last read sees everything.
            let is_last = writer.is_finished();
            let (of_staff, of_bookings) = (Arc::clone(&staff), Arc::clone(&bookings));
            let numbers = look(store, move |tx| seen(tx, account, on, &of_staff, &of_bookings));
            assert_eq!(numbers, [numbers[0]; 4], "counters and rows differ");
            assert_eq!(numbers[0] % BATCH as u64, 0, "a unit is half visible");
            if is_last {
                return assert_eq!(numbers[0], staff.len() as u64);
            }
        }
    });
}
