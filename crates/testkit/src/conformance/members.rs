//! Members of accounts and their roles.

use domain::ports::{ReadTx, Store};
use domain::{Account, AccountId, Member, Role, Subscription, Timestamp, User, UserId};

use super::{accounts, assert_refused, commit, look, open, register};
use crate::fixtures::{CountingIds, NOW, instant, plan_key, subscription, user};
use crate::pages::gather;

const LATER: Timestamp = Timestamp::constant(1_774_000_001, 0);

fn member(account: &Account, user: &User, role: Role) -> Member {
    let (account_id, user_id, username) = (account.id, user.id, user.username.clone());
    Member { account_id, user_id, username, role, is_pending: false, created_at: NOW }
}

fn put(store: &impl Store, account: AccountId, user: UserId, role: Role, now: Timestamp) {
    commit(store, move |tx| tx.put_member(account, user, role, now));
}

/// The member, in every lookup of a read. A unit of work finds the same.
fn found(store: &impl Store, account: AccountId, user: UserId) -> Option<Member> {
    let look_up = move |tx: &mut dyn ReadTx| {
        let member = tx.find_member(account, user)?;
        assert_eq!(tx.find_role(account, user)?, member.as_ref().map(|member| member.role));
        let listed = tx.list_members(account, None, usize::MAX)?.into_iter().find(|member| member.user_id == user);
        assert_eq!(listed, member);
        let page = |after, max| tx.list_accounts(Some(user), false, after, max);
        let accounts = gather(usize::MAX, usize::MAX, None, |its: &Account| its.id, page)?.items;
        assert_eq!(accounts.iter().any(|its| its.id == account), member.is_some());
        Ok(member)
    };
    let read = look(store, look_up);
    assert_eq!(commit(store, move |tx| tx.find_member(account, user)), read);
    read
}

fn owners(store: &impl Store, account: AccountId) -> u32 {
    look(store, move |tx| tx.count_owners(account))
}

/// Another role does not change when the membership began.
pub fn a_member_with_another_role_keeps_their_creation(store: &impl Store) {
    let ids = CountingIds::default();
    let (account, ann) = (open(store, ids.account()), register(store, &ids));
    assert_eq!(found(store, account.id, ann.id), None);
    for (role, now) in [
        (Role::Viewer, NOW),
        (Role::Manager, LATER),
        (Role::Owner, instant("1999-12-31T23:59:59Z")),
        (Role::Owner, LATER),
        (Role::Viewer, LATER),
    ] {
        put(store, account.id, ann.id, role, now);
        assert_eq!(found(store, account.id, ann.id), Some(member(&account, &ann, role)));
    }
}

/// The name is looked up, not copied.
pub fn a_member_is_found_with_their_current_name(store: &impl Store) {
    let ids = CountingIds::default();
    let (account, ann) = (open(store, ids.account()), register(store, &ids));
    put(store, account.id, ann.id, Role::Viewer, NOW);
    let renamed = user(ann.id, "renamed");
    let update = renamed.clone();
    commit(store, move |tx| tx.update_user(&update));
    assert_eq!(found(store, account.id, ann.id), Some(member(&account, &renamed, Role::Viewer)));
}

/// Members of other accounts are not visible.
pub fn a_member_is_found_within_their_own_account_only(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()));
    let [ann, bo] = [(); 2].map(|()| register(store, &ids));
    put(store, own.id, ann.id, Role::Owner, NOW);
    put(store, other.id, bo.id, Role::Manager, NOW);
    let (unopened, unknown) = (ids.account(), ids.user());
    for (account, user, expected) in [
        (own.id, ann.id, Some(member(&own, &ann, Role::Owner))),
        (other.id, bo.id, Some(member(&other, &bo, Role::Manager))),
        (own.id, bo.id, None),
        (other.id, ann.id, None),
        (unopened, ann.id, None),
        (own.id, unknown, None),
    ] {
        assert_eq!(found(store, account, user), expected, "{account} {user}");
    }
}

/// With members of another account in between, in another order.
pub fn members_are_listed_by_descending_id_page_by_page(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()));
    let users: Vec<User> = (0..6).map(|_| register(store, &ids)).collect();
    for position in [3, 0, 4, 1, 2] {
        put(store, own.id, users[position].id, Role::Viewer, NOW);
    }
    for position in [2, 5] {
        put(store, other.id, users[position].id, Role::Owner, NOW);
    }
    let members: Vec<Member> = users[..5].iter().rev().map(|user| member(&own, user, Role::Viewer)).collect();
    let account = own.id;
    for (after, max, expected) in [
        (None, usize::MAX, &members[..]),
        (None, 2, &members[..2]),
        (Some(members[1].user_id), 2, &members[2..4]),
        (Some(members[3].user_id), 2, &members[4..]),
        (Some(members[4].user_id), 2, &[]),
        (Some(users[5].id), 1, &members[..1]),
        (None, 0, &[]),
    ] {
        let read = look(store, move |tx| tx.list_members(account, after, max));
        assert_eq!(read, expected, "{max} after {after:?}");
    }
    let unopened = ids.account();
    assert_eq!(look(store, move |tx| tx.list_members(unopened, None, 9)), []);
}

/// Other members and the owners of other accounts are not counted.
pub fn owners_are_counted_for_each_account(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let users: Vec<UserId> = (0..4).map(|_| register(store, &ids).id).collect();
    for (user, role) in users.iter().zip([Role::Owner, Role::Manager, Role::Owner, Role::Viewer]) {
        put(store, own, *user, role, NOW);
    }
    put(store, other, users[1], Role::Owner, NOW);
    assert_eq!([own, other, ids.account()].map(|account| owners(store, account)), [2, 1, 0]);
    put(store, own, users[0], Role::Manager, NOW);
    assert_eq!([own, other].map(|account| owners(store, account)), [1, 1]);
}

