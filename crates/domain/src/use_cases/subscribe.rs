//! Puts an account on a plan.

use jiff::Timestamp;

use crate::error::SubscribeError;
use crate::ports::Accounts;
use crate::{AccountId, PlanCatalog, PlanChange, SubscriptionId, rules};

/// Puts an account on the plan called `plan`, in any letter case, at once. What exists stays, even above the new limits.
///
/// `new_id` names the subscription if the account has none yet.
///
/// # Errors
/// [`SubscribeError`].
pub fn subscribe(
    tx: &mut (impl Accounts + ?Sized),
    catalog: &PlanCatalog,
    account_id: AccountId,
    plan: &str,
    new_id: SubscriptionId,
    now: Timestamp,
) -> Result<PlanChange, SubscribeError> {
    let account = tx.lock_account(account_id)?.ok_or(SubscribeError::AccountNotFound)?;
    let plan = catalog.find(plan).ok_or(SubscribeError::UnknownPlan)?;
    let change = rules::change_plan(account.subscription.as_ref(), plan, new_id, now);
    match &change {
        PlanChange::Started(subscription) | PlanChange::Changed(subscription) => {
            tx.put_subscription(account_id, subscription)?;
        }
        PlanChange::Unchanged(_) => {}
    }
    Ok(change)
}
