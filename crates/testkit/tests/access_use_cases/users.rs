//! Users: registration, changes, logins, sessions and API keys.

use domain::error::{ApiKeyError, RefreshError, UserError};
use domain::use_cases::{self, REFRESH_REPEATABLE_FOR, Refreshed, SESSIONS_MAX};
use domain::{
    API_KEYS_MAX, ApiKey, EXPIRED_API_KEYS_MAX, PasswordHash, Session, SessionId, SignedDuration, Timestamp, User,
    UserId, Username,
};
use testkit::MemoryStore;
use testkit::fixtures::{CountingIds, NOW, api_key, secret, session, user};

use super::{MICROSECOND, begin, commit, found, register, run};

fn is_there(store: &MemoryStore, id: SessionId) -> bool {
    commit(store, move |tx| tx.find_session(id)).is_some()
}

fn password(text: &str) -> PasswordHash {
    PasswordHash::from_phc(text.to_owned())
}

fn username(text: &str) -> Username {
    Username::parse(text).expect("a good username")
}

#[test]
fn a_used_name_is_refused_on_registration_and_renaming() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let [ann, bo] = ["ann", "bo"].map(|name| user(ids.user(), name));
    let (ann_id, bo_id) = (ann.id, bo.id);
    for user in [ann.clone(), bo.clone()] {
        assert_eq!(run(&store, move |tx| use_cases::register_user(tx, &user, None)), Ok(()));
    }
    let namesake = user(ids.user(), "ANN");
    let namesake_id = namesake.id;
    assert_eq!(run(&store, move |tx| use_cases::register_user(tx, &namesake, None)), Err(UserError::NameTaken));
    assert_eq!(found(&store, namesake_id), None);
    let rename = |id: UserId, name: &str| {
        let name = username(name);
        run(&store, move |tx| use_cases::rename_user(tx, id, &name, None))
    };
    assert_eq!(rename(bo_id, "ann"), Err(UserError::NameTaken));
    assert_eq!(rename(ids.user(), "cy"), Err(UserError::NotFound));
    assert_eq!(rename(bo_id, "bo"), Ok(bo.clone()));
    assert_eq!([found(&store, ann_id), found(&store, bo_id)], [Some(ann), Some(bo.clone())]);
    let renamed = User { username: username("cy"), ..bo };
    assert_eq!(rename(bo_id, "cy"), Ok(renamed.clone()));
    assert_eq!(found(&store, bo_id), Some(renamed));
}

fn operator(ids: &CountingIds, name: &str) -> User {
    User { is_operator: true, ..user(ids.user(), name) }
}

#[test]
fn the_reserved_name_is_for_operators() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let reserved = username("boss");
    let add = |user: User| {
        let reserved = reserved.clone();
        run(&store, move |tx| use_cases::register_user(tx, &user, Some(&reserved)))
    };
    let rename = |id: UserId, name: &str| {
        let (name, reserved) = (username(name), reserved.clone());
        run(&store, move |tx| use_cases::rename_user(tx, id, &name, Some(&reserved))).map(drop)
    };
    let (ann, chief, boss) = (user(ids.user(), "ann"), operator(&ids, "chief"), operator(&ids, "boss"));
    let (ann_id, chief_id, boss_id) = (ann.id, chief.id, boss.id);
    assert_eq!(add(user(ids.user(), "boss")), Err(UserError::NameTaken), "no user has it, and none gets it");
    assert_eq!((add(ann), add(chief)), (Ok(()), Ok(())));
    assert_eq!(rename(ann_id, "boss"), Err(UserError::NameTaken));
    assert_eq!((rename(chief_id, "boss"), rename(chief_id, "boss")), (Ok(()), Ok(())));
    assert_eq!(rename(chief_id, "chief"), Err(UserError::LastOperator), "the last one keeps it");
    assert_eq!(add(boss), Err(UserError::NameTaken));
    assert_eq!(add(operator(&ids, "other")), Ok(()));
    assert_eq!((rename(chief_id, "chief"), rename(chief_id, "head")), (Ok(()), Ok(())));
    assert_eq!(found(&store, boss_id), None);
}

