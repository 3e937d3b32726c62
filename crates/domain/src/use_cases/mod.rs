//! The use cases of Headroom: plain functions over the repositories they need.
//!
//! Those that write run in one unit of work of [`crate::ports::Store::write`] and follow one
//! pattern: lock, read, decide, write.

mod access;
mod add_staff_member;
mod admission;
mod allocations;
mod change_account;
mod change_booking;
mod change_staff_member;
mod check;
mod create_booking;
mod entitlements;
mod erasure;
mod find;
mod grants;
mod holds;
mod list_excesses;
mod lookup;
mod maintenance;
mod members;
mod near_limits;
mod open_account;
mod overrides;
mod subscribe;
mod usage;
mod usage_history;
mod users;

pub use access::{authenticate, authorize, authorize_though_removed, is_operator};
pub use add_staff_member::{add_staff_member, restore_staff_member};
pub use allocations::{
    AllocationPut, AllocationsReplaced, find_allocation, put_allocation, remove_allocation, replace_allocations,
};
pub use change_account::{change_account, remove_account, restore_account};
pub use change_booking::{change_booking, remove_booking};
pub use change_staff_member::{change_staff_member, remove_staff_member};
pub use check::{Answer, Check, FeatureCheck, Question, check};
pub use create_booking::{create_booking, restore_booking};
pub use entitlements::{Entitlements, When, list_entitlements};
pub use erasure::{count_account_erasure, count_user_erasure, erase_account, erase_user};
pub use find::{
    find_account, find_api_key, find_booking, find_staff_member, find_subscription, find_user, list_accounts,
    list_subscription_changes, search_accounts,
};
pub use grants::{create_grant, find_grant, list_grants, remove_grant};
pub use holds::{Confirmed, confirm_hold, create_hold, extend_hold, find_hold, release_hold};
pub use list_excesses::list_excesses;
pub use maintenance::{
    remove_expired_api_keys, remove_expired_holds, remove_expired_idempotency_records, remove_expired_sessions,
    remove_old_records,
};
pub use members::{put_member, remove_member, transfer_ownership};
pub use near_limits::{EXAMINED_ACCOUNTS_MAX, NearLimits, list_near_limits};
pub use open_account::open_account;
pub use overrides::{AnyOverride, list_overrides, put_feature_override, put_override, remove_override};
pub use subscribe::{Preview, cancel_scheduled_change, preview_plan_change, subscribe, subscribe_opened, unsubscribe};
pub use usage::{RecordedUsage, find_usage_record, record_usage, remove_usage_record};
pub use usage_history::{HistoryBound, HistoryRange, UsageInWindow, usage_history};
pub use users::{
    REFRESH_REPEATABLE_FOR, Refreshed, SESSION_LIFETIME_MAX, SESSIONS_MAX, change_password, create_api_key,
    delete_user, disable_user, log_in, refresh_session, register_user, rename_user, revoke_api_key, revoke_session,
};
