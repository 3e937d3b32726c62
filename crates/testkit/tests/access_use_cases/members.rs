//! An account always has an owner.

use domain::error::{MemberError, UserError};
use domain::use_cases;
use domain::{AccountId, Member, Role, UserId};
use testkit::MemoryStore;
use testkit::fixtures::{CountingIds, NOW, user};

use super::{MICROSECOND, commit, found, open, register, run};

/// A way to stop being an owner. Returns whether it succeeded.
type Leave = fn(&MemoryStore, AccountId, UserId) -> bool;

fn role(store: &MemoryStore, account: AccountId, user: UserId) -> Option<Role> {
    commit(store, move |tx| tx.find_role(account, user))
}

/// Gives the user a role, accepted by themselves.
fn put(store: &MemoryStore, account: AccountId, user: UserId, role: Role) -> Result<Member, MemberError> {
    put_by(store, account, user, role, user)
}

fn put_by(
    store: &MemoryStore,
    account: AccountId,
    user: UserId,
    role: Role,
    by: UserId,
) -> Result<Member, MemberError> {
    run(store, move |tx| use_cases::put_member(tx, account, user, role, by, NOW))
}

fn remove(store: &MemoryStore, account: AccountId, user: UserId) -> Result<bool, MemberError> {
    run(store, move |tx| use_cases::remove_member(tx, account, user))
}

fn transfer(store: &MemoryStore, account: AccountId, from: UserId, to: UserId) -> Result<Member, MemberError> {
    let now = NOW + MICROSECOND;
    run(store, move |tx| use_cases::transfer_ownership(tx, account, from, to, now))
}

fn delete(store: &MemoryStore, user: UserId) -> Result<(), UserError> {
    run(store, move |tx| use_cases::delete_user(tx, user))
}

#[test]
fn the_last_owner_neither_leaves_nor_steps_down() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let [ann, bo] = ["ann", "bo"].map(|name| register(&store, user(ids.user(), name)).id);
    let own = open(&store, ids.account(), &[(ann, Role::Owner), (bo, Role::Manager)]);
    for lesser in [Role::Viewer, Role::Manager] {
        assert_eq!(put(&store, own, ann, lesser), Err(MemberError::LastOwner));
    }
    assert_eq!(remove(&store, own, ann), Err(MemberError::LastOwner));
    assert_eq!(role(&store, own, ann), Some(Role::Owner));
    assert_eq!(put(&store, own, ann, Role::Owner).map(|member| member.role), Ok(Role::Owner));

    assert_eq!(put(&store, own, bo, Role::Owner).map(|member| member.role), Ok(Role::Owner));
    assert_eq!(put(&store, own, ann, Role::Viewer).map(|member| member.role), Ok(Role::Viewer));
    assert_eq!(remove(&store, own, bo), Err(MemberError::LastOwner));
    assert_eq!([remove(&store, own, ann), remove(&store, own, ann)], [Ok(true), Ok(false)]);
    assert_eq!([ann, bo].map(|user| role(&store, own, user)), [None, Some(Role::Owner)]);
}

#[test]
fn a_member_needs_an_existing_account_and_user() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let ann = register(&store, user(ids.user(), "ann")).id;
    let own = open(&store, ids.account(), &[(ann, Role::Owner)]);
    let (missing, stranger) = (ids.account(), ids.user());
    assert_eq!(put(&store, missing, ann, Role::Viewer), Err(MemberError::AccountNotFound));
    assert_eq!(put(&store, own, stranger, Role::Viewer), Err(MemberError::UnknownUser));
    assert_eq!(remove(&store, missing, ann), Err(MemberError::AccountNotFound));
    assert_eq!(remove(&store, own, stranger), Ok(false));
    assert_eq!(transfer(&store, missing, ann, ann), Err(MemberError::AccountNotFound));
}