#[test]
fn the_last_operator_who_can_log_in_stays() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let [first, second] = ["first", "second"].map(|name| register(&store, operator(&ids, name)).id);
    let ann = register(&store, user(ids.user(), "ann")).id;
    let disable = |id: UserId, is_disabled| run(&store, move |tx| use_cases::disable_user(tx, id, is_disabled));
    let delete = |id: UserId| run(&store, move |tx| use_cases::delete_user(tx, id));
    assert_eq!(disable(first, true), Ok(()));
    assert_eq!((disable(second, true), delete(second)), (Err(UserError::LastOperator), Err(UserError::LastOperator)));
    assert_eq!((disable(first, true), disable(first, false)), (Ok(()), Ok(())));
    assert_eq!((delete(second), delete(first)), (Ok(()), Err(UserError::LastOperator)));
    assert_eq!((disable(ann, true), disable(ann, false), delete(ann)), (Ok(()), Ok(()), Ok(())));
}

#[test]
fn a_new_password_and_disabling_end_all_sessions() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let [ann, bo] = ["ann", "bo"].map(|name| register(&store, user(ids.user(), name)));
    let [ann_id, bo_id] = [ann.id, bo.id];
    let begin_all = || [ann_id, ann_id, bo_id].map(|user| begin(&store, session(ids.session(), user)).id);
    let sessions = begin_all();
    let changed = run(&store, move |tx| use_cases::change_password(tx, ann_id, &password("another")));
    assert_eq!((changed, sessions.map(|id| is_there(&store, id))), (Ok(()), [false, false, true]));
    let expected = User { password: password("another"), ..ann };
    assert_eq!(found(&store, ann_id), Some(expected.clone()));

    let sessions = begin_all();
    for (is_disabled, expected_sessions) in [(false, [true; 3]), (true, [false, false, true])] {
        assert_eq!(run(&store, move |tx| use_cases::disable_user(tx, ann_id, is_disabled)), Ok(()));
        assert_eq!(sessions.map(|id| is_there(&store, id)), expected_sessions);
        assert_eq!(found(&store, ann_id), Some(User { is_disabled, ..expected.clone() }));
    }
    assert_eq!(found(&store, bo_id), Some(bo));

    let stranger = ids.user();
    let changed = run(&store, move |tx| use_cases::change_password(tx, stranger, &password("another")));
    let disabled = run(&store, move |tx| use_cases::disable_user(tx, stranger, true));
    assert_eq!([changed, disabled], [Err(UserError::NotFound), Err(UserError::NotFound)]);
}

/// Logs in at [`NOW`] with refresh token `hash`. Returns whether it succeeded, and the session's
/// id.
fn log_in(store: &MemoryStore, ids: &CountingIds, checked: &User, raised: Option<&str>, hash: u8) -> (bool, SessionId) {
    let (checked, begun, raised) = (checked.clone(), session(ids.session(), checked.id), raised.map(password));
    let id = begun.id;
    let did = run(store, move |tx| use_cases::log_in(tx, &checked, raised.as_ref(), &begun, &secret(hash)));
    (did.expect("the store does not fail"), id)
}

#[test]
fn a_login_begins_a_session_and_deletes_expired_ones() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let ann = register(&store, user(ids.user(), "ann"));
    let [ended, running] = [NOW, NOW + MICROSECOND]
        .map(|expires_at| begin(&store, Session { expires_at, ..session(ids.session(), ann.id) }).id);
    let (did, id) = log_in(&store, &ids, &ann, None, 1);
    assert!(did);
    assert_eq!([ended, running, id].map(|id| is_there(&store, id)), [false, true, true]);
    let token = commit(&store, |tx| tx.find_refresh_token(&secret(1))).expect("it has a refresh token");
    assert_eq!((token.session_id, token.used_at), (id, None));
    assert_eq!(found(&store, ann.id), Some(ann));
}

#[test]
fn a_login_above_the_maximum_ends_the_oldest_session() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let [ann, bo] = ["ann", "bo"].map(|name| register(&store, user(ids.user(), name)));
    let others = begin(&store, session(ids.session(), bo.id)).id;
    // The oldest session neither has the smallest id nor ends first.
    let newer = begin(&store, session(ids.session(), ann.id)).id;
    let created_at = NOW - MICROSECOND;
    let oldest = begin(&store, Session { created_at, ..session(ids.session(), ann.id) }).id;
    let ended = begin(&store, Session { expires_at: NOW, ..session(ids.session(), ann.id) }).id;
    for hash in 3..=SESSIONS_MAX {
        log_in(&store, &ids, &ann, None, u8::try_from(hash).expect("they are few"));
    }
    let are_there = || [oldest, newer, ended, others].map(|id| is_there(&store, id));
    assert_eq!(are_there(), [true, true, false, true], "there are as many as may be");
    let (did, id) = log_in(&store, &ids, &ann, None, 100);
    assert_eq!((did, is_there(&store, id), are_there()), (true, true, [false, true, false, true]));
    let ann_id = ann.id;
    assert_eq!(commit(&store, move |tx| tx.list_sessions(ann_id)).len(), SESSIONS_MAX);
    let (did, _) = log_in(&store, &ids, &User { password: password("stale"), ..ann }, None, 101);
    assert!(!did && is_there(&store, newer), "a login that is refused ends none");
}

