//! The audit: who did what, to which resource, when, from where.

use core::net::IpAddr;

use jiff::Timestamp;

use crate::words::words;
use crate::{AccountId, ApiKeyId, AuditEntryId, UserId};

words!(
    /// What was done.
    Action {
        /// An account was opened.
        AccountOpened = "account.opened",
        /// An account's name or time zone was changed.
        AccountChanged = "account.changed",
        /// An account was removed.
        AccountRemoved = "account.removed",
        /// An account that was removed was taken back.
        AccountRestored = "account.restored",
        /// An account was put on a plan.
        PlanChanged = "subscription.plan_changed",
        /// An account is to be on another plan, or on none, from some time on.
        PlanChangeScheduled = "subscription.change_scheduled",
        /// What was scheduled is off.
        PlanChangeCancelled = "subscription.change_cancelled",
        /// A subscription ended.
        SubscriptionEnded = "subscription.ended",
        /// An account was given a limit of its own.
        OverridePut = "override.put",
        /// A limit of its own was taken from an account.
        OverrideRemoved = "override.removed",
        /// A staff member's name or e-mail address was changed.
        StaffMemberChanged = "staff_member.changed",
        /// A staff member was removed.
        StaffMemberRemoved = "staff_member.removed",
        /// A staff member who was removed was taken back.
        StaffMemberRestored = "staff_member.restored",
        /// A booking was moved, or something else about it changed.
        BookingChanged = "booking.changed",
        /// A booking was removed.
        BookingRemoved = "booking.removed",
        /// A booking that was removed was taken back.
        BookingRestored = "booking.restored",
        /// A member was added, or given another role.
        MemberPut = "member.put",
        /// A member was removed, or left.
        MemberRemoved = "member.removed",
        /// A member became the owner in place of whoever handed the account over.
        AccountTransferred = "account.transferred",
        /// A user registered, or was made from the command line.
        UserCreated = "user.created",
        /// A user changed their name.
        UserChanged = "user.changed",
        /// A user changed their password.
        PasswordChanged = "user.password_changed",
        /// A user was shut out, or let in again.
        UserDisabled = "user.disabled",
        /// A user left for good.
        UserDeleted = "user.deleted",
        /// A user logged in.
        SessionStarted = "session.started",
        /// A session was ended by whoever held its token, or because an old token of it came back.
        SessionRevoked = "session.revoked",
        /// An API key was made.
        ApiKeyCreated = "api_key.created",
        /// An API key was taken back.
        ApiKeyRevoked = "api_key.revoked",
    }
);

/// Where a request came from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Origin {
    /// The client's address, if it is known.
    pub address: Option<IpAddr>,
    /// The request's id, as in its answer and in the log.
    pub request_id: Box<str>,
}

/// Who created a row, and by which request. Rows of high volume (bookings, staff members) carry it themselves, so
/// that creating one needs no separate audit entry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attribution {
    /// The user.
    pub user_id: UserId,
    /// The API key that the user acted with, if any.
    pub api_key: Option<ApiKeyId>,
    /// Where the request came from.
    pub origin: Origin,
}

/// One entry. Nothing ever changes or removes it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditEntryId,
    /// The account it is about; `None` for what is about none.
    pub account_id: Option<AccountId>,
    /// Who did it.
    pub user_id: UserId,
    /// The API key they did it with, if any.
    pub api_key: Option<ApiKeyId>,
    /// What was done.
    pub action: Action,
    /// The id of what it was done to.
    pub resource: Box<str>,
    /// Where the request came from.
    pub origin: Origin,
    /// When.
    pub created_at: Timestamp,
}
