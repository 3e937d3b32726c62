//! Holds: live until they expire or are closed, and deleted later.

use domain::ports::Store;
use domain::{
    AccountId, Attribution, Hold, HoldId, HoldState, Occurrence, Origin, QUANTITY_MAX, Reference, SignedDuration,
    Timestamp,
};

use super::{assert_refused, commit, look, open};
use crate::fixtures::{CountingIds, NOW, attribution, day, hold, instant, meter_key};

const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);

/// The hold, in a read. A unit of work finds the same.
fn found(store: &impl Store, account: AccountId, id: HoldId) -> Option<Hold> {
    let read = look(store, move |tx| tx.find_hold(account, id));
    assert_eq!(commit(store, move |tx| tx.find_hold(account, id)), read);
    read
}

fn insert(store: &impl Store, holds: &[Hold]) {
    let holds = holds.to_vec();
    commit(store, move |tx| holds.iter().try_for_each(|hold| tx.insert_hold(hold)));
}

/// The live holds of a meter, in a read. A unit of work lists the same.
fn live(store: &impl Store, account: AccountId, meter: &str, now: Timestamp) -> Vec<Hold> {
    let (of_read, of_unit) = (meter_key(meter), meter_key(meter));
    let read = look(store, move |tx| tx.list_live_holds(account, &of_read, now));
    assert_eq!(commit(store, move |tx| tx.list_live_holds(account, &of_unit, now)), read);
    read
}

fn count(store: &impl Store, account: AccountId, now: Timestamp) -> u64 {
    look(store, move |tx| tx.count_live_holds(account, now))
}

fn closed(hold: Hold, state: HoldState) -> Hold {
    Hold { state, closed_at: Some(NOW), version: 2, ..hold }
}

/// In any state, with every optional field and without, in its own account only.
pub fn a_hold_is_found_as_it_was_inserted(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let occurrence = Occurrence {
        at: instant("2199-12-31T23:59:59.999999Z"),
        day: day("2200-01-01"),
        period: Some(day("2199-12-05")),
    };
    let (reference, origin) =
        (Reference::parse(&"~".repeat(128)), Origin { address: None, request_id: "another".into() });
    let created_by = Attribution { api_key: None, origin, ..attribution() };
    let full = Hold {
        occurrence,
        reference: reference.ok(),
        created_by,
        expires_at: NOW + MICROSECOND,
        version: u32::MAX,
        ..hold(own, ids.hold(), &"m".repeat(64), QUANTITY_MAX)
    };
    let confirmed = closed(hold(own, ids.hold(), "sms", 2), HoldState::Confirmed);
    let released = closed(hold(own, ids.hold(), "sms", 3), HoldState::Released);
    for hold in [hold(own, ids.hold(), "sms", 1), full, confirmed, released] {
        insert(store, std::slice::from_ref(&hold));
        assert_eq!(found(store, other, hold.id), None);
        assert_eq!(found(store, own, hold.id), Some(hold));
    }
    assert_eq!(found(store, own, ids.hold()), None);
}

/// While it is held, until the microsecond at which it expires, in its account and meter.
pub fn a_hold_is_live_until_it_expires_or_is_closed(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let held = hold(own, ids.hold(), "sms", 3);
    let of_meter = hold(own, ids.hold(), "disks", 4);
    let of_other = hold(other, ids.hold(), "sms", 5);
    let end = held.expires_at;
    insert(
        store,
        &[
            held.clone(),
            of_meter.clone(),
            of_other.clone(),
            closed(hold(own, ids.hold(), "sms", 1), HoldState::Confirmed),
            closed(hold(own, ids.hold(), "sms", 1), HoldState::Released),
        ],
    );
    for (now, is_live) in [(NOW, true), (end - MICROSECOND, true), (end, false), (end + MICROSECOND, false)] {
        let expected = |hold: &Hold| if is_live { vec![hold.clone()] } else { vec![] };
        assert_eq!(live(store, own, "sms", now), expected(&held), "{now}");
        assert_eq!(live(store, own, "disks", now), expected(&of_meter), "{now}");
        assert_eq!(live(store, other, "sms", now), expected(&of_other), "{now}");
        assert_eq!([own, other].map(|account| count(store, account, now)), if is_live { [2, 1] } else { [0, 0] });
    }
    assert_eq!(live(store, own, "files", NOW), []);
    let released = closed(held.clone(), HoldState::Released);
    commit(store, move |tx| tx.update_hold(&released));
    assert_eq!((live(store, own, "sms", NOW), count(store, own, NOW)), (vec![], 1));
}

/// The one that expires first is the first.
pub fn live_holds_are_listed_by_their_expiry(store: &impl Store) {
    let ids = CountingIds::default();
    let own = open(store, ids.account()).id;
    let hold_until = |minutes| Hold {
        expires_at: NOW + SignedDuration::from_mins(minutes),
        ..hold(own, ids.hold(), "sms", minutes.unsigned_abs())
    };
    let holds = [5, 1, 4, 2, 3].map(hold_until);
    insert(store, &holds);
    let expected = [1, 3, 4, 2, 0].map(|position: usize| holds[position].clone());
    for passed in 0..=5 {
        let now = NOW + SignedDuration::from_mins(passed);
        let rest = &expected[usize::try_from(passed).unwrap_or(0)..];
        assert_eq!(live(store, own, "sms", now), rest, "after {passed} minutes");
        assert_eq!(count(store, own, now), rest.len() as u64);
    }
}

