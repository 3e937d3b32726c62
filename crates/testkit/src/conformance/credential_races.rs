//! A user has so many sessions and API keys and no more, however many are made at once.

use domain::error::ApiKeyError;
use domain::ports::Store;
use domain::use_cases::{SESSIONS_MAX, create_api_key, log_in};
use domain::{API_KEYS_MAX, ApiKey, SignedDuration};

use super::access_races::numbered;
use super::races::race_among;
use super::{commit, look, register};
use crate::block_on;
use crate::fixtures::{CountingIds, NOW, api_key, session};

const THREADS: usize = 8;

/// Those that began last.
pub fn logins_at_once_leave_as_many_sessions_as_a_user_may_have(store: &impl Store) {
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
    // There is room for all of the last two rounds.
    assert!(rounds[ROUNDS - 2..].iter().flatten().all(|id| left.contains(id)), "{left:?} of {rounds:?}");
    let user = other.user_id;
    assert_eq!(look(store, move |tx| tx.list_sessions(user)), [other]);
}

/// The others are refused, until one is revoked or has expired.
pub fn api_keys_made_at_once_are_as_many_as_a_user_may_have(store: &impl Store) {
    const ROUNDS: usize = 8;
    let ids = CountingIds::default();
    let user = register(store, &ids).id;
    let rounds = race_among(THREADS, ROUNDS, |_, _| {
        let key = api_key(ids.api_key(), user);
        block_on(store.write(move |tx| create_api_key(tx, &key)))
    });
    let answers = rounds.concat();
    let count = |wanted: &Result<(), ApiKeyError>| answers.iter().filter(|answer| *answer == wanted).count();
    let refused = THREADS * ROUNDS - API_KEYS_MAX;
    assert_eq!((count(&Ok(())), count(&Err(ApiKeyError::TooMany))), (API_KEYS_MAX, refused), "{answers:?}");
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
