//! Why a use case did not do what was asked: one enum each.

use jiff::civil::Date;
use thiserror::Error;

use crate::rules::{self, LimitExceeded, SubscriptionRequired};
use crate::{API_KEYS_MAX, AccountId, BusinessDay, Metric, PlanCatalog, PlanKey};

/// The store did not do its part.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum StorageError {
    /// It cannot take work just now; nothing was written, and a later try may succeed.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// It failed while committing: whether anything was written is unknown.
    #[error("the outcome is unknown: {0}")]
    OutcomeUnknown(String),
    /// It holds something that it never should.
    #[error("stored data is corrupt: {0}")]
    Corrupt(String),
    /// It failed otherwise; nothing was written.
    #[error("the store failed: {0}")]
    Backend(String),
}

/// The result of a call to the store.
pub type StorageResult<T> = Result<T, StorageError>;

/// Why a caller may not.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum AccessError {
    /// The credential is no longer good, or never was.
    #[error("the credential is not good")]
    Unauthenticated,
    /// There is no such account, or none that the caller may know of.
    #[error("no such account")]
    NotFound,
    /// The role, or the scope of the API key, does not permit it.
    #[error("not permitted")]
    Forbidden,
    /// The store did not do its part.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why something about a user was not done.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum UserError {
    /// Somebody has that name already.
    #[error("the name is taken")]
    NameTaken,
    /// There is no such user.
    #[error("no such user")]
    NotFound,
    /// An account would be without an owner.
    #[error("{0} would be without an owner")]
    LastOwner(AccountId),
    /// There would be no operator who can log in.
    #[error("there would be no operator left: add another first, with headroom user create <name> --operator")]
    LastOperator,
    /// The store did not do its part.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why an API key was not created.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum ApiKeyError {
    /// The user has as many as a user may have.
    #[error("the user has {API_KEYS_MAX} API keys, and no more are permitted")]
    TooMany,
    /// The store did not do its part.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a session was not refreshed.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum RefreshError {
    /// The refresh token is none, or its session has ended.
    #[error("the refresh token is not good")]
    Invalid,
    /// The store did not do its part.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why an account's members were not changed.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum MemberError {
    /// There is no such account.
    #[error("no such account")]
    AccountNotFound,
    /// There is no such user.
    #[error("no such user")]
    UnknownUser,
    /// The account would be without an owner.
    #[error("the account would be without an owner")]
    LastOwner,
    /// The caller may not.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The store did not do its part.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a resource was not found.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum FindError {
    /// There is none of that id in this account, or no such account.
    #[error("not found")]
    NotFound,
    /// The store did not do its part.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why more was not admitted.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum AdmissionError {
    /// The account is on no plan.
    #[error(transparent)]
    SubscriptionRequired(#[from] SubscriptionRequired),
    /// The limit permits no more.
    #[error(transparent)]
    LimitExceeded(Box<LimitRefusal>),
    /// The store did not do its part.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why an account's subscription was not changed.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum SubscribeError {
    /// There is no such account.
    #[error("no such account")]
    AccountNotFound,
    /// The catalogue has no such plan.
    #[error("no such plan")]
    UnknownPlan,
    /// The plan permits less than there is, and whoever asked wants no plan that does.
    #[error("the plan permits less than there is")]
    OverLimit(Vec<Excess>),
    /// The account is on no plan.
    #[error(transparent)]
    SubscriptionRequired(#[from] SubscriptionRequired),
    /// The store did not do its part.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why something that exists was not changed, removed or taken back.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum ChangeError {
    /// There is no such thing, or no such account.
    #[error("not found")]
    NotFound,
    /// It is no longer what the caller takes it for.
    #[error("it is another version")]
    PreconditionFailed,
    /// The store did not do its part.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a staff member was not added or taken back.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum AddStaffMemberError {
    /// There is no such account, or nobody of that id to take back.
    #[error("not found")]
    NotFound,
    /// The plan does not admit them.
    #[error(transparent)]
    Admission(#[from] AdmissionError),
    /// The store did not do its part.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a booking was not made, changed or taken back.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum BookingError {
    /// There is no such account, or no such booking.
    #[error("not found")]
    NotFound,
    /// The account has no such active staff member.
    #[error("no such staff member")]
    UnknownStaffMember,
    /// It is no longer what the caller takes it for.
    #[error("it is another version")]
    PreconditionFailed,
    /// It has begun, and cannot be moved any more.
    #[error("the booking has begun")]
    HasBegun,
    /// The plan does not admit it.
    #[error(transparent)]
    Admission(#[from] AdmissionError),
    /// The store did not do its part.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Where there is more than a plan permits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Excess {
    /// What there is more of.
    pub metric: Metric,
    /// The day on which there is, if it is about a day.
    pub day: Option<Date>,
    /// How much there is.
    pub used: u32,
    /// How much the plan permits.
    pub new_limit: u32,
}

impl Excess {
    /// How much there is too much.
    #[must_use]
    pub const fn excess(&self) -> u32 {
        self.used.saturating_sub(self.new_limit)
    }
}

/// A limit that was met, with what a client needs to explain it and to offer a way on.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[error("{exceeded}")]
pub struct LimitRefusal {
    /// The limit and how much of it is used.
    pub exceeded: LimitExceeded,
    /// The day the limit is about; `None` for a limit that is not about a day.
    pub window: Option<BusinessDay>,
    /// The first later day with room, if the limit is about a day and there is one within
    /// [`crate::rules::LOOK_AHEAD_DAYS_MAX`] days.
    pub next_allowed_day: Option<Date>,
    /// The plans that permit what was requested, the smallest first; none where the limit is the account's own, which no
    /// plan changes.
    pub plans_that_allow: Vec<PlanKey>,
}

impl LimitRefusal {
    /// Adds to a limit that was met the plans of `catalog` that would permit what was requested.
    #[must_use]
    pub fn new(
        exceeded: LimitExceeded,
        catalog: &PlanCatalog,
        window: Option<BusinessDay>,
        next_allowed_day: Option<Date>,
    ) -> Self {
        let plans = rules::plans_that_allow(catalog, exceeded.metric, exceeded.total());
        let plans = plans.filter(|_| !exceeded.is_overridden);
        let plans_that_allow = plans.map(|plan| plan.key.clone()).collect();
        Self { exceeded, window, next_allowed_day, plans_that_allow }
    }
}
