//! Sessions, refresh tokens and API keys: found as written, until deleted.

use domain::ports::{Store, WriteTx};
use domain::{ApiKey, RefreshToken, Scope, SecretHash, Session, SessionId, SignedDuration};

use super::{assert_refused, commit, look, open, register};
use crate::fixtures::{CountingIds, NOW, api_key, instant, name, secret, session};

/// The session, in a read. A unit of work finds the same.
fn found(store: &impl Store, id: SessionId) -> Option<Session> {
    let read = look(store, move |tx| tx.find_session(id));
    assert_eq!(commit(store, move |tx| tx.find_session(id)), read);
    read
}

fn found_token(store: &impl Store, hash: SecretHash) -> Option<RefreshToken> {
    look(store, move |tx| tx.find_refresh_token(&hash))
}

fn found_key(store: &impl Store, key: &ApiKey) -> Option<ApiKey> {
    let id = key.id;
    let read = look(store, move |tx| tx.find_api_key(id));
    assert_eq!(commit(store, move |tx| tx.find_api_key(id)), read);
    read
}

/// Begins a session with one refresh token.
fn begin(store: &impl Store, session: &Session, hash: SecretHash) {
    let session = session.clone();
    commit(store, move |tx| {
        tx.insert_session(&session)?;
        tx.insert_refresh_token(session.id, &hash)
    });
}

/// Only its expiry changes, and no other session.
pub fn a_session_is_found_as_begun_and_extended(store: &impl Store) {
    let ids = CountingIds::default();
    let user = register(store, &ids).id;
    let [begun, other] = [(); 2].map(|()| session(ids.session(), user));
    assert_eq!(found(store, begun.id), None);
    begin(store, &begun, secret(1));
    begin(store, &other, secret(2));
    assert_eq!(found(store, begun.id), Some(begun.clone()));
    let (id, expires_at) = (begun.id, instant("2199-12-31T23:59:59.999999Z"));
    commit(store, move |tx| tx.extend_session(id, expires_at));
    assert_eq!(found(store, id), Some(Session { expires_at, ..begun }));
    assert_eq!(found(store, other.id), Some(other));
}

/// A duplicate id, an unknown user, an unknown session.
pub fn an_invalid_session_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let [ann, bo] = [(); 2].map(|()| register(store, &ids).id);
    let begun = session(ids.session(), ann);
    begin(store, &begun, secret(1));
    let (taken, of_unknown_user) = (session(begun.id, bo), session(ids.session(), ids.user()));
    let (unknown, of_unknown_user_id) = (ids.session(), of_unknown_user.id);
    assert_refused(store, move |tx| tx.insert_session(&taken));
    assert_refused(store, move |tx| tx.insert_session(&of_unknown_user));
    assert_refused(store, move |tx| tx.extend_session(unknown, NOW));
    assert_eq!(
        [found(store, begun.id), found(store, of_unknown_user_id), found(store, unknown)],
        [Some(begun), None, None]
    );
}

/// All its refresh tokens, used or not, and no others. Deleting a missing session is not an error.
pub fn a_session_is_deleted_with_its_refresh_tokens(store: &impl Store) {
    let ids = CountingIds::default();
    let user = register(store, &ids).id;
    let [deleted, stays] = [(); 2].map(|()| session(ids.session(), user));
    begin(store, &deleted, secret(1));
    begin(store, &stays, secret(2));
    let id = deleted.id;
    commit(store, move |tx| {
        tx.insert_refresh_token(id, &secret(3))?;
        tx.use_refresh_token(&secret(1), NOW)
    });
    for _ in 0..2 {
        commit(store, move |tx| tx.delete_session(id));
        assert_eq!([found(store, id), found(store, stays.id)], [None, Some(stays.clone())]);
        let are_there = [1, 2, 3].map(|hash| found_token(store, secret(hash)).is_some());
        assert_eq!(are_there, [false, true, false]);
    }
}

/// Including those that expire at the instant; not those of another user.
pub fn expired_sessions_of_one_user_are_deleted(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| register(store, &ids).id);
    let microsecond = SignedDuration::from_micros(1);
    let sessions = [(own, NOW - microsecond), (own, NOW), (own, NOW + microsecond), (other, NOW - microsecond)]
        .map(|(user, expires_at)| Session { expires_at, ..session(ids.session(), user) });
    for (hash, session) in (1..).zip(&sessions) {
        begin(store, session, secret(hash));
    }
    let are_there = || {
        let of_sessions = sessions.each_ref().map(|session| found(store, session.id).is_some());
        let of_tokens = [1, 2, 3, 4].map(|hash| found_token(store, secret(hash)).is_some());
        assert_eq!(of_tokens, of_sessions);
        of_sessions
    };
    assert_eq!(are_there(), [true; 4]);
    commit(store, move |tx| tx.delete_sessions(own, Some(NOW)));
    assert_eq!(are_there(), [false, false, true, true]);
    commit(store, move |tx| tx.delete_sessions(own, None));
    assert_eq!(are_there(), [false, false, false, true]);
}