/// A pending owner is pending until they are put in any role. A member who becomes one stays a
/// member.
pub fn a_pending_owner_is_not_counted(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account());
    let [ann, bo] = [(); 2].map(|()| register(store, &ids));
    let (id, of_bo) = (account.id, bo.id);
    put(store, id, ann.id, Role::Owner, NOW);
    let pending = Member { is_pending: true, ..member(&account, &bo, Role::Owner) };
    for role in [Role::Owner, Role::Manager, Role::Viewer] {
        for now in [NOW, LATER] {
            commit(store, move |tx| tx.put_pending_owner(id, of_bo, now));
            assert_eq!((found(store, id, of_bo), owners(store, id)), (Some(pending.clone()), 1));
        }
        put(store, id, of_bo, role, LATER);
        let expected = if role == Role::Owner { 2 } else { 1 };
        assert_eq!((found(store, id, of_bo), owners(store, id)), (Some(member(&account, &bo, role)), expected));
    }
    assert_eq!(found(store, id, ann.id), Some(member(&account, &ann, Role::Owner)));
    let [nowhere, stranger] = [(ids.account(), of_bo), (id, ids.user())];
    for (account, user) in [nowhere, stranger] {
        assert_refused(store, move |tx| tx.put_pending_owner(account, user, NOW));
        assert_eq!(found(store, account, user), None);
    }
}

/// The membership in another account stays. Deleting a user who is not a member is not an error.
pub fn a_deleted_member_is_not_found(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()));
    let [ann, bo] = [(); 2].map(|()| register(store, &ids));
    for (account, user) in [(&own, &ann), (&own, &bo), (&other, &ann)] {
        put(store, account.id, user.id, Role::Owner, NOW);
    }
    let (account, user) = (own.id, ann.id);
    for _ in 0..2 {
        commit(store, move |tx| tx.delete_member(account, user));
        assert_eq!(found(store, account, user), None);
        assert_eq!(found(store, account, bo.id), Some(member(&own, &bo, Role::Owner)));
        assert_eq!(found(store, other.id, user), Some(member(&other, &ann, Role::Owner)));
        assert_eq!(owners(store, account), 1);
    }
    // A new membership has a new beginning.
    put(store, account, user, Role::Viewer, LATER);
    assert_eq!(found(store, account, user), Some(Member { created_at: LATER, ..member(&own, &ann, Role::Viewer) }));
}

/// The member is not kept for an account that is opened later, or a user who registers later.
pub fn a_member_of_unknown_account_or_user_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let (known, ann) = (open(store, ids.account()).id, register(store, &ids).id);
    let (account, newcomer) = (ids.account(), user(ids.user(), "newcomer"));
    let id = newcomer.id;
    for (account, user) in [(account, ann), (known, id), (account, id)] {
        assert_refused(store, move |tx| tx.put_member(account, user, Role::Owner, NOW));
    }
    open(store, account);
    commit(store, move |tx| tx.insert_user(&newcomer));
    for (account, user) in [(account, ann), (known, id), (account, id)] {
        assert_eq!(found(store, account, user), None);
        assert_eq!(owners(store, account), 0);
    }
}

/// The accounts of a user, and all accounts, including those without members; each with its plan.
pub fn accounts_are_listed_newest_first_page_by_page(store: &impl Store) {
    let ids = CountingIds::default();
    let [ann, stranger] = [(); 2].map(|()| register(store, &ids).id);
    let account_ids: Vec<AccountId> = (0..6).map(|_| ids.account()).collect();
    for position in [3, 0, 5, 4, 1, 2] {
        open(store, account_ids[position]);
    }
    let plan = subscription(ids.subscription(), plan_key("basic"));
    let (put_plan, subscribed): (Subscription, AccountId) = (plan.clone(), account_ids[3]);
    commit(store, move |tx| tx.put_subscription(subscribed, Some(&put_plan), 2));
    for position in [1, 5, 3] {
        put(store, account_ids[position], ann, Role::Viewer, NOW);
    }
    let of = |position: usize| Account {
        subscription: Some(plan.clone()).filter(|_| position == 3),
        version: if position == 3 { 2 } else { 1 },
        ..crate::fixtures::account(account_ids[position])
    };
    let (all, anns) = ([5, 4, 3, 2, 1, 0].map(of), [5, 3, 1].map(of));
    for (user, after, max, expected) in [
        (None, None, usize::MAX, &all[..]),
        (None, None, 2, &all[..2]),
        (None, Some(all[1].id), 3, &all[2..5]),
        (None, Some(all[4].id), 3, &all[5..]),
        (Some(ann), None, usize::MAX, &anns[..]),
        (Some(ann), None, 2, &anns[..2]),
        (Some(ann), Some(anns[1].id), 2, &anns[2..]),
        (Some(ann), Some(all[1].id), 1, &anns[1..2]),
        (Some(ann), Some(anns[2].id), 2, &[]),
        (Some(stranger), None, 9, &[]),
    ] {
        let read = accounts::listed(store, user, false, after, max, max);
        assert_eq!(read, expected, "{max} of {user:?} after {after:?}");
    }
    for max in [1, 2, 3, 100] {
        let read = [None, Some(ann)].map(|user| accounts::listed(store, user, false, None, max, usize::MAX));
        assert_eq!(read, [all.to_vec(), anns.to_vec()], "in pages of {max}");
    }
    assert_eq!(look(store, move |tx| tx.list_accounts(Some(ann), false, None, 0)).items, []);
}
