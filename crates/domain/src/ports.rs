//! The ports of the use cases: a store that runs atomic units of work, a clock, a source of ids.
//!
//! Every method of a repository returns a [`StorageResult`]: it fails with a [`StorageError`], and
//! only if the store fails.

#![expect(clippy::missing_errors_doc, reason = "the module says it for all methods: StorageError")]

mod erasure;
mod usage;

use std::fmt;
use std::future::Future;

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::{StorageError, StorageResult};
use crate::{
    Account, AccountId, AccountPosition, AccountSearch, Allocation, AllocationKey, ApiKey, ApiKeyId, AuditEntry,
    AuditEntryId, Booking, BookingFilter, BookingId, BookingPosition, ExternalId, Feature, FeatureOverride, Grant,
    GrantId, Hold, HoldId, IdempotencyKey, IdempotencyRecord, Member, Meter, Metric, Override, PlanKey, RefreshToken,
    Role, SecretHash, Session, SessionId, StaffId, StaffMember, Subscription, SubscriptionChange, SubscriptionChangeId,
    UNBOUNDED, User, UserId, Username, day_of_window,
};

pub use erasure::{Erasures, ReadErasures, Retention};
pub use usage::{Charges, ReadMetricsInUse, ReadUsage, ReadUsageRecords, UsagePosition, UsageRecords};

/// A clock.
pub trait Clock: Send + Sync {
    /// The current instant, in [whole microseconds](crate::whole_microseconds).
    fn now(&self) -> Timestamp;
}

/// A generator of ids.
pub trait IdGenerator: Send + Sync {
    /// A unique UUID. Stores are fastest if each is greater than those before it (`UUIDv7`).
    fn next_uuid(&self) -> Uuid;
}

/// A page of a list. The work for one page is bounded, so a page may have fewer items than
/// requested although more follow.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Page<T, P> {
    /// The items.
    pub items: Vec<T>,
    /// The position after which the next page begins; `None` at the end of the list.
    pub next: Option<P>,
}

/// A store: runs atomic units of work.
pub trait Store: Send + Sync {
    /// Runs `work` as one atomic unit, serialized with every other unit on the same account.
    /// Commits on `Ok`, rolls back on `Err`.
    ///
    /// The result is returned after the commit is durable. This holds for a refusal, too: it was
    /// decided on what the same commit wrote. `work` may run more than once, so it must have no
    /// effect outside of the transaction. The unit runs even if the future is dropped.
    ///
    /// # Errors
    /// The error of `work`, or the [`StorageError`] that prevented the run or the commit. A unit
    /// that panics is rolled back without harm to other units, and returns
    /// [`StorageError::Backend`].
    fn write<T, E>(
        &self,
        work: impl FnMut(&mut dyn WriteTx) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static;

    /// Runs `work` on a consistent snapshot with every acknowledged write. Never waits for a
    /// writer.
    ///
    /// # Errors
    /// The error of `work`, or the [`StorageError`] that prevented the run.
    fn read<T, E>(
        &self,
        work: impl FnOnce(&mut dyn ReadTx) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static;

    /// Compares the usage counters with the rows they count. Empty if the store is consistent.
    fn verify(&self) -> impl Future<Output = StorageResult<Vec<Discrepancy>>> + Send;
}

/// An inconsistency in a store.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Discrepancy {
    /// A counter is wrong.
    Counter {
        /// The account.
        account_id: AccountId,
        /// The metric.
        metric: Metric,
        /// The label of the window.
        window_start: Timestamp,
        /// The value of the counter.
        counter: u64,
        /// The number of rows, or the sum of their quantities.
        rows: u64,
    },
    /// A message of the database's own integrity check.
    Database(String),
}

impl fmt::Display for Discrepancy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Counter { account_id, metric, window_start, counter, rows } => match metric.as_str() {
                "staff" => write!(f, "{account_id}: the counter says {counter} active staff members, there are {rows}"),
                "bookings_per_day" => {
                    let day = day_of_window(*window_start);
                    write!(f, "{account_id}: the counter says {counter} bookings on {day}, there are {rows}")
                }
                _ if *window_start == UNBOUNDED => {
                    write!(f, "{account_id}: the counter says {counter} of {metric}, the rows {rows}")
                }
                _ => write!(
                    f,
                    "{account_id}: the counter says {counter} of {metric} from {window_start} on, the rows {rows}"
                ),
            },
            Self::Database(complaint) => f.write_str(complaint),
        }
    }
}

