//! The server does not start while an account is on a plan that the catalogue lacks.

use std::fmt;

use domain::error::StorageError;
use domain::ports::{ReadTx, Store};
use domain::{AccountId, PlanKey};
use thiserror::Error;

use crate::AppState;

/// How many accounts on a plan are counted.
const COUNTED_MAX: usize = 1000;
/// How many of them are named.
const NAMED_MAX: usize = 5;

/// Why the catalogue cannot be used.
#[derive(Debug, Error)]
pub enum PlansInUseError {
    /// The store did not do its part.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Accounts are on plans that it does not have.
    #[error("{}", Listed(.0))]
    Vanished(Vec<Vanished>),
}

/// A plan that accounts are on and the catalogue does not have.
#[derive(Debug)]
pub struct Vanished {
    plan: PlanKey,
    /// The first accounts on it, at most [`COUNTED_MAX`].
    accounts: Vec<AccountId>,
}

impl fmt::Display for Vanished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (plan, count) = (&self.plan, self.accounts.len());
        let at_least = if count < COUNTED_MAX { "" } else { "at least " };
        let accounts = if count == 1 { "account" } else { "accounts" };
        write!(f, "{plan}, of {at_least}{count} {accounts}:")?;
        self.accounts.iter().take(NAMED_MAX).try_for_each(|account| write!(f, " {account}"))?;
        if count > NAMED_MAX { f.write_str(" …") } else { Ok(()) }
    }
}

struct Listed<'a>(&'a [Vanished]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("accounts are on plans that the catalogue does not have")?;
        self.0.iter().try_for_each(|vanished| write!(f, "\n  - {vanished}"))?;
        f.write_str("\noffer them again in HEADROOM_PLANS, or say which plan takes their accounts over:")?;
        self.0.iter().try_for_each(|vanished| write!(f, "\n  replaces = [\"{}\"]", vanished.plan))
    }
}

/// Makes sure that the catalogue has every plan that accounts are on, or one that replaces it.
///
/// # Errors
/// [`PlansInUseError::Vanished`], with every plan that it has not.
pub(super) async fn check(state: &AppState) -> Result<(), PlansInUseError> {
    let catalog = state.catalog.clone();
    let look = move |tx: &mut dyn ReadTx| {
        let mut vanished = Vec::new();
        for plan in tx.list_plans_in_use()? {
            if catalog.resolve(&plan).is_none() {
                let accounts = tx.list_accounts_on(&plan, COUNTED_MAX)?;
                vanished.push(Vanished { plan, accounts });
            }
        }
        Ok::<_, StorageError>(vanished)
    };
    let vanished = state.store.read(look).await?;
    if vanished.is_empty() { Ok(()) } else { Err(PlansInUseError::Vanished(vanished)) }
}
