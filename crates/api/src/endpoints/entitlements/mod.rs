//! The endpoints of entitlements: the effective limits of an account, and checks against them.

mod check;
mod list;

use super::endpoint::endpoints;

endpoints! {
    list::list_entitlements,
    check::check,
}
