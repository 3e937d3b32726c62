//! Users: found as written, and deleted with all their data.

use domain::ports::{ReadTx, Store};
use domain::{Account, PasswordHash, Role, User, UserId, Username};

use super::{assert_refused, commit, look, open, register};
use crate::fixtures::{CountingIds, NOW, api_key, instant, secret, session, user};
use crate::pages::gather;

/// The user, by id, in a read. A unit of work finds and locks the same.
fn found(store: &impl Store, id: UserId) -> Option<User> {
    let read = look(store, move |tx| tx.find_user(id));
    let in_unit = commit(store, move |tx| Ok([tx.find_user(id)?, tx.lock_user(id)?]));
    assert_eq!(in_unit, [read.clone(), read.clone()]);
    read
}

fn found_named(store: &impl Store, username: &Username) -> Option<User> {
    let username = username.clone();
    look(store, move |tx| tx.find_user_named(&username))
}

fn password(text: &str) -> PasswordHash {
    PasswordHash::from_phc(text.to_owned())
}

/// With names of every length and character, and all combinations of flags.
pub fn a_user_is_found_by_id_and_by_name_as_registered(store: &impl Store) {
    let ids = CountingIds::default();
    let longest = "a".repeat(Username::CHARACTERS_MAX);
    for (called, is_operator, is_disabled) in
        [("a", false, false), ("b._-@+9", true, false), ("_", false, true), (longest.as_str(), true, true)]
    {
        let registered = User {
            password: password("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"),
            is_operator,
            is_disabled,
            created_at: instant("2026-03-20T09:46:40.000001Z"),
            ..user(ids.user(), called)
        };
        let inserted = registered.clone();
        commit(store, move |tx| tx.insert_user(&inserted));
        assert_eq!(found(store, registered.id), Some(registered.clone()));
        assert_eq!(found_named(store, &registered.username), Some(registered));
    }
}

/// Absence is a result, not an error.
pub fn a_user_that_never_registered_is_not_found(store: &impl Store) {
    let ids = CountingIds::default();
    let stranger = user(ids.user(), "stranger");
    assert_eq!(found(store, stranger.id), None);
    register(store, &ids);
    assert_eq!([found(store, stranger.id), found_named(store, &stranger.username)], [None, None]);
}

/// The existing user stays as they are, and the refused one is not written.
pub fn a_duplicate_user_id_or_name_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let taken = register(store, &ids);
    let same_id = user(taken.id, "another");
    let same_name = user(ids.user(), taken.username.as_str());
    for refused in [same_id.clone(), same_name.clone(), taken.clone()] {
        assert_refused(store, move |tx| tx.insert_user(&refused));
    }
    assert_eq!(found_named(store, &taken.username), Some(taken.clone()));
    assert_eq!([found_named(store, &same_id.username), found(store, same_name.id)], [None, None]);
    assert_eq!(found(store, taken.id), Some(taken));
}

/// The old name is free again.
pub fn an_update_keeps_a_users_registration(store: &impl Store) {
    let ids = CountingIds::default();
    let [before, other] = [(); 2].map(|()| register(store, &ids));
    let written = User {
        password: password("another"),
        is_operator: true,
        created_at: instant("1999-12-31T23:59:59Z"),
        ..user(before.id, "renamed")
    };
    let expected = User { created_at: NOW, is_disabled: false, ..written.clone() };
    // The last update changes nothing, not even the name.
    for (is_operator, is_disabled) in [(true, true), (false, true), (true, false), (true, false)] {
        let update = User { is_operator, is_disabled, ..written.clone() };
        commit(store, move |tx| tx.update_user(&update));
        assert_eq!(found(store, before.id), Some(User { is_operator, is_disabled, ..expected.clone() }));
    }
    assert_eq!(found_named(store, &expected.username), Some(expected));
    assert_eq!(found_named(store, &before.username), None);
    assert_eq!(found(store, other.id), Some(other));
    let heir = user(ids.user(), before.username.as_str());
    commit(store, move |tx| tx.insert_user(&heir));
    let back = before.clone();
    assert_refused(store, move |tx| tx.update_user(&back));
}

/// No user is added or changed.
pub fn an_update_of_an_unknown_user_or_to_a_used_name_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let [ann, bo] = [(); 2].map(|()| register(store, &ids));
    let stranger = user(ids.user(), "stranger");
    let stranger_id = stranger.id;
    assert_refused(store, move |tx| tx.update_user(&stranger));
    assert_eq!(found(store, stranger_id), None);
    let namesake = User { username: bo.username.clone(), is_disabled: true, ..ann.clone() };
    assert_refused(store, move |tx| tx.update_user(&namesake));
    assert_eq!([found(store, ann.id), found(store, bo.id)], [Some(ann), Some(bo)]);
}

