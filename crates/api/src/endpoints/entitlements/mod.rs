//! The endpoints of entitlements: the effective limits of an account, checks against them, and the
//! accounts that are near them.

mod answer;
mod check;
mod list;
mod near_limits;
mod question;

use super::endpoint::endpoints;

endpoints! {
    list::list_entitlements,
    check::check,
    near_limits::list_near_limits,
}
