//! Races for credentials: one successor for a refresh token, and the maximum of sessions and API
//! keys.

use domain::error::{ApiKeyError, RefreshError};
use domain::ports::Store;
use domain::use_cases::{REFRESH_REPEATABLE_FOR, Refreshed, SESSIONS_MAX, create_api_key, log_in, refresh_session};
use domain::{API_KEYS_MAX, ApiKey, RefreshToken, Session, SignedDuration, User};

use super::access_races::numbered;
use super::races::race_among;
use super::{commit, look, register};
use crate::block_on;
use crate::fixtures::{CountingIds, NOW, api_key, session};

const THREADS: usize = 8;

/// Begins a session of the user for each round, with the first refresh token of the round.
fn begin(store: &impl Store, ids: &CountingIds, user: &User, rounds: usize) -> Vec<Session> {
    let begin = |round| {
        let (checked, begun) = (user.clone(), session(ids.session(), user.id));
        let (inserted, first) = (begun.clone(), numbered(round, 0));
        assert!(commit(store, move |tx| log_in(tx, &checked, None, &inserted, &first)));
        begun
    };
    (0..rounds).map(begin).collect()
}

/// All requests get the same successor, although each proposes another.
pub fn a_refresh_token_used_concurrently_gets_one_successor(store: &impl Store) {
    const ROUNDS: usize = 10;
    let ids = CountingIds::default();
    let ann = register(store, &ids);
    let sessions = begin(store, &ids, &ann, ROUNDS);
    let rounds = race_among(THREADS, ROUNDS, |round, thread| {
        let [token, next, other] = [0, 1 + thread % 2, 2 - thread % 2].map(|number| numbered(round, number));
        let end = sessions[round].expires_at;
        block_on(store.write(move |tx| refresh_session(tx, &token, &next, &[other], NOW, end)))
    });
    for (round, (session, outcomes)) in sessions.into_iter().zip(rounds).enumerate() {
        let Ok(Refreshed::Extended(.., successor)) = outcomes[0] else { panic!("{outcomes:?}") };
        let expected = Ok(Refreshed::Extended(session.id, ann.id, successor));
        assert!(outcomes.iter().all(|outcome| *outcome == expected), "{outcomes:?}");
        let found = [0, 1, 2].map(|number| look(store, move |tx| tx.find_refresh_token(&numbered(round, number))));
        let token = |hash, used_at| RefreshToken { hash, session_id: session.id, used_at };
        let there: Vec<RefreshToken> = found.into_iter().flatten().collect();
        assert_eq!(there, [token(numbered(round, 0), Some(NOW)), token(successor, None)]);
    }
}

/// The first request revokes the session. The others do not find it.
pub fn a_refresh_token_reused_too_late_revokes_its_session(store: &impl Store) {
    const ROUNDS: usize = 10;
    let ids = CountingIds::default();
    let ann = register(store, &ids);
    let sessions = begin(store, &ids, &ann, ROUNDS);
    let refresh = |round: usize, now| {
        let [token, next] = [0, 1].map(|number| numbered(round, number));
        let end = sessions[round].expires_at;
        block_on(store.write(move |tx| refresh_session(tx, &token, &next, &[], now, end)))
    };
    for round in 0..ROUNDS {
        assert!(matches!(refresh(round, NOW), Ok(Refreshed::Extended(..))));
    }
    let rounds = race_among(THREADS, ROUNDS, |round, _| refresh(round, NOW + REFRESH_REPEATABLE_FOR));
    for (round, (session, outcomes)) in sessions.iter().zip(rounds).enumerate() {
        let count = |wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count();
        assert_eq!(count(Ok(Refreshed::Revoked(session.id, ann.id))), 1, "{outcomes:?}");
        assert_eq!(count(Err(RefreshError::Invalid)), THREADS - 1, "{outcomes:?}");
        let id = session.id;
        assert_eq!(look(store, move |tx| tx.find_session(id)), None);
        let found = [0, 1].map(|number| look(store, move |tx| tx.find_refresh_token(&numbered(round, number))));
        assert_eq!(found, [None, None]);
    }
}

/// The sessions that began last stay.
pub fn concurrent_logins_leave_the_maximum_of_sessions(store: &impl Store) {
    const ROUNDS: usize = 5;
    let ids = CountingIds::default();
    let [ann, bo] = [(); 2].map(|()| register(store, &ids));
    let other = session(ids.session(), bo.id);
    let begun = other.clone();
    assert!(commit(store, move |tx| log_in(tx, &bo, None, &begun, &numbered(ROUNDS, 0))));
    let rounds = race_among(THREADS, ROUNDS, |round, thread| {
        let (checked, begun, token) = (ann.clone(), session(ids.session(), ann.id), numbered(round, thread));
        let id = begun.id;
        assert_eq!(block_on(store.write(move |tx| log_in(tx, &checked, None, &begun, &token))), Ok(true));
        id
    });
    let user = ann.id;
    let left: Vec<_> = look(store, move |tx| tx.list_sessions(user)).iter().map(|session| session.id).collect();
    assert_eq!(left.len(), SESSIONS_MAX);
    // All sessions of the last two rounds fit.
    assert!(rounds[ROUNDS - 2..].iter().flatten().all(|id| left.contains(id)), "{left:?} of {rounds:?}");
    let user = other.user_id;
    assert_eq!(look(store, move |tx| tx.list_sessions(user)), [other]);
}

/// Further keys are refused until one is revoked or expires.
pub fn concurrently_created_api_keys_stay_within_the_maximum(store: &impl Store) {
    const ROUNDS: usize = 8;
    let ids = CountingIds::default();
    let user = register(store, &ids).id;
    let rounds = race_among(THREADS, ROUNDS, |_, _| {
        let key = api_key(ids.api_key(), user);
        block_on(store.write(move |tx| create_api_key(tx, &key)))
    });
    let outcomes = rounds.concat();
    let count = |wanted: &Result<(), ApiKeyError>| outcomes.iter().filter(|outcome| *outcome == wanted).count();
    let refused = THREADS * ROUNDS - API_KEYS_MAX;
    assert_eq!((count(&Ok(())), count(&Err(ApiKeyError::TooMany))), (API_KEYS_MAX, refused), "{outcomes:?}");
    let keys = look(store, move |tx| tx.list_api_keys(user, None, usize::MAX));
    assert_eq!(keys.len(), API_KEYS_MAX);
    let id = keys[0].id;
    commit(store, move |tx| tx.delete_api_key(id));
    let create = |key: ApiKey| block_on(store.write(move |tx| create_api_key(tx, &key)));
    let end = NOW + SignedDuration::from_hours(1);
    let ends = ApiKey { expires_at: Some(end), ..api_key(ids.api_key(), user) };
    assert_eq!([create(ends), create(api_key(ids.api_key(), user))], [Ok(()), Err(ApiKeyError::TooMany)]);
    assert_eq!(create(ApiKey { created_at: end, ..api_key(ids.api_key(), user) }), Ok(()));
}
