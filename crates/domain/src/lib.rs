//! Headroom's plans, limits and rules, as plain functions.
//!
//! This crate is pure: no I/O, no clock, no randomness, no async runtime, no framework. Time and ids come in as
//! parameters or through the [`ports`]. Use the [`rules`] alone in a program of your own, or run the whole
//! [`use_cases`] over a [`ports::Store`] that you implement.
//!
//! ```
//! use domain::{PlanCatalog, rules};
//!
//! let catalog = PlanCatalog::builtin();
//! let basic = catalog.find("basic").expect("the built-in catalogue has it");
//! assert!(rules::check_staff_limit(basic, 1, 1).is_ok());
//! assert!(rules::check_staff_limit(basic, 2, 1).is_err());
//! ```

mod account;
mod booking;
mod day;
pub mod error;
mod fault;
mod ids;
mod plan;
pub mod ports;
pub mod rules;
mod staff;
mod subscription;
mod text;
mod typeid;
mod usage;
pub mod use_cases;

pub use account::{Account, NewAccount};
pub use booking::{Booking, NewBooking};
pub use day::{BusinessDay, STARTS_AT_MAX, STARTS_AT_MIN, Zone, parse_instant, whole_microseconds};
pub use fault::{Fault, FaultReason, Faults};
pub use ids::{AccountId, BookingId, InvalidId, StaffId, SubscriptionId};
pub use jiff::{Timestamp, civil::Date};
pub use plan::{InvalidPlanKey, Limit, Metric, Plan, PlanCatalog, PlanKey};
pub use staff::{NewStaffMember, StaffMember};
pub use subscription::{PlanChange, Subscription};
pub use text::{EmailAddress, Name, Notes};
pub use usage::Usage;
pub use uuid::Uuid;
