//! Plans, limits and entitlements as plain functions: the core of Headroom, and a library for
//! programs of your own.
//!
//! The crate is pure: no I/O, no clock, no randomness, no async runtime, no framework. Time and ids
//! are parameters. It builds for WebAssembly, too (`wasm32-unknown-unknown`).
//!
//! # Quick start
//!
//! A [`Plan`] limits how much of each [`Metric`] an account may have. A function of [`rules`] takes
//! the limits and what is used, and admits a request or explains the refusal:
//!
//! ```
//! use domain::{Metric, PlanCatalog, Zone, rules};
//!
//! let catalog = PlanCatalog::builtin();
//! let basic = catalog.find("basic").expect("the built-in catalogue has this plan");
//!
//! // The plan admits 5 bookings a day: the fifth fits, the sixth does not.
//! assert!(rules::check_daily_booking_limit(basic, 4, 1).is_ok());
//! let refusal = rules::check_daily_booking_limit(basic, 5, 1).expect_err("the day is full");
//! assert_eq!((&refusal.metric, refusal.usage.remaining()), (&Metric::BOOKINGS_PER_DAY, Some(0)));
//!
//! // What the customer can do about it: take a larger plan, or another day.
//! let larger = rules::plans_that_allow(&catalog, &refusal.metric, refusal.total()).next();
//! assert_eq!(larger.map(|plan| plan.key.as_str()), Some("pro"));
//!
//! let zone = Zone::parse("Europe/Berlin").expect("the zone is in the IANA database");
//! let today = zone.day_of("2026-03-29T12:00:00Z".parse().expect("the text is an instant"));
//! let booked = [("2026-03-30".parse().expect("the text is a date"), 5)];
//! let next = rules::next_allowed_day(&today, refusal.usage.limit, 1, &booked, rules::LOOK_AHEAD_DAYS_MAX);
//! assert_eq!(next.map(|day| day.to_string()).as_deref(), Some("2026-03-31"));
//! ```
//!
//! Programs to copy are in `examples/`:
//!
//! - `booking_widget`: a month in which the full days cannot be chosen
//! - `upgrade`: a command that compares two plans, and lists what would be over the limit
//! - `own_catalog`: a [`PlanCatalog`] of your own
//! - `limits`: which requests each plan admits
//!
//! # Concepts
//!
//! - [`PlanCatalog`], [`Plan`], [`Limit`]: what is on offer. [`EffectiveLimits`]: what one account
//!   may have, its plan's limits with its [`Override`]s applied. [`Usage`]: used and permitted.
//! - [`Zone`], [`BusinessDay`]: an instant and a time zone give the civil date on which a booking
//!   counts.
//! - [`Window`]: the span of time in which a counter counts. [`Occurrence`]: an instant and its
//!   windows.
//! - [`Subscription`]: the plan of an account, its billing months, and a change scheduled for
//!   later.
//! - Input is parsed once into a type of this crate, such as [`Name`] or [`AccountId`]; a value of
//!   such a type is valid.
//!
//! # Use cases
//!
//! [`use_cases`] has everything that Headroom does, over the repositories in [`ports`]. Implement
//! [`ports::Store`] to run them on a database of your own. [`DryRun`] runs a use case without
//! effect.
//!
//! # Features
//!
//! - `serde` (off by default): `Serialize` and `Deserialize` for the value types: ids, keys, names,
//!   limits, plans, entitlements, usage, days and subscriptions. Text forms are parsed, so a
//!   deserialized value is valid.

mod access;
mod account;
mod account_search;
mod audit;
mod booking;
mod bounds;
mod catalog_keys;
mod change;
mod characters;
mod day;
mod dry_run;
mod entitlement;
mod erasure;
pub mod error;
mod fault;
mod feature;
mod grant;
mod idempotency;
mod ids;
mod key_kind;
mod metadata;
mod metered;
mod metric;
mod new_hold;
mod password;
mod plan;
mod plan_change;
mod plan_key;
pub mod ports;
mod ratio;
mod reference;
pub mod rules;
#[cfg(feature = "serde")]
mod serde_impls;
mod span;
mod staff;
mod subscription;
mod text;
mod typeid;
mod usage;
pub mod use_cases;
mod user;
mod username;
mod window;
mod words;

