//! Races for access: owners and operators who leave, sessions, API keys, usernames.

use domain::error::{FindError, MemberError, RefreshError, UserError};
use domain::ports::Store;
use domain::use_cases::{
    Refreshed, change_password, delete_user, disable_user, log_in, put_member, refresh_session, register_user,
    remove_member, restore_account, revoke_api_key, revoke_session, transfer_ownership,
};
use domain::{Account, PasswordHash, Role, SecretHash, User, UserId};

use super::races::race_among;
use super::{commit, look, open, register};
use crate::block_on;
use crate::fixtures::{CountingIds, NOW, api_key, session, user};

const ROUNDS: usize = 50;

/// The second one is the last owner, and stays.
pub fn of_two_owners_who_leave_at_the_same_time_one_stays(store: &impl Store) {
    let ids = CountingIds::default();
    let owners = [(); 2].map(|()| register(store, &ids).id);
    let accounts: Vec<_> = (0..ROUNDS).map(|_| open(store, ids.account()).id).collect();
    for &account in &accounts {
        commit(store, move |tx| owners.iter().try_for_each(|user| tx.put_member(account, *user, Role::Owner, NOW)));
    }
    let rounds = race_among(owners.len(), ROUNDS, |round, thread| {
        let (account, user) = (accounts[round], owners[thread]);
        block_on(store.write(move |tx| remove_member(tx, account, user)))
    });
    for (account, outcomes) in accounts.into_iter().zip(rounds) {
        let left = outcomes.iter().position(|outcome| *outcome == Ok(true)).expect("one of them leaves");
        assert_eq!(outcomes[1 - left], Err(MemberError::LastOwner));
        let kept = look(store, move |tx| Ok((tx.count_owners(account)?, tx.list_members(account, None, 9)?)));
        let (count, members) = kept;
        assert_eq!((count, members.len(), members[0].user_id), (1, 1, owners[1 - left]));
    }
}

/// One owner becomes a viewer while the other leaves.
pub fn an_owner_stays_when_one_steps_down_and_one_leaves(store: &impl Store) {
    let ids = CountingIds::default();
    let owners = [(); 2].map(|()| register(store, &ids).id);
    let accounts: Vec<_> = (0..ROUNDS).map(|_| open(store, ids.account()).id).collect();
    for &account in &accounts {
        commit(store, move |tx| owners.iter().try_for_each(|user| tx.put_member(account, *user, Role::Owner, NOW)));
    }
    let rounds = race_among(owners.len(), ROUNDS, |round, thread| {
        let (account, user) = (accounts[round], owners[thread]);
        match thread {
            0 => block_on(store.write(move |tx| remove_member(tx, account, user))).map(drop),
            _ => block_on(store.write(move |tx| put_member(tx, account, user, Role::Viewer, user, NOW))).map(drop),
        }
    });
    for (account, outcomes) in accounts.into_iter().zip(rounds) {
        let refused = outcomes.iter().filter(|outcome| **outcome == Err(MemberError::LastOwner)).count();
        assert_eq!((refused, outcomes.iter().filter(|outcome| outcome.is_ok()).count()), (1, 1), "{outcomes:?}");
        assert_eq!(look(store, move |tx| tx.count_owners(account)), 1);
    }
}

/// Two owners delete their users at the same time.
pub fn of_owners_who_are_deleted_at_the_same_time_one_stays(store: &impl Store) {
    let ids = CountingIds::default();
    let pairs: Vec<_> =
        (0..ROUNDS).map(|_| (open(store, ids.account()).id, [(); 2].map(|()| register(store, &ids).id))).collect();
    for &(account, owners) in &pairs {
        commit(store, move |tx| owners.iter().try_for_each(|user| tx.put_member(account, *user, Role::Owner, NOW)));
    }
    let rounds = race_among(2, ROUNDS, |round, thread| {
        let user = pairs[round].1[thread];
        block_on(store.write(move |tx| delete_user(tx, user)))
    });
    for ((account, owners), outcomes) in pairs.into_iter().zip(rounds) {
        let deleted = outcomes.iter().position(|outcome| *outcome == Ok(())).expect("one of them goes");
        assert_eq!(outcomes[1 - deleted], Err(UserError::LastOwner(account)));
        let found = look(store, move |tx| Ok((tx.count_owners(account)?, tx.find_user(owners[deleted])?)));
        assert_eq!(found, (1, None));
    }
}

