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

mod access;
mod account;
mod audit;
mod booking;
mod bounds;
mod change;
mod characters;
mod day;
mod dry_run;
mod entitlement;
pub mod error;
mod fault;
mod idempotency;
mod ids;
mod password;
mod plan;
pub mod ports;
pub mod rules;
mod staff;
mod subscription;
mod text;
mod typeid;
mod usage;
pub mod use_cases;
mod user;
mod username;
mod words;

pub use access::{
    API_KEYS_MAX, Actor, ApiKey, Credential, EXPIRED_API_KEYS_KEPT_FOR, EXPIRED_API_KEYS_MAX, Member, Role, Scope,
};
pub use account::{Account, AccountPatch, NewAccount};
pub use audit::{Action, Attribution, AuditEntry, Origin};
pub use booking::{Booking, BookingFilter, BookingPatch, BookingPosition, NewBooking};
pub use bounds::{DAY_MAX, DAY_MIN, STARTS_AT_MAX, STARTS_AT_MIN};
pub use change::Change;
pub use characters::check_text;
pub use day::{BusinessDay, Zone, parse_day, parse_instant, whole_microseconds};
pub use dry_run::DryRun;
pub use entitlement::{EffectiveLimits, Entitlement, NewOverride, Override};
pub use fault::{Fault, FaultReason, Faults};
pub use idempotency::{Attempt, Fingerprint, IDEMPOTENCY_KEPT_FOR, IdempotencyKey, IdempotencyRecord};
pub use ids::{
    AccountId, ApiKeyId, AuditEntryId, BookingId, InvalidId, SessionId, StaffId, SubscriptionChangeId, SubscriptionId,
    UserId,
};
pub use jiff::{SignedDuration, Timestamp, civil::Date};
pub use password::{Password, PasswordHash};
pub use plan::{InvalidCatalog, InvalidPlanKey, Limit, Metric, Plan, PlanCatalog, PlanKey};
pub use staff::{NewStaffMember, StaffMember, StaffMemberPatch};
pub use subscription::{
    Direction, Ending, NewChange, OverLimit, Period, PlanChange, PlanChoice, Requested, ScheduledChange, Subscription,
    SubscriptionChange, Timing,
};
pub use text::{EmailAddress, Name, Notes};
pub use usage::Usage;
pub use user::{RefreshToken, SecretHash, Session, User};
pub use username::Username;
pub use uuid::Uuid;
pub use words::UnknownWord;
