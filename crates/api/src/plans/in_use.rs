//! Checks that a catalogue has the plan of every account.

use std::fmt;

use domain::error::StorageError;
use domain::ports::ReadAccounts;
use domain::{AccountId, PlanCatalog, PlanKey};
use thiserror::Error;

/// The maximum number of accounts counted per plan.
const COUNTED_MAX: usize = 1000;
/// The maximum number of accounts listed per plan.
const LISTED_MAX: usize = 5;

/// Why the catalogue cannot be used.
#[derive(Debug, Error)]
pub enum PlansInUseError {
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Accounts are on plans that the catalogue lacks.
    #[error("{}", Listed(.0))]
    Vanished(Vec<Vanished>),
}

/// A plan of accounts that the catalogue lacks.
#[derive(Debug)]
pub struct Vanished {
    plan: PlanKey,
    /// The first accounts on it, at most [`COUNTED_MAX`].
    accounts: Vec<AccountId>,
}

impl Vanished {
    /// The plan.
    pub(crate) const fn plan(&self) -> &PlanKey {
        &self.plan
    }

    /// The number of accounts on it, and whether there may be more.
    pub(crate) fn count(&self) -> (usize, bool) {
        (self.accounts.len(), self.accounts.len() >= COUNTED_MAX)
    }
}

impl fmt::Display for Vanished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (plan, count) = (&self.plan, self.accounts.len());
        let at_least = if count < COUNTED_MAX { "" } else { "at least " };
        let accounts = if count == 1 { "account" } else { "accounts" };
        write!(f, "{plan}, of {at_least}{count} {accounts}:")?;
        self.accounts.iter().take(LISTED_MAX).try_for_each(|account| write!(f, " {account}"))?;
        if count > LISTED_MAX { f.write_str(" …") } else { Ok(()) }
    }
}

struct Listed<'a>(&'a [Vanished]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("accounts are on plans that the catalogue does not have")?;
        self.0.iter().try_for_each(|vanished| write!(f, "\n  - {vanished}"))?;
        f.write_str("\nadd them to HEADROOM_PLANS again, or let another plan replace them: the line belongs into ")?;
        f.write_str("the [[plan]] of that one, above its [plan.limits]")?;
        self.0.iter().try_for_each(|vanished| write!(f, "\n  replaces = [\"{}\"]", vanished.plan))
    }
}

/// Checks that the catalogue has every plan that accounts are on, or one that replaces it.
///
/// # Errors
/// [`PlansInUseError::Vanished`], with every missing plan.
pub(crate) fn check_in_use(
    tx: &mut (impl ReadAccounts + ?Sized),
    catalog: &PlanCatalog,
) -> Result<(), PlansInUseError> {
    let mut vanished = Vec::new();
    for plan in tx.list_plans_in_use()? {
        if catalog.resolve(&plan).is_none() {
            let accounts = tx.list_accounts_on(&plan, COUNTED_MAX)?;
            vanished.push(Vanished { plan, accounts });
        }
    }
    if vanished.is_empty() { Ok(()) } else { Err(PlansInUseError::Vanished(vanished)) }
}