/// Reads accounts.
pub trait ReadAccounts {
    /// The account with its subscription and overrides, as stored. Removed accounts are found, too.
    fn find_account(&mut self, id: AccountId) -> StorageResult<Option<Account>>;

    /// The account with this external id, also if it was removed.
    fn find_account_by_external_id(&mut self, external_id: &ExternalId) -> StorageResult<Option<AccountId>>;

    /// Whether the account exists and is not removed. A unit of work that may write locks the
    /// account, like [`Accounts::lock_account`].
    fn account_exists(&mut self, id: AccountId) -> StorageResult<bool>;

    /// The distinct plans that accounts are on or have scheduled, in ascending order.
    fn list_plans_in_use(&mut self) -> StorageResult<Vec<PlanKey>>;

    /// Up to `max` accounts that are on `plan` or have it scheduled, by ascending id.
    fn list_accounts_on(&mut self, plan: &PlanKey, max: usize) -> StorageResult<Vec<AccountId>>;
}

/// Reads staff members.
pub trait ReadStaff {
    /// A staff member of the account. Removed staff members are found, too.
    fn find_staff_member(&mut self, account: AccountId, id: StaffId) -> StorageResult<Option<StaffMember>>;

    /// Up to `max` staff members of the account after `after`, newest first; removed ones if
    /// `include_deleted`.
    fn list_staff(
        &mut self,
        account: AccountId,
        include_deleted: bool,
        after: Option<StaffId>,
        max: usize,
    ) -> StorageResult<Vec<StaffMember>>;
}

/// Reads bookings.
pub trait ReadBookings {
    /// A booking of the account. Removed bookings are found, too.
    fn find_booking(&mut self, account: AccountId, id: BookingId) -> StorageResult<Option<Booking>>;

    /// Up to `max` bookings of the account that pass the filter after `after`, by descending
    /// [`BookingPosition`]. The work for a page is bounded.
    fn list_bookings(
        &mut self,
        account: AccountId,
        filter: &BookingFilter,
        after: Option<BookingPosition>,
        max: usize,
    ) -> StorageResult<Page<Booking, BookingPosition>>;
}

/// Reads allocations.
pub trait ReadAllocations {
    /// The allocation with this key.
    fn find_allocation(
        &mut self,
        account: AccountId,
        meter: &Meter,
        key: &AllocationKey,
    ) -> StorageResult<Option<Allocation>>;

    /// Up to `max` allocations of the meter after `after`, by ascending key.
    fn list_allocations(
        &mut self,
        account: AccountId,
        meter: &Meter,
        after: Option<&AllocationKey>,
        max: usize,
    ) -> StorageResult<Vec<Allocation>>;
}

/// Reads holds.
pub trait ReadHolds {
    /// A hold of the account, in any state.
    fn find_hold(&mut self, account: AccountId, id: HoldId) -> StorageResult<Option<Hold>>;

    /// All holds of the meter, or of all meters, that are [live](Hold::is_live) at `now`, in the
    /// order of their expiry. There are few of them.
    fn list_live_holds(
        &mut self,
        account: AccountId,
        meter: Option<&Meter>,
        now: Timestamp,
    ) -> StorageResult<Vec<Hold>>;

    /// The number of holds of the account, of any meter, that are live at `now`.
    fn count_live_holds(&mut self, account: AccountId, now: Timestamp) -> StorageResult<u64>;

