//! Erasure and retention: what is removed permanently.

use jiff::Timestamp;

use crate::{AccountId, UserId};

/// What is written instead of an erased name, request id or other text that a row must have.
pub const ERASED: &str = "erased";

/// What is erased.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ErasureSubject {
    /// An account, with everything that belongs to it.
    Account(AccountId),
    /// A user, and the origin of what they did.
    User(UserId),
}

/// An erasure that was requested. The account or user is gone for all requests; their rows are
/// erased in steps.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Erasure {
    /// What is erased.
    pub subject: ErasureSubject,
    /// When it was requested. Audit entries from then on are kept as they are.
    pub requested_at: Timestamp,
}

/// What retention removes when it is old.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Retained {
    /// Bookings.
    Bookings,
    /// Usage records.
    UsageRecords,
}

/// How many rows an erasure removes, or strips of personal data.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ErasureCounts {
    /// Members of the account, or memberships of the user.
    pub members: u64,
    /// Staff members of the account, removed ones included.
    pub staff_members: u64,
    /// Bookings of the account, removed ones included.
    pub bookings: u64,
    /// Usage records of the account, removed ones included.
    pub usage_records: u64,
    /// Allocations of the account.
    pub allocations: u64,
    /// Holds of the account.
    pub holds: u64,
    /// Audit entries about the account.
    pub audit_entries: u64,
    /// Sessions of the user.
    pub sessions: u64,
    /// API keys of the user.
    pub api_keys: u64,
}