/// Of operators who are deleted or disabled at the same time, one stays enabled.
pub fn of_operators_who_leave_at_the_same_time_one_stays(store: &impl Store) {
    const OPERATORS: usize = 4;
    let ids = CountingIds::default();
    let operator = |_| {
        let id = ids.user();
        let new = User { is_operator: true, ..user(id, &id.to_string()) };
        commit(store, move |tx| tx.insert_user(&new));
        id
    };
    for _ in 0..ROUNDS / 5 {
        let operators: Vec<UserId> = (0..OPERATORS).map(operator).collect();
        let others = look(store, |tx| tx.list_operators()).into_iter().map(|user| user.id);
        for other in others.filter(|id| !operators.contains(id)) {
            commit(store, move |tx| tx.delete_user(other));
        }
        let outcomes = race_among(OPERATORS, 1, |_, thread| {
            let id = operators[thread];
            match thread % 2 {
                0 => block_on(store.write(move |tx| delete_user(tx, id))),
                _ => block_on(store.write(move |tx| disable_user(tx, id, true))),
            }
        });
        let refused = outcomes[0].iter().filter(|outcome| **outcome == Err(UserError::LastOperator)).count();
        assert_eq!((refused, outcomes[0].iter().filter(|outcome| outcome.is_ok()).count()), (1, 3), "{outcomes:?}");
        let left = look(store, |tx| tx.list_operators());
        assert_eq!(left.iter().filter(|user| !user.is_disabled).count(), 1);
    }
}

/// A new owner cannot leave after the transfer, or has left before it.
pub fn an_account_transferred_to_a_leaving_member_keeps_an_owner(store: &impl Store) {
    let ids = CountingIds::default();
    let giver = register(store, &ids).id;
    let pairs: Vec<_> = (0..ROUNDS).map(|_| (open(store, ids.account()).id, register(store, &ids).id)).collect();
    for &(account, _) in &pairs {
        commit(store, move |tx| tx.put_member(account, giver, Role::Owner, NOW));
    }
    // The new owner has accepted.
    for &(account, heir) in &pairs {
        commit(store, move |tx| tx.put_member(account, heir, Role::Owner, NOW));
    }
    let rounds = race_among(2, ROUNDS, |round, thread| {
        let (account, heir) = pairs[round];
        match thread {
            0 => block_on(store.write(move |tx| delete_user(tx, heir))).is_ok(),
            _ => block_on(store.write(move |tx| transfer_ownership(tx, account, giver, heir, NOW))).is_ok(),
        }
    });
    for ((account, _), outcomes) in pairs.into_iter().zip(rounds) {
        assert_eq!(outcomes.iter().filter(|is_done| **is_done).count(), 1, "{outcomes:?}");
        assert_eq!(look(store, move |tx| tx.count_owners(account)), 1);
    }
}

/// A pending owner accepts while the other owner leaves, or both leave: one owner stays.
pub fn an_account_keeps_an_owner_while_another_accepts_or_leaves(store: &impl Store) {
    let ids = CountingIds::default();
    let giver = register(store, &ids).id;
    let pairs: Vec<_> = (0..ROUNDS).map(|_| (open(store, ids.account()).id, register(store, &ids).id)).collect();
    for &(account, heir) in &pairs {
        commit(store, move |tx| {
            tx.put_member(account, giver, Role::Owner, NOW)?;
            tx.put_pending_owner(account, heir, NOW)
        });
    }
    let rounds = race_among(2, ROUNDS, |round, thread| {
        let (account, heir) = pairs[round];
        match (thread, round % 2) {
            (0, _) => block_on(store.write(move |tx| remove_member(tx, account, giver))).is_ok(),
            (_, 0) => block_on(store.write(move |tx| put_member(tx, account, heir, Role::Owner, heir, NOW))).is_ok(),
            _ => block_on(store.write(move |tx| delete_user(tx, heir))).is_ok(),
        }
    });
    for (round, ((account, heir), outcomes)) in pairs.into_iter().zip(rounds).enumerate() {
        // A pending owner may accept or leave at any time.
        assert!(outcomes[1], "{outcomes:?}");
        let members = look(store, move |tx| tx.list_members(account, None, 9));
        let mut there: Vec<_> = members.iter().map(|member| (member.user_id, member.is_pending)).collect();
        there.sort_unstable();
        let expected = match (outcomes[0], round % 2) {
            (true, 0) => vec![(heir, false)],
            (false, 0) => vec![(giver, false), (heir, false)],
            (has_left, _) => {
                assert!(!has_left, "there was no other owner");
                vec![(giver, false)]
            }
        };
        assert_eq!(there, expected, "{outcomes:?}");
    }
}

/// The user who restores the account becomes its owner, or the owner stays.
pub fn a_restored_account_keeps_an_owner(store: &impl Store) {
    let ids = CountingIds::default();
    let operator = register(store, &ids).id;
    let pairs: Vec<_> = (0..ROUNDS).map(|_| (open(store, ids.account()), register(store, &ids).id)).collect();
    for (account, owner) in pairs.clone() {
        commit(store, move |tx| {
            tx.put_member(account.id, owner, Role::Owner, NOW)?;
            tx.update_account(&Account { deleted_at: Some(NOW), ..account.clone() })
        });
    }
    let rounds = race_among(2, ROUNDS, |round, thread| {
        let (account, owner) = (pairs[round].0.id, pairs[round].1);
        match (thread, round % 2) {
            (0, 0) => block_on(store.write(move |tx| delete_user(tx, owner))).is_ok(),
            (0, _) => block_on(store.write(move |tx| remove_member(tx, account, owner))).is_ok(),
            _ => block_on(store.write(move |tx| restore_account(tx, account, operator, NOW))).is_ok(),
        }
    });
    for ((account, owner), outcomes) in pairs.into_iter().zip(rounds) {
        let id = account.id;
        let (has_left, kept) = (outcomes[0], if outcomes[0] { operator } else { owner });
        assert!(outcomes[1], "whether or not the owner has left: {has_left}");
        let found = look(store, move |tx| Ok((tx.find_account(id)?, tx.list_members(id, None, 9)?)));
        let members: Vec<_> = found.1.iter().map(|member| (member.user_id, member.role)).collect();
        assert_eq!((found.0.and_then(|it| it.deleted_at), members), (None, vec![(kept, Role::Owner)]), "{has_left}");
    }
}