    /// Up to `max` holds of the account after `after`, newest first, in any state.
    fn list_holds(&mut self, account: AccountId, after: Option<HoldId>, max: usize) -> StorageResult<Vec<Hold>>;
}

/// Reads what an operator set for an account beside its limits.
pub trait ReadFeatureOverrides {
    /// The overrides of the account's features, by key. Expired ones may be among them.
    fn list_feature_overrides(&mut self, account: AccountId) -> StorageResult<Vec<FeatureOverride>>;
}

/// Reads the history of subscriptions.
pub trait ReadSubscriptions {
    /// Up to `max` entries of the history of the account's subscription after `after`, newest
    /// first.
    fn list_subscription_changes(
        &mut self,
        account: AccountId,
        after: Option<SubscriptionChangeId>,
        max: usize,
    ) -> StorageResult<Vec<SubscriptionChange>>;
}

/// Reads and writes accounts.
///
/// Here and in the traits below, inserting a duplicate id, or a reference to an account or staff
/// member that does not exist, fails with [`StorageError::Backend`] and changes nothing.
pub trait Accounts: ReadAccounts {
    /// Finds the account and locks it until the unit of work ends. Every unit that decides on an
    /// account's data begins with this.
    fn lock_account(&mut self, id: AccountId) -> StorageResult<Option<Account>>;

    /// Inserts an account without a subscription, overrides or grants. No other account has its
    /// external id.
    fn insert_account(&mut self, account: &Account) -> StorageResult<()>;

    /// Updates the account's name, zone, metadata, times of removal and erasure, and version.
    fn update_account(&mut self, account: &Account) -> StorageResult<()>;

    /// Inserts or replaces the account's override of a metric.
    fn put_override(&mut self, account: AccountId, given: &Override) -> StorageResult<()>;

    /// Deletes the account's override of a metric, if it exists.
    fn delete_override(&mut self, account: AccountId, metric: &Metric) -> StorageResult<()>;

    /// Inserts a grant.
    fn insert_grant(&mut self, account: AccountId, grant: &Grant) -> StorageResult<()>;

    /// Deletes a grant of the account, if it exists.
    fn delete_grant(&mut self, account: AccountId, id: GrantId) -> StorageResult<()>;
}

/// Reads and writes the overrides of features.
pub trait FeatureOverrides: ReadFeatureOverrides {
    /// Inserts or replaces the account's override of a feature.
    fn put_feature_override(&mut self, account: AccountId, given: &FeatureOverride) -> StorageResult<()>;

    /// Deletes the account's override of a feature, if it exists.
    fn delete_feature_override(&mut self, account: AccountId, feature: &Feature) -> StorageResult<()>;
}

/// Reads and writes allocations, and keeps the counter of their meter.
pub trait Allocations: ReadAllocations {
    /// Inserts an allocation, or changes its quantity, and counts the difference. The time of
    /// creation and the creator stay.
    fn put_allocation(&mut self, allocation: &Allocation) -> StorageResult<()>;

    /// Deletes an allocation, if it exists, and counts it no longer.
    fn delete_allocation(&mut self, account: AccountId, meter: &Meter, key: &AllocationKey) -> StorageResult<()>;
}

/// Reads and writes holds.
pub trait Holds: ReadHolds {
    /// Inserts a hold.
    fn insert_hold(&mut self, hold: &Hold) -> StorageResult<()>;

    /// Updates the quantity, the expiry, the state, the time of its end and the version of a hold.
    fn update_hold(&mut self, hold: &Hold) -> StorageResult<()>;

    /// Deletes up to `max` holds of all accounts that expired at `until` or before, in any state,
    /// oldest first. Returns the number of deleted holds.
    fn delete_expired_holds(&mut self, until: Timestamp, max: usize) -> StorageResult<usize>;
}