#[test]
fn a_user_has_a_maximum_of_api_keys_and_of_expired_ones() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let [ann, bo] = ["ann", "bo"].map(|name| register(&store, user(ids.user(), name)).id);
    let create = |owner: UserId, created_at, lifetime: Option<i64>| {
        let expires_at = lifetime.map(|it| created_at + SignedDuration::from_secs(it));
        let key = ApiKey { created_at, expires_at, ..api_key(ids.api_key(), owner) };
        let id = key.id;
        run(&store, move |tx| use_cases::create_api_key(tx, &key)).map(|()| id)
    };
    for lifetime in (1..).take(API_KEYS_MAX) {
        create(ann, NOW, Some(lifetime)).expect("there is room");
    }
    assert_eq!(create(ann, NOW, None), Err(ApiKeyError::TooMany));
    assert!(create(bo, NOW, None).is_ok(), "others have keys of their own");
    // First one has expired, then all: there is room for as many.
    let later = NOW + SignedDuration::from_secs(1);
    assert!(create(ann, later, Some(1000)).is_ok());
    assert_eq!(create(ann, later, None), Err(ApiKeyError::TooMany));
    let much_later = NOW + SignedDuration::from_secs(2000);
    let made: Vec<_> = (0..API_KEYS_MAX).map(|_| create(ann, much_later, None).expect("there is room")).collect();
    assert_eq!(create(ann, much_later, None), Err(ApiKeyError::TooMany));
    let keys = commit(&store, move |tx| tx.list_api_keys(ann, None, usize::MAX));
    assert_eq!(keys.len(), API_KEYS_MAX + EXPIRED_API_KEYS_MAX);
    assert!(made.iter().all(|id| keys.iter().any(|key| key.id == *id)));
    let first_end = NOW + SignedDuration::from_secs(1);
    assert!(keys.iter().all(|key| key.expires_at != Some(first_end)), "what expired first is removed");
    let revoked = made[0];
    assert_eq!(run(&store, move |tx| use_cases::revoke_api_key(tx, revoked, ann)), Ok(()));
    assert!(create(ann, much_later, None).is_ok());
}

#[test]
fn a_login_upgrades_the_hash_unless_stale_or_disabled() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let ann = register(&store, user(ids.user(), "ann"));
    let ann_id = ann.id;
    let raised = User { password: password("raised"), ..ann.clone() };
    let (did, first) = log_in(&store, &ids, &ann, Some("raised"), 1);
    assert_eq!((did, is_there(&store, first), found(&store, ann_id)), (true, true, Some(raised.clone())));

    // The password was verified before it was changed.
    let (did, second) = log_in(&store, &ids, &ann, Some("raised from the stale one"), 2);
    assert_eq!((did, is_there(&store, second), found(&store, ann_id)), (false, false, Some(raised.clone())));
    assert!(is_there(&store, first));

    assert_eq!(run(&store, move |tx| use_cases::disable_user(tx, ann_id, true)), Ok(()));
    let (did, third) = log_in(&store, &ids, &raised, None, 3);
    assert_eq!((did, is_there(&store, third)), (false, false));
    let (did, _) = log_in(&store, &ids, &user(ids.user(), "stranger"), None, 4);
    assert!(!did);
}

