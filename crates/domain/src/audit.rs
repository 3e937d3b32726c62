//! The audit log: actor, action, resource, time and origin.

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
        /// A removed account was restored.
        AccountRestored = "account.restored",
        /// An account was erased.
        AccountErased = "account.erased",
        /// An account was put on a plan.
        PlanChanged = "subscription.plan_changed",
        /// A change of plan, or the end of the subscription, was scheduled.
        PlanChangeScheduled = "subscription.change_scheduled",
        /// A scheduled change was cancelled.
        PlanChangeCancelled = "subscription.change_cancelled",
        /// A subscription ended.
        SubscriptionEnded = "subscription.ended",
        /// An override was put on an account.
        OverridePut = "override.put",
        /// An override was removed from an account.
        OverrideRemoved = "override.removed",
        /// A grant was made.
        GrantCreated = "grant.created",
        /// A grant was removed.
        GrantRemoved = "grant.removed",
        /// A staff member's name or e-mail address was changed.
        StaffMemberChanged = "staff_member.changed",
        /// A staff member was removed.
        StaffMemberRemoved = "staff_member.removed",
        /// A removed staff member was restored.
        StaffMemberRestored = "staff_member.restored",
        /// A booking was moved, or another field of it changed.
        BookingChanged = "booking.changed",
        /// A booking was removed.
        BookingRemoved = "booking.removed",
        /// A removed booking was restored.
        BookingRestored = "booking.restored",
        /// A usage record was removed, and its quantity given back.
        UsageRemoved = "usage.removed",
        /// The quantity of an allocation was changed.
        AllocationChanged = "allocation.changed",
        /// An allocation was removed.
        AllocationRemoved = "allocation.removed",
        /// The allocations of a meter were replaced.
        AllocationsReplaced = "allocations.replaced",
        /// A hold was confirmed.
        HoldConfirmed = "hold.confirmed",
        /// A hold was released.
        HoldReleased = "hold.released",
        /// The expiry of a hold was changed.
        HoldExtended = "hold.extended",
        /// A member was added, or given another role.
        MemberPut = "member.put",
        /// A member was removed, or left.
        MemberRemoved = "member.removed",
        /// The ownership of an account was transferred to another member.
        AccountTransferred = "account.transferred",
        /// A user registered, or was created from the command line.
        UserCreated = "user.created",
        /// A user changed their name.
        UserChanged = "user.changed",
        /// A user changed their password.
        PasswordChanged = "user.password_changed",
        /// A user was disabled or enabled.
        UserDisabled = "user.disabled",
        /// A user was deleted.
        UserDeleted = "user.deleted",
        /// A user was erased.
        UserErased = "user.erased",
        /// A user logged in.
        SessionStarted = "session.started",
        /// A session was revoked, by its client or because a used refresh token was presented
        /// again.
        SessionRevoked = "session.revoked",
        /// An API key was created.
        ApiKeyCreated = "api_key.created",
        /// An API key was revoked.
        ApiKeyRevoked = "api_key.revoked",
        /// The file of the plans was loaded again.
        PlansReloaded = "plans.reloaded",
    }
);

/// The origin of a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Origin {
    /// The client's address, if known.
    pub address: Option<IpAddr>,
    /// The request id, as in the response and in the log.
    pub request_id: Box<str>,
}

/// The creator of a row and the request that created it. High-volume rows (bookings, staff members)
/// carry it themselves, so that creating one needs no audit entry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attribution {
    /// The user.
    pub user_id: UserId,
    /// The API key that was used, if any.
    pub api_key: Option<ApiKeyId>,
    /// Where the request came from.
    pub origin: Origin,
}

/// An entry of the audit log. Entries are never removed, and only erasure changes them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditEntryId,
    /// The account it is about, if any.
    pub account_id: Option<AccountId>,
    /// The user who acted.
    pub user_id: UserId,
    /// The API key that was used, if any.
    pub api_key: Option<ApiKeyId>,
    /// What was done.
    pub action: Action,
    /// The id of the resource.
    pub resource: Box<str>,
    /// Where the request came from.
    pub origin: Origin,
    /// When.
    pub created_at: Timestamp,
}
