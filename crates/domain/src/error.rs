//! The errors of the use cases, an enum for each kind of use case.

use jiff::Timestamp;
use jiff::civil::Date;
use thiserror::Error;

use crate::rules::{LimitExceeded, SubscriptionRequired};
use crate::{
    ALLOCATIONS_MAX, API_KEYS_MAX, AccountId, GRANTS_MAX, HISTORY_WINDOWS_MAX, HOLDS_MAX, HoldStatus, LimitWindow,
    Meter, Metric, PlanKey,
};

/// An error of the store.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum StorageError {
    /// The store is unavailable. Nothing was written; a later attempt may succeed.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// The commit failed. Whether anything was written is unknown.
    #[error("the outcome is unknown: {0}")]
    OutcomeUnknown(String),
    /// Stored data is corrupt.
    #[error("stored data is corrupt: {0}")]
    Corrupt(String),
    /// Any other failure. Nothing was written.
    #[error("the store failed: {0}")]
    Backend(String),
}

/// The result of a call to the store.
pub type StorageResult<T> = Result<T, StorageError>;

/// Why access is refused.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum AccessError {
    /// The credential is not valid, or no longer.
    #[error("the credential is not valid")]
    Unauthenticated,
    /// The account does not exist, or the caller is not permitted to know of it.
    #[error("account not found")]
    NotFound,
    /// The role, or the scope of the API key, does not permit the action.
    #[error("not permitted")]
    Forbidden,
    /// An error of the store.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a user was not created, changed or deleted.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum UserError {
    /// Another user has the name.
    #[error("the name is taken")]
    NameTaken,
    /// The user does not exist.
    #[error("user not found")]
    NotFound,
    /// The account would have no owner.
    #[error("{0} would be without an owner")]
    LastOwner(AccountId),
    /// No operator could log in any more.
    #[error("there would be no operator left: add another first, with headroom user create <name> --operator")]
    LastOperator,
    /// An error of the store.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why an API key was not created.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum ApiKeyError {
    /// The key would expire in the past.
    #[error("the key would expire in the past")]
    InThePast,
    /// The user cannot access the one account of the key.
    #[error("the user cannot access the account of the key")]
    UnknownAccount,
    /// The user has [`API_KEYS_MAX`] unexpired keys.
    #[error("the user has {API_KEYS_MAX} API keys, and no more are permitted")]
    TooMany,
    /// An error of the store.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a session was not refreshed.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum RefreshError {
    /// The refresh token is not valid, or its session has ended.
    #[error("the refresh token is not valid")]
    Invalid,
    /// An error of the store.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why an account's members were not changed.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum MemberError {
    /// The account does not exist.
    #[error("account not found")]
    AccountNotFound,
    /// The user does not exist.
    #[error("user not found")]
    UnknownUser,
    /// The account would have no owner.
    #[error("the account would be without an owner")]
    LastOwner,
    /// Access is refused.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// An error of the store.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a resource was not found.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum FindError {
    /// The account does not exist, or has no resource with this id.
    #[error("not found")]
    NotFound,
    /// An error of the store.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a request is not admitted.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum AdmissionError {
    /// The account has no plan.
    #[error(transparent)]
    SubscriptionRequired(#[from] SubscriptionRequired),
    /// The limit would be exceeded.
    #[error(transparent)]
    LimitExceeded(Box<LimitRefusal>),
    /// An error of the store.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why an account's subscription was not changed.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum SubscribeError {
    /// The account does not exist.
    #[error("account not found")]
    AccountNotFound,
    /// The catalogue does not have the plan.
    #[error("plan not found")]
    UnknownPlan,
    /// The plan is not for self-service, and the caller is not an operator.
    #[error("only an operator may choose the plan")]
    NotSelfService,
    /// The account uses more than the plan permits, and the request does not accept that.
    #[error("usage is above the limits of the plan")]
    OverLimit(Vec<Excess>),
    /// The account has no plan.
    #[error(transparent)]
    SubscriptionRequired(#[from] SubscriptionRequired),
    /// An error of the store.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why an account was not opened.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum OpenAccountError {
    /// Another account, perhaps a removed one, has the external id.
    #[error("{0} has the external id")]
    ExternalIdTaken(AccountId),
    /// The account was not subscribed to its plan.
    #[error(transparent)]
    Subscribe(#[from] SubscribeError),
    /// An error of the store.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a grant was not made.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum GrantError {
    /// The account does not exist.
    #[error("account not found")]
    AccountNotFound,
    /// The grant would have expired already.
    #[error("the grant would have expired")]
    InThePast,
    /// The account has [`GRANTS_MAX`] grants that have not expired.
    #[error("the account has {GRANTS_MAX} grants, and no more are permitted")]
    TooMany,
    /// An error of the store.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a resource was not changed, removed or restored.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum ChangeError {
    /// The account or the resource does not exist.
    #[error("not found")]
    NotFound,
    /// The resource has changed since the caller read it.
    #[error("the resource has changed")]
    PreconditionFailed,
    /// An error of the store.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a staff member was not added or restored.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum AddStaffMemberError {
    /// The account does not exist, or has no staff member to restore with this id.
    #[error("not found")]
    NotFound,
    /// The account has no live hold of a staff member with this id.
    #[error("hold not found")]
    UnknownHold,
    /// The staff member is not admitted.
    #[error(transparent)]
    Admission(#[from] AdmissionError),
    /// An error of the store.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a booking was not created, changed or restored.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum BookingError {
    /// The account or the booking does not exist.
    #[error("not found")]
    NotFound,
    /// The account has no active staff member with this id.
    #[error("staff member not found")]
    UnknownStaffMember,
    /// The account has no live hold of a booking with this id.
    #[error("hold not found")]
    UnknownHold,
    /// The resource has changed since the caller read it.
    #[error("the resource has changed")]
    PreconditionFailed,
    /// The booking has begun and cannot be moved.
    #[error("the booking has begun")]
    HasBegun,
    /// The booking is not admitted.
    #[error(transparent)]
    Admission(#[from] AdmissionError),
    /// An error of the store.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why usage was not recorded.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum UsageError {
    /// The account does not exist, or the catalogue no longer has the meter.
    #[error("not found")]
    NotFound,
    /// The usage is not admitted.
    #[error(transparent)]
    Admission(#[from] AdmissionError),
    /// An error of the store.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why the allocations of a meter were not changed.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum AllocationError {
    /// The account does not exist.
    #[error("account not found")]
    NotFound,
    /// More allocations would be removed than one request may remove.
    #[error("more than {ALLOCATIONS_MAX} allocations would be removed")]
    TooManyRemoved,
    /// The allocations are not admitted.
    #[error(transparent)]
    Admission(#[from] AdmissionError),
    /// An error of the store.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why there is no history of usage.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum UsageHistoryError {
    /// The account does not exist.
    #[error("account not found")]
    NotFound,
    /// The range ends before it begins.
    #[error("the range ends before it begins")]
    EndsBeforeStart,
    /// The range has more than [`HISTORY_WINDOWS_MAX`] windows.
    #[error("the range has more than {HISTORY_WINDOWS_MAX} windows")]
    TooManyWindows,
    /// An error of the store.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a hold was not created, confirmed, released or extended.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum HoldError {
    /// The account or the hold does not exist.
    #[error("not found")]
    NotFound,
    /// The account has [`HOLDS_MAX`] live holds.
    #[error("the account has {HOLDS_MAX} live holds, and no more are permitted")]
    TooMany,
    /// The hold is not live, or was confirmed, which is final.
    #[error("the hold is {}", .0.as_str())]
    NotHeld(HoldStatus),
    /// A hold of this meter is confirmed by the resource that it is for: a staff member or a
    /// booking.
    #[error("a hold of {0} is confirmed by what it is for")]
    ConfirmedByCreation(Meter),
    /// The catalogue no longer has the meter.
    #[error("the catalogue has no meter {0}")]
    UnknownMeter(Meter),
    /// A key is given, and what the meter counts has none.
    #[error("usage has no key")]
    KeyOfUsage,
    /// The hold is not admitted.
    #[error(transparent)]
    Admission(#[from] AdmissionError),
    /// An error of the store.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A metric of which an account uses more than a plan permits.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Excess {
    /// The metric.
    pub metric: Metric,
    /// The day, for a metric that is limited by day.
    pub day: Option<Date>,
    /// The window, for a counter of another kind.
    pub window: Option<LimitWindow>,
    /// How much is used.
    pub used: u64,
    /// The limit of the plan.
    pub new_limit: u64,
}

impl Excess {
    /// By how much the limit is exceeded.
    #[must_use]
    pub const fn excess(&self) -> u64 {
        self.used.saturating_sub(self.new_limit)
    }
}

/// An exceeded limit, with what a client needs to explain it and to suggest an alternative.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[error("{exceeded}")]
pub struct LimitRefusal {
    /// The limit and the usage.
    pub exceeded: LimitExceeded,
    /// What the metric counts.
    pub meter: Meter,
    /// Whether the catalogue has custom metrics, or features.
    pub is_extended: bool,
    /// The window, for a counter. `None` also for one that never resets.
    pub window: Option<LimitWindow>,
    /// The first later day with room, within [`crate::rules::LOOK_AHEAD_DAYS_MAX`] days; for a metric
    /// that is limited by day.
    pub next_allowed_day: Option<Date>,
    /// The first instant at which there is room, as far as it is known: when a later window begins,
    /// or a hold expires.
    pub next_allowed_at: Option<Timestamp>,
    /// The plans that permit what was requested, the smallest first. Empty where an override is in
    /// force, because it applies on every plan.
    pub plans_that_allow: Vec<PlanKey>,
    /// The other metrics that refuse the request. Each has room earlier, or never as well.
    pub others: Vec<LimitRefusal>,
}

impl LimitRefusal {
    /// The refusal of a request that all of these metrics refuse; `None` for no metric. It
    /// describes the one that has room last, and suggests plans that all of them permit.
    #[must_use]
    pub fn of_all(mut refusals: Vec<Self>) -> Option<Self> {
        let allows = |plan: &PlanKey| refusals.iter().all(|refusal| refusal.plans_that_allow.contains(plan));
        let plans: Vec<PlanKey> =
            refusals.first()?.plans_that_allow.iter().filter(|plan| allows(plan)).cloned().collect();
        // Of equal ones the first: the built-in metric.
        let room = |refusal: &Self| refusal.next_allowed_at.unwrap_or(Timestamp::MAX);
        let latest = refusals.iter().map(room).max()?;
        let last = refusals.iter().position(|refusal| room(refusal) == latest)?;
        let described = refusals.remove(last);
        Some(Self { plans_that_allow: plans, others: refusals, ..described })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excess_is_what_is_used_above_the_new_limit() {
        for (used, new_limit, excess) in [(0, 0, 0), (2, 3, 0), (3, 3, 0), (5, 3, 2), (u64::MAX, 0, u64::MAX)] {
            assert_eq!(Excess { metric: Metric::STAFF, day: None, window: None, used, new_limit }.excess(), excess);
        }
    }
}