#[test]
fn an_owner_who_transfers_an_account_becomes_a_manager() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let [ann, bo, cy] = ["ann", "bo", "cy"].map(|name| register(&store, user(ids.user(), name)).id);
    let own = open(&store, ids.account(), &[(ann, Role::Owner), (bo, Role::Viewer)]);
    let roles = || [ann, bo, cy].map(|user| role(&store, own, user));

    // Bo has not accepted.
    assert_eq!(transfer(&store, own, ann, bo), Err(MemberError::LastOwner));
    assert_eq!(roles(), [Some(Role::Owner), Some(Role::Viewer), None]);
    assert_eq!(put_by(&store, own, bo, Role::Owner, ann).map(|member| member.is_pending), Ok(true));
    assert_eq!(transfer(&store, own, ann, bo), Err(MemberError::LastOwner));
    assert_eq!(put(&store, own, bo, Role::Owner).map(|member| member.is_pending), Ok(false));
    let handed_over = transfer(&store, own, ann, bo).expect("the account and the user exist");
    // The role changes, the time of creation stays.
    assert_eq!((handed_over.user_id, handed_over.role, handed_over.created_at), (bo, Role::Owner, NOW));
    assert_eq!(roles(), [Some(Role::Manager), Some(Role::Owner), None]);

    assert_eq!(transfer(&store, own, bo, bo).map(|member| (member.role, member.is_pending)), Ok((Role::Owner, false)));
    assert_eq!(transfer(&store, own, bo, ids.user()), Err(MemberError::UnknownUser));

    // If another owner stays, the new owner may be pending; an operator who is not a member may
    // transfer, too.
    assert_eq!(put(&store, own, ann, Role::Owner).map(|member| member.is_pending), Ok(false));
    let newcomer = transfer(&store, own, ann, cy).expect("the account and the user exist");
    assert_eq!((newcomer.role, newcomer.is_pending, newcomer.created_at), (Role::Owner, true, NOW + MICROSECOND));
    assert_eq!(roles(), [Some(Role::Manager), Some(Role::Owner), Some(Role::Owner)]);
    let by_operator = transfer(&store, own, ids.user(), ann);
    assert_eq!(by_operator.map(|member| (member.role, member.is_pending)), Ok((Role::Owner, true)));
    assert_eq!(roles(), [Some(Role::Owner); 3]);
}

#[test]
fn only_owners_made_by_others_are_pending() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let [ann, ben] = ["ann", "ben"].map(|name| register(&store, user(ids.user(), name)).id);
    let id = open(&store, ids.account(), &[(ann, Role::Owner)]);
    for (role, by, is_pending) in [
        (Role::Viewer, ann, false),
        (Role::Manager, ann, false),
        (Role::Owner, ann, true),
        (Role::Owner, ben, false),
        // An owner who has accepted stays one.
        (Role::Owner, ann, false),
    ] {
        let member = put_by(&store, id, ben, role, by).expect("another owner stays");
        assert_eq!((member.role, member.is_pending), (role, is_pending), "{role} by {by}");
    }
}

#[test]
fn a_pending_owner_can_leave_until_they_accept() {
    let ways: [Leave; 3] = [
        |store, account, user| remove(store, account, user) == Ok(true),
        |store, account, user| put(store, account, user, Role::Viewer).is_ok(),
        |store, _, user| delete(store, user).is_ok(),
    ];
    for leave in ways {
        let (store, ids) = (MemoryStore::default(), CountingIds::default());
        let [ann, bo] = ["ann", "bo"].map(|name| register(&store, user(ids.user(), name)).id);
        let own = open(&store, ids.account(), &[(ann, Role::Owner)]);
        let is_pending = |member: Result<Member, MemberError>| member.map(|member| member.is_pending);
        for _ in 0..2 {
            assert_eq!(is_pending(put_by(&store, own, bo, Role::Owner, ann)), Ok(true));
        }
        // The owner who made them one cannot leave in any way.
        assert!(ways.iter().all(|leave| !leave(&store, own, ann)));
        assert_eq!(remove(&store, own, ann), Err(MemberError::LastOwner));
        assert_eq!(transfer(&store, own, ann, bo), Err(MemberError::LastOwner));
        // So the other owner may leave.
        let before = commit(&store, move |tx| tx.list_members(own, None, 9));
        assert_eq!(before.len(), 2);
        assert!(leave(&store, own, bo));
        if found(&store, bo).is_none() {
            continue;
        }
        assert_ne!(role(&store, own, bo), Some(Role::Owner));
        // An owner who has accepted stays an owner when put again.
        assert_eq!(is_pending(put_by(&store, own, bo, Role::Owner, ann)), Ok(true));
        assert_eq!(is_pending(put(&store, own, bo, Role::Owner)), Ok(false));
        assert_eq!(is_pending(put_by(&store, own, bo, Role::Owner, ann)), Ok(false));
        assert!(leave(&store, own, ann) && !leave(&store, own, bo));
        // Acceptance ends with the ownership.
        assert_eq!(is_pending(put_by(&store, own, ann, Role::Owner, bo)), Ok(true));
        assert_eq!(is_pending(put(&store, own, ann, Role::Owner)), Ok(false));
        assert_eq!(is_pending(put_by(&store, own, bo, Role::Manager, ann)), Ok(false));
        assert_eq!(is_pending(put_by(&store, own, bo, Role::Owner, ann)), Ok(true));
    }
}

