//! Why a use case did not do what was asked: one enum each.

use jiff::civil::Date;
use thiserror::Error;

use crate::rules::{self, LimitExceeded, SubscriptionRequired};
use crate::{BusinessDay, PlanCatalog, PlanKey};

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

/// Why an account was not put on a plan.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum SubscribeError {
    /// There is no such account.
    #[error("no such account")]
    AccountNotFound,
    /// The catalogue has no such plan.
    #[error("no such plan")]
    UnknownPlan,
    /// The store did not do its part.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a staff member was not added.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum AddStaffMemberError {
    /// There is no such account.
    #[error("no such account")]
    AccountNotFound,
    /// The account is on no plan.
    #[error(transparent)]
    SubscriptionRequired(#[from] SubscriptionRequired),
    /// The plan permits no more.
    #[error(transparent)]
    LimitExceeded(Box<LimitRefusal>),
    /// The store did not do its part.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a booking was not made.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum CreateBookingError {
    /// There is no such account.
    #[error("no such account")]
    AccountNotFound,
    /// The account has no such active staff member.
    #[error("no such staff member")]
    UnknownStaffMember,
    /// The account is on no plan.
    #[error(transparent)]
    SubscriptionRequired(#[from] SubscriptionRequired),
    /// The plan permits no more on that day.
    #[error(transparent)]
    LimitExceeded(Box<LimitRefusal>),
    /// The store did not do its part.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A limit that was met, with what a client needs to explain it and to offer a way on.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{exceeded}")]
pub struct LimitRefusal {
    /// The limit and how much of it is used.
    pub exceeded: LimitExceeded,
    /// The day the limit is about; `None` for a limit that is not about a day.
    pub window: Option<BusinessDay>,
    /// The first later day with room, if the limit is about a day and there is one within
    /// [`crate::rules::LOOK_AHEAD_DAYS_MAX`] days.
    pub next_allowed_day: Option<Date>,
    /// The plans that permit what was requested, the smallest first.
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
        let plans_that_allow = plans.map(|plan| plan.key.clone()).collect();
        Self { exceeded, window, next_allowed_day, plans_that_allow }
    }
}
