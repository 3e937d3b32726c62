//! What an account may still do, as clients see it: the same in a report, in a check, and in a
//! refusal.

mod check;
mod list;

use super::endpoint::endpoints;

endpoints! {
    list::list_entitlements,
    check::check,
}
