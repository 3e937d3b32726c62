//! Atomicity: a unit is applied completely or not at all, and its failure does not affect others.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Barrier;
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use domain::error::StorageError;
use domain::ports::{Store, WriteTx};
use domain::{Account, AccountId, Booking, Date, StaffMember};

use super::counters::counted;
use super::{look, open};
use crate::block_on;
use crate::counts::count_staff;
use crate::fixtures::{CountingIds, account, booking, day, staff_member};

/// The ids of an account, a staff member and a booking.
#[derive(Clone)]
struct OneOfEach {
    account: Account,
    member: StaffMember,
    booking: Booking,
}

impl OneOfEach {
    fn new(ids: &CountingIds, existing: AccountId, on: Date) -> Self {
        Self {
            account: account(ids.account()),
            member: staff_member(existing, ids.staff()),
            booking: booking(existing, ids.booking(), on),
        }
    }

    fn insert(&self, tx: &mut dyn WriteTx) -> Result<(), StorageError> {
        tx.insert_account(&self.account)?;
        tx.insert_staff_member(&self.member)?;
        tx.insert_booking(&self.booking)
    }

    /// Which of them exist: the account, the staff member, the booking.
    fn are_there(&self, store: &impl Store) -> [bool; 3] {
        let Self { account, member, booking } = self.clone();
        look(store, move |tx| {
            Ok([
                tx.find_account(account.id)?.is_some(),
                tx.find_staff_member(member.account_id, member.id)?.is_some(),
                tx.find_booking(booking.account_id, booking.id)?.is_some(),
            ])
        })
    }
}

/// How a unit ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ending {
    Success,
    Failure,
    Panic,
}

/// The error of a unit that fails, different from every error of the store.
fn own_failure() -> StorageError {
    StorageError::Unavailable("the unit failed by itself".to_owned())
}

/// Runs a unit that inserts everything and then ends with `ending`.
fn insert_and_end(store: &impl Store, all: &OneOfEach, ending: Ending) -> Result<(), StorageError> {
    let all = all.clone();
    block_on(store.write(move |tx| {
        all.insert(tx)?;
        match ending {
            Ending::Success => Ok(()),
            Ending::Failure => Err(own_failure()),
            Ending::Panic => panic!("the unit panics, as the case wants it to"),
        }
    }))
}

/// Whether the result of a unit fits its ending.
fn is_expected(outcome: &Result<(), StorageError>, ending: Ending) -> bool {
    match ending {
        Ending::Success => outcome.is_ok(),
        Ending::Failure => *outcome == Err(own_failure()),
        Ending::Panic => matches!(outcome, Err(StorageError::Backend(_))),
    }
}

/// Asserts that the unit is rolled back, and that the next one can write the same rows.
fn assert_leaves_nothing(store: &impl Store, ending: Ending) {
    let ids = CountingIds::default();
    let (existing, on) = (open(store, ids.account()).id, day("2026-03-29"));
    let all = OneOfEach::new(&ids, existing, on);
    for (ending, there, count) in [(ending, false, 0), (Ending::Success, true, 1)] {
        let outcome = insert_and_end(store, &all, ending);
        assert!(is_expected(&outcome, ending), "{ending:?}: {outcome:?}");
        assert_eq!(all.are_there(store), [there; 3]);
        assert_eq!(counted(store, existing, on), (count, count));
    }
}

/// No row and no counter are written. The result is the unit's own error.
pub fn a_unit_that_fails_after_writing_leaves_nothing(store: &impl Store) {
    assert_leaves_nothing(store, Ending::Failure);
}

/// No row and no counter are written. The result is an error, and the store keeps working.
pub fn a_unit_that_panics_after_writing_leaves_nothing(store: &impl Store) {
    assert_leaves_nothing(store, Ending::Panic);
}

/// Exactly the units that succeed are committed, regardless of the others of their batch.
pub fn units_that_fail_or_panic_do_not_affect_others(store: &impl Store) {
    const THREADS: usize = 12;
    const ROUNDS: usize = 10;
    let ids = CountingIds::default();
    let (existing, on) = (open(store, ids.account()).id, day("2026-03-29"));
    let start = Barrier::new(THREADS);
    let units: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (ids, start) = (&ids, &start);
                scope.spawn(move || {
                    start.wait();
                    let run = |round| {
                        let ending = [Ending::Success, Ending::Failure, Ending::Panic][(thread + round) % 3];
                        let all = OneOfEach::new(ids, existing, on);
                        let outcome = insert_and_end(store, &all, ending);
                        (all, ending, outcome)
                    };
                    (0..ROUNDS).map(run).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic of a unit reaches its caller")).collect()
    });
    for (all, ending, outcome) in &units {
        assert!(is_expected(outcome, *ending), "{ending:?}: {outcome:?}");
        assert_eq!(all.are_there(store), [*ending == Ending::Success; 3], "{ending:?}");
    }
    let successes = units.iter().filter(|(_, ending, _)| *ending == Ending::Success).count();
    let (staff, bookings) = counted(store, existing, on);
    assert_eq!([staff, bookings], [successes as u64; 2]);
}

/// The store may propagate the panic or turn it into an error.
pub fn a_read_that_panics_does_not_affect_later_ones(store: &impl Store) {
    let opened = open(store, CountingIds::default().account());
    // More often than a store has connections.
    for _ in 0..20 {
        let panicking = || {
            block_on(store.read(|tx| -> Result<(), StorageError> {
                count_staff(tx, CountingIds::default().account())?;
                panic!("the read panics, as the case wants it to")
            }))
        };
        let outcome = catch_unwind(AssertUnwindSafe(panicking));
        assert!(!matches!(outcome, Ok(Ok(()))), "a read that panics does not succeed");
    }
    let id = opened.id;
    assert_eq!(look(store, move |tx| tx.find_account(id)), Some(opened));
}

/// A dropped future does not cancel the unit, as [`Store::write`] guarantees.
pub fn a_unit_completes_if_its_future_is_dropped(store: &impl Store) {
    let ids = CountingIds::default();
    let (existing, on) = (open(store, ids.account()).id, day("2026-03-29"));
    let units: Vec<_> = (0..20).map(|_| OneOfEach::new(&ids, existing, on)).collect();
    for (position, unit) in units.iter().cloned().enumerate() {
        let unfinished = pin!(store.write(move |tx| unit.insert(tx)));
        if position % 2 == 0 {
            // The future only has to be polled; its result does not matter.
            let _ = unfinished.poll(&mut Context::from_waker(Waker::noop()));
        }
    }
    for unit in &units {
        let mut tries_left = 1000;
        loop {
            let there = unit.are_there(store);
            if there == [true; 3] {
                break;
            }
            assert_eq!(there, [false; 3], "a unit is half applied");
            assert!(tries_left > 0, "a unit whose future was dropped did not run");
            tries_left -= 1;
            thread::sleep(Duration::from_millis(10));
        }
    }
    assert_eq!(counted(store, existing, on), (20, 20));
}