/// By creation, then by id, including expired ones.
pub fn sessions_of_one_user_are_listed_oldest_first(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| register(store, &ids).id);
    let microsecond = SignedDuration::from_micros(1);
    let begun = [(own, 1), (other, 0), (own, 0), (own, 0), (own, -1)].map(|(user_id, later)| {
        let created_at = NOW + microsecond * later;
        Session { created_at, expires_at: created_at + microsecond, ..session(ids.session(), user_id) }
    });
    for (hash, session) in (1..).zip(begun.iter().rev()) {
        begin(store, session, secret(hash));
    }
    let expected = [4, 2, 3, 0].map(|position: usize| begun[position].clone());
    assert_eq!(look(store, move |tx| tx.list_sessions(own)), expected);
    assert_eq!(commit(store, move |tx| tx.list_sessions(own)), expected);
    let stranger = ids.user();
    assert_eq!(look(store, move |tx| tx.list_sessions(stranger)), []);
}

/// Of all users, up to `max` rows, those that expired first. A session is deleted after its refresh
/// tokens.
pub fn expired_sessions_are_deleted_in_bounded_steps(store: &impl Store) {
    let ids = CountingIds::default();
    let ends = [NOW, NOW - SignedDuration::from_micros(1), NOW + SignedDuration::from_micros(1)];
    let sessions = ends.map(|expires_at| Session { expires_at, ..session(ids.session(), register(store, &ids).id) });
    for (hash, session) in (1..).zip(&sessions) {
        begin(store, session, secret(hash));
    }
    let expired_first = sessions[1].id;
    commit(store, move |tx| [4, 5].iter().try_for_each(|hash| tx.insert_refresh_token(expired_first, &secret(*hash))));
    let delete = |max| commit(store, move |tx| tx.delete_expired_sessions(NOW, max));
    let sessions_there = || sessions.each_ref().map(|session| found(store, session.id).is_some());
    let tokens_there = || [1, 2, 3, 4, 5].map(|hash| found_token(store, secret(hash)).is_some());
    assert_eq!((delete(0), sessions_there(), tokens_there()), (0, [true; 3], [true; 5]));
    assert_eq!((delete(2), sessions_there()), (2, [true; 3]));
    assert_eq!(tokens_there().into_iter().filter(|is_there| *is_there).count(), 3);
    assert_eq!([delete(2), delete(3), delete(1)], [2, 2, 0]);
    assert_eq!((sessions_there(), tokens_there()), ([false, false, true], [false, false, true, false, false]));
}

/// The bound is that of both together.
pub fn a_step_deletes_the_last_tokens_and_the_first_sessions(store: &impl Store) {
    let ids = CountingIds::default();
    let user = register(store, &ids).id;
    let sessions = [1, 2, 3]
        .map(|ago| Session { expires_at: NOW - SignedDuration::from_hours(ago), ..session(ids.session(), user) });
    for session in sessions.clone() {
        commit(store, move |tx| tx.insert_session(&session));
    }
    let of_token = sessions[0].id;
    commit(store, move |tx| tx.insert_refresh_token(of_token, &secret(1)));
    assert_eq!(commit(store, |tx| tx.delete_expired_sessions(NOW, 2)), 2);
    assert_eq!(found_token(store, secret(1)), None);
    assert_eq!(sessions.each_ref().map(|session| found(store, session.id).is_some()), [true, true, false]);
}

/// To the microsecond. Other tokens of the session stay unused.
pub fn a_refresh_token_is_unused_until_it_is_used(store: &impl Store) {
    let ids = CountingIds::default();
    let begun = session(ids.session(), register(store, &ids).id);
    let session_id = begun.id;
    begin(store, &begun, secret(1));
    commit(store, move |tx| tx.insert_refresh_token(session_id, &secret(2)));
    let token = |hash, used_at| Some(RefreshToken { hash: secret(hash), session_id, used_at });
    assert_eq!([1, 2].map(|hash| found_token(store, secret(hash))), [token(1, None), token(2, None)]);
    for at in [NOW, instant("2199-12-31T23:59:59.999999Z")] {
        commit(store, move |tx| tx.use_refresh_token(&secret(1), at));
        assert_eq!([1, 2].map(|hash| found_token(store, secret(hash))), [token(1, Some(at)), token(2, None)]);
    }
}

/// A duplicate hash, an unknown session, an unknown token.
pub fn an_invalid_refresh_token_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let begun = session(ids.session(), register(store, &ids).id);
    let (id, unknown) = (begun.id, ids.session());
    begin(store, &begun, secret(1));
    commit(store, |tx| tx.use_refresh_token(&secret(1), NOW));
    assert_refused(store, move |tx| tx.insert_refresh_token(id, &secret(1)));
    assert_refused(store, move |tx| tx.insert_refresh_token(unknown, &secret(2)));
    assert_refused(store, |tx| tx.use_refresh_token(&secret(3), NOW));
    let used = RefreshToken { hash: secret(1), session_id: id, used_at: Some(NOW) };
    assert_eq!([1, 2, 3].map(|hash| found_token(store, secret(hash))), [Some(used), None, None]);
}