pub use access::{
    API_KEYS_MAX, Actor, ApiKey, Credential, EXPIRED_API_KEYS_KEPT_FOR, EXPIRED_API_KEYS_MAX, Member, Role, Scope,
};
pub use account::{Account, AccountPatch, AccountPosition, NewAccount};
pub use account_search::AccountSearch;
pub use audit::{Action, Attribution, AuditEntry, Origin};
pub use booking::{Booking, BookingFilter, BookingPatch, BookingPosition, NewBooking};
pub use bounds::{DAY_MAX, DAY_MIN, QUANTITY_MAX, STARTS_AT_MAX, STARTS_AT_MIN};
pub use catalog_keys::keys_of_kind;
pub use change::Change;
pub use characters::check_text;
pub use day::{BusinessDay, Zone, parse_day, parse_instant, whole_microseconds};
pub use dry_run::DryRun;
pub use entitlement::{EffectiveLimits, Entitlement, FeatureEntitlement, NewOverride, Override};
pub use erasure::{ERASED, Erasure, ErasureCounts, ErasureSubject, Retained};
pub use fault::{Fault, FaultReason, Faults};
pub use feature::{FeatureDef, FeatureOverride, FeatureType, FeatureValue, NewFeatureOverride};
pub use grant::{GRANTS_MAX, Grant, NewGrant};
pub use idempotency::{Attempt, Fingerprint, IDEMPOTENCY_KEPT_FOR, IdempotencyKey, IdempotencyRecord};
pub use ids::{
    AccountId, ApiKeyId, AuditEntryId, BookingId, GrantId, HoldId, InvalidId, SessionId, StaffId, SubscriptionChangeId,
    SubscriptionId, UsageRecordId, UserId,
};
pub use jiff::{SignedDuration, Timestamp, civil::Date};
pub use key_kind::KeyKind;
pub use metadata::Metadata;
pub use metered::{
    ALLOCATIONS_MAX, Allocation, Charge, HISTORY_WINDOWS_MAX, HOLD_SECONDS_MAX, HOLDS_KEPT_FOR, HOLDS_MAX, Hold,
    HoldState, HoldStatus, NewUsageRecord, USAGE_ITEMS_MAX, UsageFilter, UsageRecord, charges,
};
pub use metric::{
    Feature, InvalidKey, InvalidMetric, Kind, METRICS_OF_METER_MAX, Meter, Metric, MetricDef, OverrideKey,
};
pub use new_hold::{HoldConfirmation, NewHold, parse_hold_seconds};
pub use password::{Password, PasswordHash};
pub use plan::{InvalidCatalog, Limit, Plan, PlanCatalog};
pub use plan_change::{NewChange, PlanChange};
pub use plan_key::{InvalidPlanKey, PlanKey};
pub use ratio::{InvalidRatio, Ratio};
pub use reference::{AllocationKey, ExternalId, Reference};
pub use span::Span;
pub use staff::{NewStaffMember, StaffMember, StaffMemberPatch};
pub use subscription::{
    Direction, Ending, OverLimit, PlanChoice, Requested, ScheduledChange, Subscription, SubscriptionChange, Timing,
};
pub use text::{EmailAddress, FoldedName, Name, Notes};
pub use usage::Usage;
pub use user::{RefreshToken, SecretHash, Session, User};
pub use username::Username;
pub use uuid::Uuid;
pub use window::{LimitWindow, Occurrence, UNBOUNDED, Window, day_of_window, window_of_day};
pub use words::UnknownWord;
