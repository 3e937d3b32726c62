//! Existence of accounts: opened and not removed. The check locks the account.

use std::sync::Barrier;
use std::thread;

use domain::ports::Store;
use domain::{Account, AccountId};

use super::counters::counted;
use super::{commit, look, open};
use crate::counts::count_bookings;
use crate::fixtures::{CountingIds, NOW, account, booking, day};

/// Whether the account exists, in a read. A unit of work finds the same.
fn exists(store: &impl Store, id: AccountId) -> bool {
    let read = look(store, move |tx| tx.account_exists(id));
    assert_eq!(commit(store, move |tx| tx.account_exists(id)), read);
    read
}

/// Independently of another account.
pub fn an_account_exists_while_opened_and_not_removed(store: &impl Store) {
    let ids = CountingIds::default();
    let other = open(store, ids.account()).id;
    let id = ids.account();
    assert_eq!([exists(store, id), exists(store, other)], [false, true]);
    let opened = open(store, id);
    assert_eq!([exists(store, id), exists(store, other)], [true, true]);
    for (deleted_at, expected) in [(Some(NOW), false), (Some(NOW), false), (None, true), (Some(NOW), false)] {
        let update = Account { deleted_at, ..opened.clone() };
        commit(store, move |tx| tx.update_account(&update));
        assert_eq!([exists(store, id), exists(store, other)], [expected, true], "{deleted_at:?}");
    }
}

/// Before the commit, and whether or not the unit has checked before.
pub fn a_unit_sees_the_account_it_opens_and_removes(store: &impl Store) {
    let opened = account(CountingIds::default().account());
    let id = opened.id;
    let found = commit(store, move |tx| {
        let mut found = vec![tx.account_exists(id)?];
        tx.insert_account(&opened)?;
        found.push(tx.account_exists(id)?);
        for deleted_at in [Some(NOW), None, Some(NOW)] {
            tx.update_account(&Account { deleted_at, ..opened.clone() })?;
            found.push(tx.account_exists(id)?);
        }
        Ok(found)
    });
    assert_eq!((found, exists(store, id)), (vec![false, true, false, true, false], false));
}

/// Of units that check, then count, then book, exactly as many book as there is room for.
pub fn a_unit_that_checks_an_account_locks_it(store: &impl Store) {
    const THREADS: usize = 16;
    const ROUNDS: usize = 20;
    const LIMIT: u64 = 3;
    let ids = CountingIds::default();
    let on = day("2026-03-29");
    let accounts: Vec<AccountId> = (0..ROUNDS).map(|_| open(store, ids.account()).id).collect();
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                start.wait();
                for &account in &accounts {
                    let created = booking(account, ids.booking(), on);
                    commit(store, move |tx| {
                        assert!(tx.account_exists(account)?);
                        if count_bookings(tx, account, on)? < LIMIT { tx.insert_booking(&created) } else { Ok(()) }
                    });
                }
            });
        }
    });
    for account in accounts {
        assert_eq!(counted(store, account, on), (0, LIMIT));
    }
}