/// Reads and writes subscriptions.
pub trait Subscriptions: ReadSubscriptions {
    /// Replaces the account's subscription and version.
    fn put_subscription(
        &mut self,
        account: AccountId,
        subscription: Option<&Subscription>,
        version: u32,
    ) -> StorageResult<()>;

    /// Appends a change to the history. Entries are never changed, and only erasure removes them.
    fn append_subscription_change(&mut self, account: AccountId, change: &SubscriptionChange) -> StorageResult<()>;
}

/// Reads and writes staff members.
pub trait Staff: ReadStaff {
    /// Inserts an active staff member and counts them.
    fn insert_staff_member(&mut self, member: &StaffMember) -> StorageResult<()>;

    /// Updates a staff member, and counts them if they are active.
    fn update_staff_member(&mut self, member: &StaffMember) -> StorageResult<()>;
}

/// Reads and writes bookings.
pub trait Bookings: ReadBookings {
    /// Inserts a booking and counts it on its day, in [`Metric::BOOKINGS_PER_DAY`]. Other metrics of
    /// its meter change by [`Charges`].
    fn insert_booking(&mut self, booking: &Booking) -> StorageResult<()>;

    /// Updates a booking, and counts it on its day only, if it [counts](Booking::is_counted).
    fn update_booking(&mut self, booking: &Booking) -> StorageResult<()>;
}

/// Reads users, sessions, refresh tokens and API keys.
pub trait ReadUsers {
    /// The user with this id.
    fn find_user(&mut self, id: UserId) -> StorageResult<Option<User>>;

    /// The user with this name.
    fn find_user_named(&mut self, username: &Username) -> StorageResult<Option<User>>;

    /// Up to `max` users after `after`, newest first.
    fn list_users(&mut self, after: Option<UserId>, max: usize) -> StorageResult<Vec<User>>;

    /// All operators, newest first, including disabled ones. There are few of them.
    fn list_operators(&mut self) -> StorageResult<Vec<User>>;

    /// The session, unless it was revoked.
    fn find_session(&mut self, id: SessionId) -> StorageResult<Option<Session>>;

    /// All sessions of the user, oldest first, including expired ones. There are few of them.
    fn list_sessions(&mut self, user: UserId) -> StorageResult<Vec<Session>>;

    /// The refresh token with this hash, used or not, unless its session was revoked.
    fn find_refresh_token(&mut self, hash: &SecretHash) -> StorageResult<Option<RefreshToken>>;

    /// The API key, unless it was revoked.
    fn find_api_key(&mut self, id: ApiKeyId) -> StorageResult<Option<ApiKey>>;

    /// Up to `max` API keys of the user after `after`, newest first.
    fn list_api_keys(&mut self, user: UserId, after: Option<ApiKeyId>, max: usize) -> StorageResult<Vec<ApiKey>>;
}

/// Reads and writes users, sessions, refresh tokens and API keys.
pub trait Users: ReadUsers {
    /// Finds the user and locks them, with their sessions and keys, until the unit of work ends.
    /// Every unit that decides on a user's data begins with this.
    fn lock_user(&mut self, id: UserId) -> StorageResult<Option<User>>;

    /// Inserts a user with an unused name.
    fn insert_user(&mut self, user: &User) -> StorageResult<()>;

    /// Updates a user. No other user has the name.
    fn update_user(&mut self, user: &User) -> StorageResult<()>;

    /// Deletes a user with their sessions, API keys and memberships.
    fn delete_user(&mut self, id: UserId) -> StorageResult<()>;

    /// Inserts a session.
    fn insert_session(&mut self, session: &Session) -> StorageResult<()>;

    /// Sets the expiry of a session.
    fn extend_session(&mut self, id: SessionId, expires_at: Timestamp) -> StorageResult<()>;

    /// Deletes a session and its refresh tokens, if it exists.
    fn delete_session(&mut self, id: SessionId) -> StorageResult<()>;

