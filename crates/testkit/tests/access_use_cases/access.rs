//! Authentication and authorization.

use domain::error::AccessError;
use domain::use_cases;
use domain::{
    Account, AccountId, Actor, ApiKey, Credential, Role, Scope, Session, SignedDuration, Timestamp, User, UserId,
};
use testkit::MemoryStore;
use testkit::fixtures::{CountingIds, NOW, account, api_key, secret, session, user};

use super::{MICROSECOND, begin, commit, open, register, run};

fn make_key(store: &MemoryStore, key: ApiKey) -> ApiKey {
    let made = key.clone();
    commit(store, move |tx| tx.insert_api_key(&made));
    key
}

fn authenticate(store: &MemoryStore, credential: &Credential, now: Timestamp) -> Result<Actor, AccessError> {
    let credential = credential.clone();
    run(store, move |tx| use_cases::authenticate(tx, &credential, now))
}

fn authorize(store: &MemoryStore, actor: &Actor, account: AccountId, needed: Role) -> Result<(), AccessError> {
    let actor = actor.clone();
    run(store, move |tx| use_cases::authorize(tx, &actor, account, needed))
}

/// An actor with a session.
fn logged_in(user_id: UserId) -> Actor {
    Actor { user_id, api_key: None, scope: Scope::Admin, account_id: None, is_due_to_be_noted: false }
}

#[test]
fn a_session_is_valid_until_it_expires() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let [ann, bo] = ["ann", "bo"].map(|name| register(&store, user(ids.user(), name)).id);
    let Session { id, user_id, expires_at, .. } = begin(&store, session(ids.session(), ann));
    let good = Credential::Session { id, user_id };
    for now in [NOW, expires_at - MICROSECOND] {
        assert_eq!(authenticate(&store, &good, now), Ok(logged_in(ann)));
    }
    for (bad, now) in [
        (good.clone(), expires_at),
        (good, expires_at + MICROSECOND),
        (Credential::Session { id, user_id: bo }, NOW),
        (Credential::Session { id: ids.session(), user_id: ann }, NOW),
    ] {
        assert_eq!(authenticate(&store, &bad, now), Err(AccessError::Unauthenticated), "{bad:?} at {now}");
    }
}

#[test]
fn an_api_key_is_valid_until_it_expires() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let ann = register(&store, user(ids.user(), "ann")).id;
    let own = open(&store, ids.account(), &[(ann, Role::Owner)]);
    let end = NOW + SignedDuration::from_hours(1);
    let bound =
        ApiKey { scope: Scope::Write, account_id: Some(own), expires_at: Some(end), ..api_key(ids.api_key(), ann) };
    let key = make_key(&store, bound);
    let good = Credential::ApiKey { id: key.id, secret: secret(1) };
    let actor = Actor {
        user_id: ann,
        api_key: Some(key.id),
        scope: Scope::Write,
        account_id: Some(own),
        is_due_to_be_noted: true,
    };
    for now in [NOW, end - MICROSECOND] {
        assert_eq!(authenticate(&store, &good, now), Ok(actor.clone()));
    }
    for (bad, now) in [
        (good.clone(), end),
        (Credential::ApiKey { id: key.id, secret: secret(2) }, NOW),
        (Credential::ApiKey { id: ids.api_key(), secret: secret(1) }, NOW),
    ] {
        assert_eq!(authenticate(&store, &bad, now), Err(AccessError::Unauthenticated), "{bad:?} at {now}");
    }
    for (is_disabled, expected) in [(true, Err(AccessError::Unauthenticated)), (false, Ok(actor))] {
        assert_eq!(run(&store, move |tx| use_cases::disable_user(tx, ann, is_disabled)), Ok(()));
        assert_eq!(authenticate(&store, &good, NOW), expected);
    }
}

#[test]
fn an_api_keys_use_is_recorded_once_a_minute() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let ann = register(&store, user(ids.user(), "ann")).id;
    let minute = NOW + SignedDuration::from_mins(1);
    for (last_used_at, now, expected) in [
        (None, NOW, true),
        (Some(NOW), NOW, false),
        (Some(NOW), minute - MICROSECOND, false),
        (Some(NOW), minute, true),
        (Some(minute), NOW, false),
    ] {
        let key = make_key(&store, ApiKey { last_used_at, ..api_key(ids.api_key(), ann) });
        let actor = authenticate(&store, &Credential::ApiKey { id: key.id, secret: secret(1) }, now);
        assert_eq!(actor.map(|actor| actor.is_due_to_be_noted), Ok(expected), "{last_used_at:?} at {now}");
    }
}