/// With and without each optional field, with every scope.
pub fn an_api_key_is_found_as_created_and_touched(store: &impl Store) {
    let ids = CountingIds::default();
    let (account, user) = (open(store, ids.account()).id, register(store, &ids).id);
    let later = instant("2026-03-21T00:00:00.000001Z");
    for (scope, account_id, expires_at, last_used_at) in [
        (Scope::Read, None, None, None),
        (Scope::Write, Some(account), None, Some(NOW)),
        (Scope::Admin, None, Some(later), None),
        (Scope::Admin, Some(account), Some(later), Some(later)),
    ] {
        let (name, secret) = (name("Kasse 美 \"1\""), secret(u8::MAX));
        let made = ApiKey { name, secret, scope, account_id, expires_at, last_used_at, ..api_key(ids.api_key(), user) };
        let inserted = made.clone();
        commit(store, move |tx| tx.insert_api_key(&inserted));
        assert_eq!(found_key(store, &made), Some(made.clone()));
        let (id, at) = (made.id, later + SignedDuration::from_micros(1));
        commit(store, move |tx| tx.touch_api_key(id, at));
        assert_eq!(found_key(store, &made), Some(ApiKey { last_used_at: Some(at), ..made }));
    }
}

/// Deleting or touching a missing key is not an error, and does not create one.
pub fn a_deleted_api_key_is_not_found(store: &impl Store) {
    let ids = CountingIds::default();
    let user = register(store, &ids).id;
    let [deleted, stays] = [(); 2].map(|()| api_key(ids.api_key(), user));
    let (inserted, id) = ([deleted.clone(), stays.clone()], deleted.id);
    commit(store, move |tx| inserted.iter().try_for_each(|key| tx.insert_api_key(key)));
    for _ in 0..2 {
        commit(store, move |tx| tx.delete_api_key(id));
        commit(store, move |tx| tx.touch_api_key(id, NOW));
        assert_eq!([found_key(store, &deleted), found_key(store, &stays)], [None, Some(stays.clone())]);
    }
}

/// Of all users, those that expired first. Keys without expiry stay.
pub fn expired_api_keys_are_deleted_in_bounded_steps(store: &impl Store) {
    let ids = CountingIds::default();
    let microsecond = SignedDuration::from_micros(1);
    let ends = [None, Some(NOW + microsecond), Some(NOW), Some(NOW - microsecond), Some(NOW - microsecond * 2)];
    let keys = ends.map(|expires_at| {
        let key = ApiKey { expires_at, ..api_key(ids.api_key(), register(store, &ids).id) };
        let inserted = key.clone();
        commit(store, move |tx| tx.insert_api_key(&inserted));
        key
    });
    let delete = |max| commit(store, move |tx| tx.delete_expired_api_keys(NOW, max));
    let are_there = || keys.each_ref().map(|key| found_key(store, key).is_some());
    assert_eq!((delete(0), are_there()), (0, [true; 5]));
    assert_eq!((delete(2), are_there()), (2, [true, true, true, false, false]));
    assert_eq!((delete(2), are_there()), (1, [true, true, false, false, false]));
    assert_eq!((delete(2), are_there()), (0, [true, true, false, false, false]));
}

/// Regardless of the order of creation, and with keys of another user in between.
pub fn api_keys_of_one_user_are_listed_newest_first(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| register(store, &ids).id);
    let keys: Vec<ApiKey> = [own, other].repeat(4).into_iter().map(|user| api_key(ids.api_key(), user)).collect();
    let inserted = keys.clone();
    commit(store, move |tx| inserted.iter().rev().try_for_each(|key| tx.insert_api_key(key)));
    let newest: Vec<ApiKey> = keys.iter().rev().filter(|key| key.user_id == own).cloned().collect();
    for (after, max, expected) in [
        (None, usize::MAX, &newest[..]),
        (None, 3, &newest[..3]),
        (Some(newest[2].id), 3, &newest[3..]),
        (Some(newest[0].id), 1, &newest[1..2]),
        (Some(newest[3].id), 3, &[]),
        (None, 0, &[]),
    ] {
        let read = look(store, move |tx| tx.list_api_keys(own, after, max));
        assert_eq!(read, expected, "{max} after {after:?}");
    }
    let stranger = ids.user();
    assert_eq!(look(store, move |tx| tx.list_api_keys(stranger, None, 9)), []);
}

/// A duplicate id, an unknown user, an unknown account.
pub fn an_invalid_api_key_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let [ann, bo] = [(); 2].map(|()| register(store, &ids).id);
    let made = api_key(ids.api_key(), ann);
    let inserted = made.clone();
    commit(store, move |tx| tx.insert_api_key(&inserted));
    let of_unknown_user = api_key(ids.api_key(), ids.user());
    let refused = [api_key(made.id, bo), of_unknown_user.clone()];
    for key in refused {
        assert_refused(store, move |tx: &mut dyn WriteTx| tx.insert_api_key(&key));
    }
    assert_eq!(found_key(store, &of_unknown_user), None);
    assert_eq!(found_key(store, &made), Some(made));
}