#[test]
fn the_last_owner_of_an_account_is_not_deleted() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let [ann, bo] = ["ann", "bo"].map(|name| register(&store, user(ids.user(), name)).id);
    let alone = open(&store, ids.account(), &[(ann, Role::Owner), (bo, Role::Manager)]);
    // So many that they are read in several pages. The account that prevents the deletion is the
    // last one.
    for _ in 0..250 {
        open(&store, ids.account(), &[(ann, Role::Owner), (bo, Role::Owner)]);
    }
    assert_eq!(delete(&store, ann), Err(UserError::LastOwner(alone)));
    assert!(found(&store, ann).is_some());
    assert_eq!(role(&store, alone, ann), Some(Role::Owner));

    assert_eq!(put(&store, alone, bo, Role::Owner).map(drop), Ok(()));
    assert_eq!(transfer(&store, alone, ann, bo).map(drop), Ok(()));
    assert_eq!(delete(&store, ann), Ok(()));
    assert_eq!(found(&store, ann), None);
    assert_eq!([ann, bo].map(|user| role(&store, alone, user)), [None, Some(Role::Owner)]);
    assert_eq!(delete(&store, bo).map_err(|error| matches!(error, UserError::LastOwner(_))), Err(true));
}

#[test]
fn a_removed_account_without_owners_is_owned_by_its_restorer() {
    let (store, ids) = (MemoryStore::default(), CountingIds::default());
    let root = register(&store, user(ids.user(), "root")).id;
    let bo = register(&store, user(ids.user(), "bo")).id;
    let later = NOW + MICROSECOND;
    let restore = |account| run(&store, move |tx| use_cases::restore_account(tx, account, root, later));
    let ways: [(&str, Leave); 2] = [
        ("ann", |store, account, user| remove(store, account, user) == Ok(true)),
        ("cy", |store, _, user| delete(store, user).is_ok()),
    ];
    for (name, leave) in ways {
        let only = register(&store, user(ids.user(), name)).id;
        let own = open(&store, ids.account(), &[(only, Role::Owner), (bo, Role::Manager)]);
        let roles = || [only, bo, root].map(|user| role(&store, own, user));
        assert!(!leave(&store, own, only), "it was not removed");
        for leaves in [false, true] {
            assert_eq!(run(&store, move |tx| use_cases::remove_account(tx, own, |_| true, NOW)), Ok(true));
            assert!(!leaves || leave(&store, own, only));
            assert_eq!(restore(own).map(|(_, was_removed)| was_removed), Ok(true));
            // If an owner is left, the user who restores the account does not become one.
            let [owner, heir] = if leaves { [None, Some(Role::Owner)] } else { [Some(Role::Owner), None] };
            assert_eq!(roles(), [owner, Some(Role::Manager), heir]);
        }
        assert_eq!(remove(&store, own, root), Err(MemberError::LastOwner));
    }
}