/// Refreshes with `token`, whose successor is `next` or one of `others`.
fn refresh(
    store: &MemoryStore,
    [token, next]: [u8; 2],
    others: &[u8],
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<Refreshed, RefreshError> {
    let others: Vec<_> = others.iter().copied().map(secret).collect();
    run(store, move |tx| use_cases::refresh_session(tx, &secret(token), &secret(next), &others, now, expires_at))
}

#[test]
fn a_refresh_token_extends_its_session_once() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let ann = register(&store, user(ids.user(), "ann"));
    let (_, id) = log_in(&store, &ids, &ann, None, 1);
    let end = NOW + SignedDuration::from_hours(1);
    let later = end + SignedDuration::from_hours(1);
    let refresh = |token, next, now| refresh(&store, [token, next], &[], now, later);
    let extended = |successor| Ok(Refreshed::Extended(id, ann.id, secret(successor)));
    assert_eq!(refresh(9, 2, NOW), Err(RefreshError::Invalid));
    assert_eq!(refresh(1, 2, end), Err(RefreshError::Invalid));
    assert_eq!(refresh(1, 2, end - MICROSECOND), extended(2));
    assert_eq!(commit(&store, move |tx| tx.find_session(id)).map(|session| session.expires_at), Some(later));
    assert_eq!(refresh(2, 3, later - MICROSECOND), extended(3));
    assert_eq!(refresh(1, 4, NOW), Ok(Refreshed::Revoked(id, ann.id)));
    assert!(!is_there(&store, id));
    assert_eq!([1, 2, 3, 4].map(|token| refresh(token, 5, NOW)), [const { Err(RefreshError::Invalid) }; 4]);
}

#[test]
fn any_refresh_token_of_a_session_revokes_it_once() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let ann = register(&store, user(ids.user(), "ann"));
    let revoke = |token| commit(&store, move |tx| use_cases::revoke_session(tx, &secret(token))).map(|it| it.id);
    for revoked_by in [1, 2] {
        let (_, id) = log_in(&store, &ids, &ann, None, 1);
        refresh(&store, [1, 2], &[], NOW, NOW + SignedDuration::from_hours(1)).expect("the token is unused");
        assert_eq!([revoke(9), revoke(revoked_by), revoke(revoked_by)], [None, Some(id), None]);
        assert!(!is_there(&store, id));
    }
}

#[test]
fn a_refresh_token_reused_soon_gets_the_same_successor() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let ann = register(&store, user(ids.user(), "ann"));
    let (end, second) = (NOW + SignedDuration::from_hours(2), SignedDuration::from_secs(1));
    let last = NOW + REFRESH_REPEATABLE_FOR - MICROSECOND;
    // The clock may be behind that of the process that used the token.
    for (now, next, others) in [(NOW, 2, &[][..]), (NOW - second, 2, &[]), (last, 2, &[]), (last, 4, &[3, 2])] {
        let (_, id) = log_in(&store, &ids, &ann, None, 1);
        let extended = Ok(Refreshed::Extended(id, ann.id, secret(2)));
        assert_eq!(refresh(&store, [1, 2], &[], NOW, end), extended);
        for _ in 0..2 {
            assert_eq!(refresh(&store, [1, next], others, now, end + second), extended, "{next} at {now}");
        }
        let expires_at = commit(&store, move |tx| tx.find_session(id)).map(|session| session.expires_at);
        assert_eq!(expires_at, Some(end), "to repeat it changes nothing");
        assert_eq!(refresh(&store, [2, 5], &[], last, end), Ok(Refreshed::Extended(id, ann.id, secret(5))));
        commit(&store, move |tx| tx.delete_session(id));
    }
}

#[test]
fn a_refresh_token_reused_late_revokes_its_session() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let ann = register(&store, user(ids.user(), "ann"));
    let end = NOW + SignedDuration::from_hours(2);
    let late = NOW + REFRESH_REPEATABLE_FOR;
    for (uses_successor, now, next) in [(false, late, 2), (true, NOW, 2), (true, NOW, 4), (false, NOW, 4)] {
        let (_, id) = log_in(&store, &ids, &ann, None, 1);
        // A token of another session is not a successor.
        let (_, other) = log_in(&store, &ids, &ann, None, 4);
        refresh(&store, [1, 2], &[], NOW, end).expect("it was not used");
        if uses_successor {
            refresh(&store, [2, 3], &[], NOW, end).expect("it was not used");
        }
        let outcome = refresh(&store, [1, next], &[], now, end);
        assert_eq!(outcome, Ok(Refreshed::Revoked(id, ann.id)), "{next} at {now}");
        assert_eq!([id, other].map(|id| is_there(&store, id)), [false, true]);
        for token in [1, 2, 3] {
            assert_eq!(refresh(&store, [token, 5], &[], now, end), Err(RefreshError::Invalid));
        }
        commit(&store, move |tx| tx.delete_session(other));
    }
}
