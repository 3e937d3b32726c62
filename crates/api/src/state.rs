//! What every request is served with.

use std::sync::Arc;

use domain::error::FindError;
use domain::ports::{Clock, IdGenerator, Store};
use domain::{AccountId, PlanCatalog, Timestamp, Uuid, use_cases};
use storage::SqliteStore;

use crate::auth::{Credentials, Tokens};
use crate::clock::{SystemClock, UuidV7Generator};
use crate::problem::Problem;

/// The store, the plans, and whom to let in.
pub struct AppState {
    /// Where everything is kept.
    pub store: SqliteStore,
    /// The plans on offer.
    pub catalog: Arc<PlanCatalog>,
    /// Makes and checks access tokens.
    pub tokens: Tokens,
    /// Who may have one.
    pub credentials: Credentials,
    clock: Box<dyn Clock>,
    ids: Box<dyn IdGenerator>,
}

impl AppState {
    /// A state with the built-in plans, the machine's clock and `UUIDv7` ids.
    #[must_use]
    pub fn new(store: SqliteStore, tokens: Tokens, credentials: Credentials) -> Self {
        Self::with_ports(store, tokens, credentials, SystemClock, UuidV7Generator)
    }

    /// A state with the built-in plans, and another clock and other ids.
    #[must_use]
    pub fn with_ports(
        store: SqliteStore,
        tokens: Tokens,
        credentials: Credentials,
        clock: impl Clock + 'static,
        ids: impl IdGenerator + 'static,
    ) -> Self {
        let (clock, ids) = (Box::new(clock), Box::new(ids));
        Self { store, catalog: Arc::new(PlanCatalog::builtin()), tokens, credentials, clock, ids }
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new id.
    #[must_use]
    pub fn next_uuid(&self) -> Uuid {
        self.ids.next_uuid()
    }

    /// What to answer when a request about an account is faulty: that there is no such account comes first.
    pub(crate) async fn unless_missing(&self, account: AccountId, fault: Problem) -> Problem {
        match self.store.read(move |tx| use_cases::find_account(tx, account)).await {
            Ok(_) => fault,
            Err(error) => FindError::into(error),
        }
    }
}