    /// Deletes the user's sessions that expire at `until` or before, with their refresh tokens.
    /// `None` deletes all sessions.
    fn delete_sessions(&mut self, user: UserId, until: Option<Timestamp>) -> StorageResult<()>;

    /// Deletes up to `max` rows of the sessions of all users that expired at `until` or before,
    /// oldest first: refresh tokens, and sessions without any. Returns the number of deleted rows;
    /// `max` means that there may be more.
    fn delete_expired_sessions(&mut self, until: Timestamp, max: usize) -> StorageResult<usize>;

    /// Inserts an unused refresh token.
    fn insert_refresh_token(&mut self, session: SessionId, hash: &SecretHash) -> StorageResult<()>;

    /// Records when a refresh token was used.
    fn use_refresh_token(&mut self, hash: &SecretHash, at: Timestamp) -> StorageResult<()>;

    /// Inserts an API key.
    fn insert_api_key(&mut self, key: &ApiKey) -> StorageResult<()>;

    /// Records when an API key was last used.
    fn touch_api_key(&mut self, id: ApiKeyId, at: Timestamp) -> StorageResult<()>;

    /// Deletes an API key, if it exists.
    fn delete_api_key(&mut self, id: ApiKeyId) -> StorageResult<()>;

    /// Deletes up to `max` API keys of all users that expired at `until` or before, oldest first.
    /// Returns the number of deleted keys; `max` means that there may be more.
    fn delete_expired_api_keys(&mut self, until: Timestamp, max: usize) -> StorageResult<usize>;
}

/// Reads the members of accounts.
pub trait ReadMembers {
    /// The user's role in the account; `None` if they are not a member.
    fn find_role(&mut self, account: AccountId, user: UserId) -> StorageResult<Option<Role>>;

    /// The user's membership in the account.
    fn find_member(&mut self, account: AccountId, user: UserId) -> StorageResult<Option<Member>>;

    /// Up to `max` members of the account after `after`, by descending user id.
    fn list_members(&mut self, account: AccountId, after: Option<UserId>, max: usize) -> StorageResult<Vec<Member>>;

    /// The number of owners of the account who are not pending.
    fn count_owners(&mut self, account: AccountId) -> StorageResult<u32>;

    /// Up to `max` accounts after `after`, newest first: those that `user` is a member of, or
    /// all for `None`; removed ones if `include_deleted`, erased ones never. The work for a page is
    /// bounded.
    fn list_accounts(
        &mut self,
        user: Option<UserId>,
        include_deleted: bool,
        after: Option<AccountId>,
        max: usize,
    ) -> StorageResult<Page<Account, AccountId>>;

    /// Up to `max` accounts after `after` that match the search: of those that `user` is a member
    /// of, newest first (of the position only the id counts), or of all for `None`, by ascending
    /// position; removed ones if `include_deleted`, erased ones never. The work for a page is
    /// bounded.
    fn search_accounts(
        &mut self,
        user: Option<UserId>,
        search: &AccountSearch,
        include_deleted: bool,
        after: Option<&AccountPosition>,
        max: usize,
    ) -> StorageResult<Page<Account, AccountPosition>>;
}

/// Reads and writes the members of accounts.
pub trait Members: ReadMembers {
    /// Inserts a member, or changes their role. They are not pending. A member's `created_at`
    /// stays.
    fn put_member(&mut self, account: AccountId, user: UserId, role: Role, now: Timestamp) -> StorageResult<()>;

    /// Like [`Members::put_member`] with [`Role::Owner`], but pending.
    fn put_pending_owner(&mut self, account: AccountId, user: UserId, now: Timestamp) -> StorageResult<()>;

    /// Deletes a member, if they are one.
    fn delete_member(&mut self, account: AccountId, user: UserId) -> StorageResult<()>;
}

