//! The use cases of users, members and access, on the in-memory store.

mod access;
mod members;
mod users;

use domain::error::StorageError;
use domain::ports::{Store, WriteTx};
use domain::{AccountId, Role, Session, SignedDuration, User, UserId};
use testkit::fixtures::{NOW, account};
use testkit::{MemoryStore, block_on};

const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);

/// Runs a unit of work.
fn run<T: Send + 'static, E: From<StorageError> + Send + 'static>(
    store: &MemoryStore,
    work: impl FnMut(&mut dyn WriteTx) -> Result<T, E> + Send + 'static,
) -> Result<T, E> {
    block_on(store.write(work))
}

/// Runs a unit of work that must succeed.
fn commit<T: Send + 'static>(
    store: &MemoryStore,
    work: impl FnMut(&mut dyn WriteTx) -> Result<T, StorageError> + Send + 'static,
) -> T {
    run(store, work).expect("the unit succeeds")
}

fn register(store: &MemoryStore, user: User) -> User {
    let registered = user.clone();
    commit(store, move |tx| tx.insert_user(&registered));
    user
}

fn begin(store: &MemoryStore, session: Session) -> Session {
    let begun = session.clone();
    commit(store, move |tx| tx.insert_session(&begun));
    session
}

fn open(store: &MemoryStore, id: AccountId, members: &[(UserId, Role)]) -> AccountId {
    let members = members.to_vec();
    commit(store, move |tx| {
        tx.insert_account(&account(id))?;
        members.iter().try_for_each(|(user, role)| tx.put_member(id, *user, *role, NOW))
    });
    id
}

fn found(store: &MemoryStore, id: UserId) -> Option<User> {
    commit(store, move |tx| tx.find_user(id))
}