/// Expiry, state, end and version are written; everything else stays.
pub fn an_update_of_a_hold_keeps_what_is_held(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let reference = Reference::parse("invite:42").ok();
    let known = Hold { reference, ..hold(own, ids.hold(), "sms", 3) };
    insert(store, std::slice::from_ref(&known));
    let occurrence = Occurrence { at: NOW + MICROSECOND, day: day("2026-03-21"), period: Some(day("2026-03-01")) };
    let created_by = Attribution { user_id: ids.user(), api_key: None, ..attribution() };
    let other_values = Hold {
        occurrence,
        reference: None,
        created_at: NOW + MICROSECOND,
        created_by,
        ..hold(own, known.id, "disks", 9)
    };
    for (minutes, state, closed_at, version) in [
        (30, HoldState::Held, None, 2),
        (5, HoldState::Confirmed, Some(NOW), 3),
        (5, HoldState::Released, Some(NOW + MICROSECOND), 70_000),
        (1, HoldState::Held, None, 4),
    ] {
        let expires_at = NOW + SignedDuration::from_mins(minutes);
        let update = Hold { expires_at, state, closed_at, version, ..other_values.clone() };
        commit(store, move |tx| tx.update_hold(&update));
        let expected = Hold { expires_at, state, closed_at, version, ..known.clone() };
        assert_eq!(found(store, own, known.id), Some(expected));
    }
    for (account, id) in [(other, known.id), (own, ids.hold()), (ids.account(), known.id)] {
        assert_refused(store, move |tx| tx.update_hold(&hold(account, id, "sms", 3)));
    }
}

/// In any state, of one account.
pub fn holds_are_listed_newest_first_page_by_page(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let hold_ids: Vec<HoldId> = (0..7).map(|_| ids.hold()).collect();
    let states = [HoldState::Held, HoldState::Confirmed, HoldState::Released];
    let of = |position: usize| {
        let hold = hold(if position == 3 { other } else { own }, hold_ids[position], ["sms", "disks"][position % 2], 1);
        closed(hold, states[position % 3])
    };
    insert(store, &[4, 1, 6, 0, 3, 2, 5].map(of));
    let expected: Vec<Hold> = [6, 5, 4, 2, 1, 0].map(of).to_vec();
    for (after, max) in (0..=hold_ids.len()).flat_map(|after| [(after, 0), (after, 1), (after, 3), (after, 99)]) {
        // Without a last position the list begins at the start.
        let last = hold_ids.get(after).copied();
        let page = look(store, move |tx| tx.list_holds(own, last, max));
        let rest = expected.iter().filter(|hold| last.is_none_or(|last| hold.id < last));
        assert_eq!(page, rest.take(max).cloned().collect::<Vec<_>>(), "{max} after {after}");
    }
    assert_eq!(look(store, move |tx| tx.list_holds(other, None, 9)), [of(3)]);
}

/// Of all accounts, in any state, the oldest first.
pub fn expired_holds_are_deleted_in_bounded_steps(store: &impl Store) {
    let ids = CountingIds::default();
    let accounts = [(); 2].map(|()| open(store, ids.account()).id);
    let at = |minutes| NOW + SignedDuration::from_mins(minutes);
    let holds = [5, 1, 4, 2, 3, 6].map(|minutes: i64| {
        let account = accounts[usize::from(minutes % 2 == 0)];
        let hold = Hold { expires_at: at(minutes), ..hold(account, ids.hold(), "sms", 1) };
        if minutes == 2 { closed(hold, HoldState::Confirmed) } else { hold }
    });
    insert(store, &holds);
    // The minutes after which the holds that are left expire.
    let left = || {
        let listed = accounts.map(|account| look(store, move |tx| tx.list_holds(account, None, 9)));
        let mut minutes: Vec<i64> =
            listed.iter().flatten().map(|it| it.expires_at.duration_since(NOW).as_mins()).collect();
        minutes.sort_unstable();
        minutes
    };
    for (until, max, deleted, expected) in [
        (at(1) - MICROSECOND, 9, 0, &[1, 2, 3, 4, 5, 6][..]),
        (at(1), 9, 1, &[2, 3, 4, 5, 6]),
        (at(4), 0, 0, &[2, 3, 4, 5, 6]),
        (at(4), 2, 2, &[4, 5, 6]),
        (at(5), 9, 2, &[6]),
        (at(5), 9, 0, &[6]),
    ] {
        let removed = commit(store, move |tx| tx.delete_expired_holds(until, max));
        assert_eq!(removed, deleted, "{max} until {until}");
        assert_eq!(left(), expected);
    }
}

/// The id is taken, or the account does not exist.
pub fn an_invalid_hold_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let own = open(store, ids.account()).id;
    let known = hold(own, ids.hold(), "sms", 3);
    insert(store, std::slice::from_ref(&known));
    for bad in [Hold { quantity: 4, ..known.clone() }, hold(ids.account(), ids.hold(), "sms", 3)] {
        assert_refused(store, move |tx| tx.insert_hold(&bad));
    }
    assert_eq!(look(store, move |tx| tx.list_holds(own, None, 9)), [known]);
}
