//! Holds: found and listed as they were written.

use domain::ports::Store;
use domain::{AccountId, Hold, HoldState, Meter, Occurrence, SignedDuration, Timestamp, Zone};

use super::{assert_refused, commit, look, open};
use crate::fixtures::{CountingIds, NOW, hold_of};

/// A time after [`NOW`].
fn after(seconds: i64) -> Timestamp {
    NOW + SignedDuration::from_secs(seconds)
}

fn projects() -> Meter {
    "projects".parse().expect("it is a key")
}

fn insert(store: &impl Store, hold: &Hold) {
    let inserted = hold.clone();
    commit(store, move |tx| tx.insert_hold(&inserted));
}

fn update(store: &impl Store, hold: &Hold) {
    let changed = hold.clone();
    commit(store, move |tx| tx.update_hold(&changed));
}

/// The live holds of projects, and those of all meters, whose number is counted alike.
fn live(store: &impl Store, account: AccountId, now: Timestamp) -> (Vec<Hold>, Vec<Hold>) {
    let (of_projects, all, count) = look(store, move |tx| {
        let of_projects = tx.list_live_holds(account, Some(&projects()), now)?;
        Ok((of_projects, tx.list_live_holds(account, None, now)?, tx.count_live_holds(account, now)?))
    });
    assert_eq!(all.len() as u64, count);
    (of_projects, all)
}

/// Its meter, occurrence, reference and creation stay.
pub fn a_hold_is_found_as_it_was_updated(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let first = Hold { quantity: 7, ..hold_of(own, ids.hold(), projects()) };
    insert(store, &first);
    let (id, closed_at) = (first.id, Some(after(9)));
    for (quantity, expires_at, state, closed_at, version) in [
        (6, after(3600), HoldState::Held, None, 2),
        (6, after(7200), HoldState::Released, closed_at, 3),
        (1, after(60), HoldState::Confirmed, closed_at, 4),
    ] {
        let changed = Hold { quantity, expires_at, state, closed_at, version, ..first.clone() };
        let occurrence = Occurrence::new(after(86_400), &Zone::UTC, None);
        update(
            store,
            &Hold { meter: Meter::STAFF, occurrence, reference: None, created_at: after(1), ..changed.clone() },
        );
        assert_eq!(look(store, move |tx| tx.find_hold(own, id)), Some(changed));
    }
    assert_eq!(look(store, move |tx| tx.find_hold(other, id)), None);
    let unknown = hold_of(own, ids.hold(), projects());
    assert_refused(store, move |tx| tx.update_hold(&unknown));
    assert_refused(store, move |tx| tx.insert_hold(&first));
}

/// In the order of their expiry.
pub fn holds_are_live_while_held_until_they_expire(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let of = |account, seconds, meter| Hold { expires_at: after(seconds), ..hold_of(account, ids.hold(), meter) };
    let [late, early] = [20, 10].map(|seconds| of(own, seconds, projects()));
    let released = Hold { state: HoldState::Released, ..of(own, 30, projects()) };
    let staff = of(own, 30, Meter::STAFF);
    for hold in [&late, &early, &released, &staff, &of(other, 30, projects())] {
        insert(store, hold);
    }
    let microsecond = SignedDuration::from_micros(1);
    for (now, of_projects, of_staff) in [
        (NOW, vec![&early, &late], vec![&staff]),
        (after(10) - microsecond, vec![&early, &late], vec![&staff]),
        (after(10), vec![&late], vec![&staff]),
        (after(20) - microsecond, vec![&late], vec![&staff]),
        (after(20), vec![], vec![&staff]),
        (after(30), vec![], vec![]),
    ] {
        let copies = |holds: &[&Hold]| holds.iter().map(|hold| (*hold).clone()).collect::<Vec<_>>();
        let all = [of_projects.as_slice(), &of_staff].concat();
        assert_eq!(live(store, own, now), (copies(&of_projects), copies(&all)), "{now}");
    }
}

/// Also if the unit has read the account before, when nothing was held.
pub fn a_unit_sees_the_holds_that_it_writes(store: &impl Store) {
    let ids = CountingIds::default();
    let own = open(store, ids.account()).id;
    let released = Hold { state: HoldState::Released, ..hold_of(own, ids.hold(), projects()) };
    insert(store, &released);
    let new = hold_of(own, ids.hold(), projects());
    let holds_again = Hold { state: HoldState::Held, version: 2, ..released };
    let (inserted, updated) = (new.clone(), holds_again.clone());
    let seen = commit(store, move |tx| {
        let mut seen = Vec::new();
        tx.lock_account(own)?;
        seen.push(tx.list_live_holds(own, None, NOW)?);
        tx.insert_hold(&inserted)?;
        seen.push(tx.list_live_holds(own, None, NOW)?);
        tx.update_hold(&Hold { state: HoldState::Released, version: 2, ..inserted.clone() })?;
        tx.lock_account(own)?;
        seen.push(tx.list_live_holds(own, None, NOW)?);
        tx.update_hold(&updated)?;
        seen.push(tx.list_live_holds(own, None, NOW)?);
        Ok(seen)
    });
    assert_eq!(seen, [vec![], vec![new], vec![], vec![holds_again]]);
}

/// Holds of other accounts are not listed.
pub fn holds_are_listed_newest_first_in_any_state(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let states = [HoldState::Held, HoldState::Confirmed, HoldState::Released, HoldState::Held];
    let mut expected = Vec::new();
    for state in states {
        let new = Hold { state, ..hold_of(own, ids.hold(), projects()) };
        insert(store, &new);
        insert(store, &hold_of(other, ids.hold(), projects()));
        expected.insert(0, new);
    }
    for max in [1, 2, 3, 9] {
        let mut found: Vec<Hold> = Vec::new();
        loop {
            let after = found.last().map(|hold| hold.id);
            let page = look(store, move |tx| tx.list_holds(own, after, max));
            if page.is_empty() {
                break;
            }
            assert!(page.len() <= max);
            found.extend(page);
        }
        assert_eq!(found, expected, "{max}");
    }
}

/// Of all accounts and in any state.
pub fn expired_holds_are_deleted_oldest_first_in_bounded_steps(store: &impl Store) {
    let ids = CountingIds::default();
    let accounts = [(); 2].map(|()| open(store, ids.account()).id);
    let states = [HoldState::Held, HoldState::Confirmed, HoldState::Released];
    let mut holds = Vec::new();
    for (seconds, state) in (10..).zip(states.into_iter().cycle().take(6)) {
        let account = accounts[usize::from(seconds % 2 == 0)];
        let new = Hold { state, expires_at: after(seconds), ..hold_of(account, ids.hold(), projects()) };
        insert(store, &new);
        holds.push(new);
    }
    let kept = || {
        let found = holds.clone().into_iter().map(|hold| look(store, move |tx| tx.find_hold(hold.account_id, hold.id)));
        found.flatten().count()
    };
    for (until, max, deleted, left) in
        [(9, 9, 0, 6), (12, 2, 2, 4), (12, 2, 1, 3), (12, 2, 0, 3), (99, 9, 3, 0), (99, 9, 0, 0)]
    {
        assert_eq!(commit(store, move |tx| tx.delete_expired_holds(after(until), max)), deleted, "{until}");
        assert_eq!(kept(), left);
    }
}
