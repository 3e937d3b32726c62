//! Converts every error of the domain to its problem. The matches are exhaustive: a new error does
//! not compile until it has a problem.

use domain::error::{
    AccessError, AddStaffMemberError, AdmissionError, BookingError, ChangeError, FindError, GrantError, LimitRefusal,
    MemberError, OpenAccountError, RefreshError, StorageError, SubscribeError, UsageError, UsageHistoryError,
    UserError,
};
use domain::rules::{LimitExceeded, SubscriptionRequired};
use domain::{Fault, FaultReason, Faults, GRANTS_MAX, HISTORY_WINDOWS_MAX, Limit, Window};
use serde_json::json;

use super::limits::{ExcessBody, LimitBody};
use super::{Code, Problem};
use crate::passwords::PasswordsError;
use crate::plans::{PlansInUseError, ReloadError};

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

impl From<ReloadError> for Problem {
    fn from(error: ReloadError) -> Self {
        let refused = |detail: &'static str, faults: Vec<String>| {
            Self::new(Code::Conflict).with_detail(detail).with("faults", json!(faults))
        };
        match error {
            ReloadError::NoFile => Self::new(Code::Conflict)
                .with_detail("The server has the built-in plans. Set HEADROOM_PLANS to a file."),
            ReloadError::Faulty(faults) => {
                refused("The plans stay as they are. Correct the faults of the file, and load it again.", faults)
            }
            ReloadError::InUse(PlansInUseError::Vanished(vanished)) => refused(
                "The plans stay as they are, because accounts are on plans that the file lacks. Add them again, or \
                 name them in replaces, in the [[plan]] of the one that replaces them.",
                vanished.iter().map(ToString::to_string).collect(),
            ),
            ReloadError::InUse(PlansInUseError::Storage(error)) => error.into(),
            ReloadError::Stopping => Self::unavailable(error),
        }
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
            UserError::NameTaken => Self::new(Code::Conflict).with_detail("That username is taken. Choose another."),
            UserError::NotFound => Self::new(Code::NotFound),
            UserError::LastOwner(account) => Self::new(Code::Conflict).with_detail(format!(
                "You are the only owner of {account}. Add another owner, or remove the account, first."
            )),
            UserError::LastOperator => Self::new(Code::Conflict).with_detail(
                "You are the only operator. Add another first, with headroom user create <name> --operator.",
            ),
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
            MemberError::AccountNotFound => Self::new(Code::NotFound),
            MemberError::UnknownUser => Self::new(Code::NotFound)
                .with_detail("No user has that name or id. Check the name. New users register with POST /users."),
            MemberError::LastOwner => Self::new(Code::Conflict)
                .with_detail("The account needs an owner. Invite another owner first, and wait until they accept."),
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

impl From<AdmissionError> for Problem {
    fn from(error: AdmissionError) -> Self {
        match error {
            AdmissionError::SubscriptionRequired(refusal) => refusal.into(),
            AdmissionError::LimitExceeded(refusal) => (*refusal).into(),
            AdmissionError::Storage(error) => error.into(),
        }
    }
}

impl From<SubscribeError> for Problem {
    fn from(error: SubscribeError) -> Self {
        match error {
            SubscribeError::AccountNotFound => Self::new(Code::NotFound),
            SubscribeError::NotSelfService => {
                Self::new(Code::Forbidden).with_detail("Only an operator can put an account on this plan: ask one.")
            }
            SubscribeError::UnknownPlan => Self::new(Code::UnknownPlan),
            SubscribeError::OverLimit(exceeded) => {
                let exceeded: Vec<ExcessBody> = exceeded.iter().map(ExcessBody::from).collect();
                Self::new(Code::OverLimit).with("exceeded", json!(exceeded))
            }
            SubscribeError::SubscriptionRequired(refusal) => refusal.into(),
            SubscribeError::Storage(error) => error.into(),
        }
    }
}

impl From<OpenAccountError> for Problem {
    fn from(error: OpenAccountError) -> Self {
        match error {
            // Whether the caller may know the other account is the endpoint's to decide.
            OpenAccountError::ExternalIdTaken(_) => Self::new(Code::Conflict)
                .with_detail("Another account has this external_id. Use that account, or another external_id."),
            OpenAccountError::Subscribe(error) => error.into(),
            OpenAccountError::Storage(error) => error.into(),
        }
    }
}

impl From<GrantError> for Problem {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::AccountNotFound => Self::new(Code::NotFound),
            GrantError::InThePast => {
                Faults::from(Fault { field: "expires_at", reason: FaultReason::InThePast }).into()
            }
            GrantError::TooMany => Self::new(Code::Conflict).with_detail(format!(
                "The account has {GRANTS_MAX} grants that have not expired, and no more are permitted: remove one first."
            )),
            GrantError::Storage(error) => error.into(),
        }
    }
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::NotFound => Self::new(Code::NotFound),
            ChangeError::PreconditionFailed => Self::new(Code::PreconditionFailed),
            ChangeError::Storage(error) => error.into(),
        }
    }
}

impl From<AddStaffMemberError> for Problem {
    fn from(error: AddStaffMemberError) -> Self {
        match error {
            AddStaffMemberError::NotFound => Self::new(Code::NotFound),
            AddStaffMemberError::UnknownHold => unknown_hold(),
            AddStaffMemberError::Admission(error) => error.into(),
            AddStaffMemberError::Storage(error) => error.into(),
        }
    }
}

