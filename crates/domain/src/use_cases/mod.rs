//! What Headroom does, each as a plain function over the repositories it needs.
//!
//! The ones that change something run inside one unit of [`crate::ports::Store::write`] and follow one pattern:
//! lock, read, decide, write.

mod access;
mod add_staff_member;
mod create_booking;
mod find;
mod members;
mod open_account;
mod subscribe;
mod users;

pub use access::{authenticate, authorize, is_operator};
pub use add_staff_member::add_staff_member;
pub use create_booking::create_booking;
pub use find::{find_account, find_booking, find_staff_member, find_subscription};
pub use members::{put_member, remove_member, transfer_ownership};
pub use open_account::open_account;
pub use subscribe::subscribe;
pub use users::{
    Refreshed, SESSION_LIFETIME_MAX, change_password, delete_user, disable_user, log_in, refresh_session,
    register_user, rename_user,
};

use crate::error::StorageError;
use crate::{Plan, PlanCatalog, Subscription};

/// The plan that a subscription names. The catalogue has it: else the store holds what no use case wrote.
fn subscribed_plan<'a>(catalog: &'a PlanCatalog, subscription: &Subscription) -> Result<&'a Plan, StorageError> {
    catalog
        .find(subscription.plan.as_str())
        .ok_or_else(|| StorageError::Corrupt(format!("the catalogue has no plan {}", subscription.plan)))
}
