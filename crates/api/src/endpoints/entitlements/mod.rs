//! The endpoints of entitlements: the effective limits of an account, and checks against them.

mod answer;
mod check;
mod list;
mod question;

use super::endpoint::endpoints;

endpoints! {
    list::list_entitlements,
    check::check,
}