/// The hash of a secret, different for each pair of numbers.
pub(super) fn numbered(round: usize, number: usize) -> SecretHash {
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&round.to_be_bytes());
    hash[8..16].copy_from_slice(&number.to_be_bytes());
    SecretHash(hash)
}

/// The session is refreshed and then revoked, or revoked and then the refresh is refused.
pub fn a_session_refreshed_while_it_is_revoked_is_revoked(store: &impl Store) {
    let ids = CountingIds::default();
    let users: Vec<_> = (0..ROUNDS).map(|_| register(store, &ids)).collect();
    let sessions: Vec<_> = users.iter().map(|user| session(ids.session(), user.id)).collect();
    for (round, (checked, begun)) in users.into_iter().zip(sessions.clone()).enumerate() {
        let token = numbered(round, 0);
        assert!(commit(store, move |tx| log_in(tx, &checked, None, &begun, &token)));
    }
    race_among(2, ROUNDS, |round, thread| {
        let (token, next, begun) = (numbered(round, 0), numbered(round, 1), sessions[round].clone());
        if thread == 0 {
            let refreshed =
                block_on(store.write(move |tx| refresh_session(tx, &token, &next, &[], NOW, begun.expires_at)));
            let expected = [Ok(Refreshed::Extended(begun.id, begun.user_id, next)), Err(RefreshError::Invalid)];
            assert!(expected.contains(&refreshed), "{refreshed:?}");
        } else {
            assert_eq!(commit(store, move |tx| revoke_session(tx, &token)), Some(begun));
        }
    });
    for session in sessions {
        assert_eq!(look(store, move |tx| tx.find_session(session.id)), None);
    }
}

/// The second revocation does not find the key.
pub fn concurrent_revocations_of_an_api_key_succeed_once(store: &impl Store) {
    let ids = CountingIds::default();
    let ann = register(store, &ids).id;
    let keys: Vec<_> = (0..ROUNDS).map(|_| api_key(ids.api_key(), ann)).collect();
    for key in keys.clone() {
        commit(store, move |tx| tx.insert_api_key(&key));
    }
    let rounds = race_among(2, ROUNDS, |round, _| {
        let id = keys[round].id;
        block_on(store.write(move |tx| revoke_api_key(tx, id, ann)))
    });
    for (key, outcomes) in keys.iter().zip(rounds) {
        assert!(outcomes.contains(&Ok(())) && outcomes.contains(&Err(FindError::NotFound)), "{outcomes:?}");
        let id = key.id;
        assert_eq!(look(store, move |tx| tx.find_api_key(id)), None);
    }
}

/// A login with the old password is refused, or the change ends its session.
pub fn a_login_racing_a_password_change_leaves_no_session(store: &impl Store) {
    let ids = CountingIds::default();
    let users: Vec<_> = (0..ROUNDS).map(|_| register(store, &ids)).collect();
    let sessions: Vec<_> = users.iter().map(|user| session(ids.session(), user.id)).collect();
    race_among(2, ROUNDS, |round, thread| {
        let (checked, begun, token) = (users[round].clone(), sessions[round].clone(), numbered(round, 0));
        if thread == 0 {
            assert!(block_on(store.write(move |tx| log_in(tx, &checked, None, &begun, &token))).is_ok());
        } else {
            let another = PasswordHash::from_phc("another".to_owned());
            assert_eq!(block_on(store.write(move |tx| change_password(tx, checked.id, &another))), Ok(()));
        }
    });
    for session in sessions {
        assert_eq!(look(store, move |tx| tx.find_session(session.id)), None);
    }
}

/// The first user gets the name.
pub fn concurrent_registrations_of_a_name_make_one_user(store: &impl Store) {
    let ids = CountingIds::default();
    let contestants: Vec<_> =
        (0..ROUNDS).map(|round| [(); 2].map(|()| user(ids.user(), &format!("n{round}")))).collect();
    let rounds = race_among(2, ROUNDS, |round, thread| {
        let contestant = contestants[round][thread].clone();
        block_on(store.write(move |tx| register_user(tx, &contestant, None)))
    });
    for (users, outcomes) in contestants.into_iter().zip(rounds) {
        let first = outcomes.iter().position(|outcome| *outcome == Ok(())).expect("one of them gets it");
        assert_eq!(outcomes[1 - first], Err(UserError::NameTaken));
        let username = users[0].username.clone();
        assert_eq!(look(store, move |tx| tx.find_user_named(&username)).as_ref(), Some(&users[first]));
        let refused = users[1 - first].id;
        assert_eq!(look(store, move |tx| tx.find_user(refused)), None);
    }
}