/// Regardless of the order of registration, and from any id on.
pub fn users_are_listed_newest_first_page_by_page(store: &impl Store) {
    let ids = CountingIds::default();
    let users: Vec<User> = (0..5).map(|number| user(ids.user(), &format!("user-{number}"))).collect();
    let inserted = [3, 0, 4, 1, 2].map(|position: usize| users[position].clone());
    assert_eq!(look(store, |tx| tx.list_users(None, 10)), []);
    commit(store, move |tx| inserted.iter().try_for_each(|user| tx.insert_user(user)));
    let newest: Vec<User> = users.into_iter().rev().collect();
    let last = newest[4].id;
    for (after, max, expected) in [
        (None, usize::MAX, &newest[..]),
        (None, 2, &newest[..2]),
        (Some(newest[1].id), 2, &newest[2..4]),
        (Some(newest[3].id), 2, &newest[4..]),
        (Some(last), 2, &[]),
        (None, 0, &[]),
        (Some(ids.user()), 1, &newest[..1]),
    ] {
        let read = look(store, move |tx| tx.list_users(after, max));
        assert_eq!(read, expected, "{max} after {after:?}");
        assert_eq!(commit(store, move |tx| tx.list_users(after, max)), expected, "{max} after {after:?}");
    }
}

/// Only users who are operators at the time.
pub fn operators_are_listed_newest_first(store: &impl Store) {
    let ids = CountingIds::default();
    let users: Vec<User> = (0..4).map(|number| user(ids.user(), &format!("user-{number}"))).collect();
    let operators = [0, 2, 3].map(|position: usize| User { is_operator: true, ..users[position].clone() });
    commit(store, move |tx| users.iter().try_for_each(|user| tx.insert_user(user)));
    assert_eq!(look(store, |tx| tx.list_operators()), []);
    let [oldest, middle, newest] = operators.clone();
    let middle = User { is_disabled: true, ..middle };
    let made = [oldest.clone(), middle.clone(), newest.clone()];
    commit(store, move |tx| made.iter().try_for_each(|user| tx.update_user(user)));
    assert_eq!(look(store, |tx| tx.list_operators()), [newest.clone(), middle.clone(), oldest]);
    let resigned = User { is_operator: false, ..operators[0].clone() };
    commit(store, move |tx| tx.update_user(&resigned));
    assert_eq!(commit(store, |tx| tx.list_operators()), [newest, middle]);
}

/// With their sessions, API keys and memberships, and nothing of other users. Deleting a missing
/// user is not an error.
pub fn a_user_is_deleted_with_all_their_data(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let [deleted, stays] = [(); 2].map(|()| register(store, &ids));
    let things = [(deleted.id, secret(1)), (stays.id, secret(2))].map(|(user, hash)| {
        let (session, key) = (session(ids.session(), user), api_key(ids.api_key(), user));
        (user, hash, session, key)
    });
    let inserted = things.clone();
    commit(store, move |tx| {
        inserted.iter().try_for_each(|(user, hash, session, key)| {
            tx.insert_session(session)?;
            tx.insert_refresh_token(session.id, hash)?;
            tx.insert_api_key(key)?;
            tx.put_member(account, *user, Role::Owner, NOW)
        })
    });
    for _ in 0..2 {
        commit(store, move |tx| tx.delete_user(deleted.id));
        let are_there = things.clone().map(|(user, hash, session, key)| {
            look(store, move |tx: &mut dyn ReadTx| {
                Ok([
                    tx.find_user(user)?.is_some(),
                    tx.find_session(session.id)?.is_some(),
                    tx.find_refresh_token(&hash)?.is_some(),
                    tx.find_api_key(key.id)?.is_some(),
                    !tx.list_api_keys(user, None, 1)?.is_empty(),
                    tx.find_role(account, user)?.is_some(),
                    tx.find_member(account, user)?.is_some(),
                    !gather(
                        1,
                        1,
                        None,
                        |it: &Account| it.id,
                        |after, max| tx.list_accounts(Some(user), false, after, max),
                    )?
                    .items
                    .is_empty(),
                ])
            })
        });
        assert_eq!(are_there, [[false; 8], [true; 8]]);
        let counted = look(store, move |tx| Ok((tx.count_owners(account)?, tx.list_members(account, None, 9)?.len())));
        assert_eq!(counted, (1, 1));
    }
    assert_eq!(found_named(store, &deleted.username), None);
}