#[test]
fn role_and_scope_both_limit_a_member() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let members = [Role::Viewer, Role::Manager, Role::Owner]
        .map(|role| (register(&store, user(ids.user(), role.as_str())).id, role));
    let own = open(&store, ids.account(), &members);
    // Whether this role and scope may act as a viewer, a manager and an owner.
    for (role, scope, expected) in [
        (0, Scope::Read, [true, false, false]),
        (0, Scope::Write, [true, false, false]),
        (0, Scope::Admin, [true, false, false]),
        (1, Scope::Read, [true, false, false]),
        (1, Scope::Write, [true, true, false]),
        (1, Scope::Admin, [true, true, false]),
        (2, Scope::Read, [true, false, false]),
        (2, Scope::Write, [true, true, false]),
        (2, Scope::Admin, [true, true, true]),
    ] {
        let (user, role): (UserId, Role) = members[role];
        let login = Actor { scope, ..logged_in(user) };
        let keys =
            [None, Some(own)].map(|account_id| Actor { api_key: Some(ids.api_key()), account_id, ..login.clone() });
        for actor in [login].iter().chain(&keys) {
            for (needed, may) in [Role::Viewer, Role::Manager, Role::Owner].into_iter().zip(expected) {
                let expected = if may { Ok(()) } else { Err(AccessError::Forbidden) };
                assert_eq!(authorize(&store, actor, own, needed), expected, "a {role} as {needed}: {actor:?}");
            }
        }
    }
}

#[test]
fn an_account_does_not_exist_for_strangers() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let [ann, stranger] = ["ann", "stranger"].map(|name| register(&store, user(ids.user(), name)).id);
    let [own, other] = [(); 2].map(|()| open(&store, ids.account(), &[(ann, Role::Owner)]));
    let bound = Actor { account_id: Some(other), api_key: Some(ids.api_key()), ..logged_in(ann) };
    for (actor, account) in [
        (&logged_in(stranger), own),
        (&logged_in(stranger), ids.account()),
        (&logged_in(ids.user()), own),
        (&logged_in(ann), ids.account()),
        (&bound, own),
    ] {
        for needed in [Role::Viewer, Role::Owner] {
            assert_eq!(authorize(&store, actor, account, needed), Err(AccessError::NotFound), "{actor:?}");
        }
    }
    assert_eq!(authorize(&store, &bound, other, Role::Owner), Ok(()));
}

#[test]
fn an_operator_may_act_on_every_account() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let ann = register(&store, user(ids.user(), "ann")).id;
    let root = register(&store, User { is_operator: true, ..user(ids.user(), "root") }).id;
    let foreign = open(&store, ids.account(), &[(ann, Role::Owner)]);
    let joined = open(&store, ids.account(), &[(ann, Role::Owner), (root, Role::Viewer)]);
    let missing = ids.account();
    let with_key = |scope, account_id| Actor { api_key: Some(ids.api_key()), scope, account_id, ..logged_in(root) };
    for (actor, account, needed, expected) in [
        (logged_in(root), foreign, Role::Viewer, Ok(())),
        (logged_in(root), foreign, Role::Owner, Ok(())),
        (logged_in(root), joined, Role::Owner, Ok(())),
        (logged_in(root), missing, Role::Viewer, Err(AccessError::NotFound)),
        (logged_in(root), missing, Role::Owner, Err(AccessError::NotFound)),
        (with_key(Scope::Read, None), foreign, Role::Viewer, Ok(())),
        (with_key(Scope::Read, None), foreign, Role::Manager, Err(AccessError::Forbidden)),
        (with_key(Scope::Admin, None), foreign, Role::Owner, Ok(())),
        (with_key(Scope::Admin, Some(joined)), foreign, Role::Viewer, Err(AccessError::NotFound)),
        (with_key(Scope::Admin, Some(foreign)), foreign, Role::Owner, Ok(())),
    ] {
        assert_eq!(authorize(&store, &actor, account, needed), expected, "{needed}: {actor:?}");
    }
    for (user, expected) in [(root, true), (ann, false), (ids.user(), false)] {
        assert_eq!(run(&store, move |tx| use_cases::is_operator(tx, &logged_in(user))), Ok(expected));
    }
}

#[test]
fn a_removed_account_is_found_by_those_who_may_restore_it_alone() {
    let (store, ids) = (MemoryStore::default(), CountingIds::new(1));
    let users = ["ann", "ben", "eve"].map(|name| register(&store, user(ids.user(), name)).id);
    let [owner, manager, _] = users;
    let id = open(&store, ids.account(), &[(owner, Role::Owner), (manager, Role::Manager)]);
    let removed = Account { deleted_at: Some(NOW), ..account(id) };
    commit(&store, move |tx| tx.update_account(&removed));
    let authorize_removed = |user_id: UserId, account: AccountId| {
        run(&store, move |tx| use_cases::authorize_though_removed(tx, &logged_in(user_id), account, Role::Owner))
    };
    assert_eq!(authorize(&store, &logged_in(owner), id, Role::Owner), Err(AccessError::NotFound));
    assert_eq!(
        users.map(|user_id| authorize_removed(user_id, id)),
        [Ok(()), Err(AccessError::Forbidden), Err(AccessError::NotFound)]
    );
    assert_eq!(authorize_removed(owner, ids.account()), Err(AccessError::NotFound));
}
