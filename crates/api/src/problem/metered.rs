//! Converts the errors of allocations and holds to their problems.

use domain::error::{AllocationError, HoldError};
use domain::{ALLOCATIONS_MAX, Fault, FaultReason, Faults, HOLDS_MAX};

use super::{Code, Problem};

impl From<AllocationError> for Problem {
    fn from(error: AllocationError) -> Self {
        match error {
            AllocationError::NotFound => Self::new(Code::NotFound),
            AllocationError::TooManyRemoved => Self::new(Code::Conflict).with_detail(format!(
                "More than {ALLOCATIONS_MAX} allocations would be removed. Remove them one by one, or in several steps."
            )),
            AllocationError::Admission(error) => error.into(),
            AllocationError::Storage(error) => error.into(),
        }
    }
}

impl From<HoldError> for Problem {
    fn from(error: HoldError) -> Self {
        let conflict = |detail: String| Self::new(Code::Conflict).with_detail(detail);
        match error {
            HoldError::NotFound => Self::new(Code::NotFound),
            HoldError::TooMany => conflict(format!(
                "The account has {HOLDS_MAX} live holds, and no more are permitted. Release some first."
            )),
            HoldError::NotHeld(status) => conflict(format!("The hold is {}. Create another one.", status.as_str())),
            HoldError::ConfirmedByCreation(meter) => conflict(format!(
                "A hold of {meter} is confirmed by what it is for. Create the staff member or the booking with hold_id."
            )),
            HoldError::UnknownMeter(meter) => {
                conflict(format!("The catalogue no longer has the meter {meter}. Release the hold."))
            }
            HoldError::KeyOfUsage => Faults::from(Fault { field: "key", reason: FaultReason::NotApplicable }).into(),
            HoldError::Admission(error) => error.into(),
            HoldError::Storage(error) => error.into(),
        }
    }
}