impl From<BookingError> for Problem {
    fn from(error: BookingError) -> Self {
        match error {
            BookingError::NotFound => Self::new(Code::NotFound),
            BookingError::UnknownStaffMember => {
                Faults::from(Fault { field: "staff_id", reason: FaultReason::UnknownStaffMember }).into()
            }
            BookingError::UnknownHold => unknown_hold(),
            BookingError::PreconditionFailed => Self::new(Code::PreconditionFailed),
            BookingError::HasBegun => Self::new(Code::Conflict)
                .with_detail("The booking has begun and can no longer be moved. Create another one."),
            BookingError::Admission(error) => error.into(),
            BookingError::Storage(error) => error.into(),
        }
    }
}

impl From<UsageError> for Problem {
    fn from(error: UsageError) -> Self {
        match error {
            UsageError::NotFound => Self::new(Code::NotFound),
            UsageError::Admission(error) => error.into(),
            UsageError::Storage(error) => error.into(),
        }
    }
}

impl From<UsageHistoryError> for Problem {
    fn from(error: UsageHistoryError) -> Self {
        match error {
            UsageHistoryError::NotFound => Self::new(Code::NotFound),
            UsageHistoryError::EndsBeforeStart => {
                Self::new(Code::InvalidParameter).with_detail("The parameter from is not after the parameter to.")
            }
            UsageHistoryError::TooManyWindows => Self::new(Code::InvalidParameter).with_detail(format!(
                "There are more than {HISTORY_WINDOWS_MAX} windows from from to to. Ask for a shorter range, or for one metric."
            )),
            UsageHistoryError::Storage(error) => error.into(),
        }
    }
}

fn unknown_hold() -> Problem {
    Faults::from(Fault { field: "hold_id", reason: FaultReason::UnknownHold }).into()
}

impl From<LimitRefusal> for Problem {
    fn from(refusal: LimitRefusal) -> Self {
        let (code, detail) = explain(&refusal);
        let members = json!(LimitBody::from(&refusal));
        Self::new(code).with_detail(detail).with("requested", refusal.exceeded.requested).with_members(members)
    }
}

/// The code of the limit, and a detail: how much is used, and what the client can do.
fn explain(refusal: &LimitRefusal) -> (Code, String) {
    let LimitExceeded { plan, is_overridden, metric, usage, .. } = &refusal.exceeded;
    let is_one = usage.limit == Limit::AtMost(1);
    let (code, things) = match metric.as_str() {
        "staff" => (Code::StaffLimitExceeded, if is_one { "staff member" } else { "staff members" }.to_owned()),
        "bookings_per_day" => {
            (Code::BookingLimitExceeded, if is_one { "booking a day" } else { "bookings a day" }.to_owned())
        }
        _ => (Code::LimitExceeded, format!("{}{}", refusal.meter, in_a_window(refusal))),
    };
    let source =
        if *is_overridden { "This account's own limit is".to_owned() } else { format!("The plan {plan} permits") };
    let are = if usage.used == 1 { "is" } else { "are" };
    let room = match (refusal.next_allowed_day, refusal.next_allowed_at) {
        (Some(day), _) => format!(" The next day with room is {day}."),
        (None, Some(at)) if refusal.is_extended => format!(" There is room again from {at} on."),
        (None, _) => String::new(),
    };
    let more = match refusal.plans_that_allow.first() {
        Some(plan) => format!(" The plan {plan} permits more."),
        None if *is_overridden => " An operator can change it.".to_owned(),
        None => String::new(),
    };
    (code, format!("{source} {} {things}, and {} {are} used.{room}{more}", usage.limit, usage.used))
}

/// The window of a counter, as the end of a phrase; nothing for a gauge, and for a counter that never
/// resets.
fn in_a_window(refusal: &LimitRefusal) -> &'static str {
    match refusal.window.as_ref().map(|window| window.window) {
        Some(Window::Minute) => " in a minute",
        Some(Window::Hour) => " in an hour",
        Some(Window::Day) => " in a day",
        Some(Window::Week) => " in a week",
        Some(Window::Month) => " in a month",
        Some(Window::Year) => " in a year",
        Some(Window::Period) => " in a period",
        Some(Window::Lifetime) | None => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::RETRY_AFTER;

    #[test]
    fn whether_something_was_written_is_told_from_whether_it_is_known() {
        let cause = || "the disk is gone".to_owned();
        for (error, status, code, retry_after) in [
            (StorageError::Unavailable(cause()), 503, "unavailable", true),
            (StorageError::OutcomeUnknown(cause()), 503, "outcome_unknown", false),
            (StorageError::Corrupt(cause()), 500, "internal", false),
            (StorageError::Backend(cause()), 500, "internal", false),
        ] {
            let problem = Problem::from(error);
            let answer = problem.respond("a request", "");
            assert_eq!((answer.status().as_u16(), problem.code.as_str()), (status, code));
            // A client must check first whether the request was committed.
            assert_eq!(answer.headers().contains_key(RETRY_AFTER), retry_after, "{code}");
            assert!(problem.cause().is_some_and(|cause| cause.contains("the disk is gone")), "{code}");
        }
    }
}
