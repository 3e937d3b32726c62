//! From every error of the domain to its problem. A new error does not compile until somebody has said which it is.

use domain::error::{
    AccessError, AddStaffMemberError, CreateBookingError, FindError, LimitRefusal, MemberError, RefreshError,
    StorageError, SubscribeError, UserError,
};
use domain::rules::SubscriptionRequired;
use domain::{Fault, FaultReason, Faults, Metric};
use serde::Serialize;
use serde_json::json;

use super::{Code, Problem};
use crate::passwords::PasswordsError;

/// One thing wrong with one field of a body.
#[derive(Debug, Serialize)]
struct FieldError {
    pointer: String,
    code: &'static str,
    detail: String,
}

impl From<&Fault> for FieldError {
    fn from(fault: &Fault) -> Self {
        // RFC 6901: the whole document is the empty pointer.
        let pointer = if fault.field.is_empty() { String::new() } else { format!("/{}", fault.field) };
        Self { pointer, code: fault.reason.code(), detail: fault.reason.to_string() }
    }
}

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        let code = match error {
            StorageError::Unavailable(_) => Code::Unavailable,
            StorageError::OutcomeUnknown(_) => Code::OutcomeUnknown,
            StorageError::Corrupt(_) | StorageError::Backend(_) => Code::Internal,
        };
        Self { cause: Some(error.to_string()), ..Self::new(code) }
    }
}

impl From<PasswordsError> for Problem {
    fn from(error: PasswordsError) -> Self {
        let code = match error {
            PasswordsError::Busy => Code::Unavailable,
            PasswordsError::DamagedHash
            | PasswordsError::Hash(_)
            | PasswordsError::OutOfMemory
            | PasswordsError::Panicked
            | PasswordsError::Random(_)
            | PasswordsError::Thread(_) => Code::Internal,
        };
        Self { cause: Some(error.to_string()), ..Self::new(code) }
    }
}

impl From<Faults> for Problem {
    fn from(faults: Faults) -> Self {
        let errors: Vec<FieldError> = faults.iter().map(FieldError::from).collect();
        Self::new(Code::ValidationFailed).with("errors", json!(errors))
    }
}

impl From<SubscriptionRequired> for Problem {
    fn from(SubscriptionRequired: SubscriptionRequired) -> Self {
        Self::new(Code::SubscriptionRequired)
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Unauthenticated => Self::new(Code::InvalidToken),
            AccessError::NotFound => Self::new(Code::NotFound),
            AccessError::Forbidden => Self::new(Code::Forbidden),
            AccessError::Storage(error) => error.into(),
        }
    }
}

impl From<UserError> for Problem {
    fn from(error: UserError) -> Self {
        match error {
            UserError::NameTaken => Self::new(Code::Conflict).with_detail("Somebody has that name: choose another."),
            UserError::NotFound => Self::new(Code::NotFound),
            UserError::LastOwner(account) => Self::new(Code::Conflict)
                .with_detail(format!("You are the only owner of {account}: hand it over first.")),
            UserError::Storage(error) => error.into(),
        }
    }
}

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Invalid => Self::new(Code::InvalidToken),
            RefreshError::Storage(error) => error.into(),
        }
    }
}

impl From<MemberError> for Problem {
    fn from(error: MemberError) -> Self {
        match error {
            MemberError::AccountNotFound | MemberError::UnknownUser => Self::new(Code::NotFound),
            MemberError::LastOwner => Self::new(Code::Conflict)
                .with_detail("The account would be without an owner: make somebody else one first."),
            MemberError::Access(error) => error.into(),
            MemberError::Storage(error) => error.into(),
        }
    }
}

impl From<FindError> for Problem {
    fn from(error: FindError) -> Self {
        match error {
            FindError::NotFound => Self::new(Code::NotFound),
            FindError::Storage(error) => error.into(),
        }
    }
}

impl From<SubscribeError> for Problem {
    fn from(error: SubscribeError) -> Self {
        match error {
            SubscribeError::AccountNotFound => Self::new(Code::NotFound),
            SubscribeError::UnknownPlan => Self::new(Code::UnknownPlan),
            SubscribeError::Storage(error) => error.into(),
        }
    }
}

impl From<AddStaffMemberError> for Problem {
    fn from(error: AddStaffMemberError) -> Self {
        match error {
            AddStaffMemberError::AccountNotFound => Self::new(Code::NotFound),
            AddStaffMemberError::SubscriptionRequired(refusal) => refusal.into(),
            AddStaffMemberError::LimitExceeded(refusal) => (*refusal).into(),
            AddStaffMemberError::Storage(error) => error.into(),
        }
    }
}

impl From<CreateBookingError> for Problem {
    fn from(error: CreateBookingError) -> Self {
        match error {
            CreateBookingError::AccountNotFound => Self::new(Code::NotFound),
            CreateBookingError::UnknownStaffMember => {
                Faults::from(Fault { field: "staff_id", reason: FaultReason::UnknownStaffMember }).into()
            }
            CreateBookingError::SubscriptionRequired(refusal) => refusal.into(),
            CreateBookingError::LimitExceeded(refusal) => (*refusal).into(),
            CreateBookingError::Storage(error) => error.into(),
        }
    }
}

impl From<LimitRefusal> for Problem {
    fn from(refusal: LimitRefusal) -> Self {
        let LimitRefusal { exceeded, window, next_allowed_day, plans_that_allow } = refusal;
        let (code, things) = match exceeded.metric {
            Metric::Staff => (Code::StaffLimitExceeded, "staff members"),
            Metric::BookingsPerDay => (Code::BookingLimitExceeded, "bookings a day"),
        };
        let plans: Vec<&str> = plans_that_allow.iter().map(domain::PlanKey::as_str).collect();
        let usage = exceeded.usage;
        let room = next_allowed_day.map(|day| format!(" The next day with room is {day}.")).unwrap_or_default();
        let upgrade = plans.first().map(|plan| format!(" The plan {plan} permits more.")).unwrap_or_default();
        let detail = format!(
            "The plan {} permits {} {things}, and {} are used.{room}{upgrade}",
            exceeded.plan, usage.limit, usage.used
        );
        let window = window.map(
            |day| json!({"start": day.start.to_string(), "end": day.end.to_string(), "time_zone": day.zone.name()}),
        );
        Self::new(code)
            .with_detail(detail)
            .with("plan", exceeded.plan.as_str())
            .with("metric", exceeded.metric.as_str())
            .with("limit", usage.limit.max())
            .with("used", usage.used)
            .with("requested", exceeded.requested)
            .with("remaining", usage.remaining())
            .with("window", window)
            .with("next_allowed_day", next_allowed_day.map(|day| day.to_string()))
            .with("plans_that_allow", plans)
    }
}