/// Reads the audit log.
pub trait ReadAudit {
    /// Up to `max` entries about the account after `after`, newest first.
    fn list_audit(
        &mut self,
        account: AccountId,
        after: Option<AuditEntryId>,
        max: usize,
    ) -> StorageResult<Vec<AuditEntry>>;
}

/// Reads and writes the audit log.
pub trait Audit: ReadAudit {
    /// Appends an entry. It is newer than all others.
    fn append_audit(&mut self, entry: &AuditEntry) -> StorageResult<()>;
}

/// Reads idempotency records.
pub trait ReadIdempotency {
    /// The record of this key, of any age.
    fn find_idempotency_record(&mut self, key: &IdempotencyKey) -> StorageResult<Option<IdempotencyRecord>>;
}

/// Reads and writes idempotency records.
pub trait Idempotency: ReadIdempotency {
    /// The record of this key, of any age. Locks the key until the unit of work ends, so that of two
    /// requests with one key the second finds the response of the first.
    fn lock_idempotency_key(&mut self, key: &IdempotencyKey) -> StorageResult<Option<IdempotencyRecord>>;

    /// Inserts or replaces the record of a key.
    fn put_idempotency_record(&mut self, record: &IdempotencyRecord) -> StorageResult<()>;

    /// Deletes up to `max` records created at `until` or before, oldest first. Returns the number
    /// of deleted records.
    fn delete_idempotency_records(&mut self, until: Timestamp, max: usize) -> StorageResult<usize>;
}

/// Checks that writes succeed.
pub trait WriteProbe {
    /// Writes the instant of the check, replacing the last one.
    fn put_write_probe(&mut self, at: Timestamp) -> StorageResult<()>;
}

macro_rules! sum {
    ($(#[$doc:meta])* $name:ident = $first:ident $(+ $part:ident)*) => {
        $(#[$doc])*
        pub trait $name: $first $(+ $part)* {}
        impl<Tx: $first $(+ $part)* + ?Sized> $name for Tx {}
    };
}

sum!(
    /// Everything that can be read, on one consistent snapshot. It is a trait apart from [`ReadTx`]
    /// because [`DryRun`](crate::DryRun) is this one with writes: a unit of work that reads cannot be
    /// passed to a use case that writes, unless it is made a dry run.
    Snapshot = ReadAccounts + ReadStaff + ReadBookings + ReadUsage + ReadUsageRecords + ReadAllocations + ReadHolds
        + ReadMetricsInUse + ReadFeatureOverrides + ReadSubscriptions + ReadUsers + ReadMembers + ReadAudit + ReadIdempotency + ReadErasures
);
sum!(
    /// A unit of work that reads.
    ReadTx = Snapshot
);
sum!(
    /// A unit of work that reads and writes.
    WriteTx = ReadTx + Accounts + Staff + Bookings + Charges + UsageRecords + Allocations + Holds + FeatureOverrides
        + Subscriptions + Users + Members + Audit + Idempotency + Erasures + Retention + WriteProbe
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Uuid, window_of_day};

    #[test]
    fn a_discrepancy_names_the_account_the_counter_and_the_rows() {
        let account_id = AccountId::from_uuid(Uuid::nil());
        let window_start = window_of_day(jiff::civil::date(2026, 3, 29));
        for (metric, window_start, message) in [
            ("staff", UNBOUNDED, "active staff members, there are 2"),
            ("bookings_per_day", window_start, "bookings on 2026-03-29, there are 2"),
            ("projects", UNBOUNDED, "of projects, the rows 2"),
            ("sms", window_start, "of sms from 2026-03-29T00:00:00Z on, the rows 2"),
        ] {
            let metric = metric.parse().unwrap();
            let found = Discrepancy::Counter { account_id, metric, window_start, counter: 3, rows: 2 };
            assert_eq!(found.to_string(), format!("{account_id}: the counter says 3 {message}"));
        }
        assert_eq!(Discrepancy::Database("page 7".into()).to_string(), "page 7");
    }
}
