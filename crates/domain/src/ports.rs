//! What the use cases need of the world: a store that runs atomic units of work, a clock, a source of ids.
//!
//! Every method of a repository returns a [`StorageResult`]: it fails only when the store does, with a [`StorageError`].

#![expect(clippy::missing_errors_doc, reason = "the module says it for all methods: StorageError")]

use std::fmt;
use std::future::Future;

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::error::{StorageError, StorageResult};
use crate::{
    Account, AccountId, ApiKey, ApiKeyId, AuditEntry, AuditEntryId, Booking, BookingFilter, BookingId, BookingPosition,
    IdempotencyKey, IdempotencyRecord, Member, Metric, Override, PlanKey, RefreshToken, Role, SecretHash, Session,
    SessionId, StaffId, StaffMember, Subscription, SubscriptionChange, SubscriptionChangeId, User, UserId, Username,
};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present instant, in [whole microseconds](crate::whole_microseconds).
    fn now(&self) -> Timestamp;
}

/// Makes ids.
pub trait IdGenerator: Send + Sync {
    /// A UUID that nothing else has. Stores are fastest when each is greater than those before it (`UUIDv7`).
    fn next_uuid(&self) -> Uuid;
}

/// A page of a list, and where the next one begins. The work for one page is bounded, so a page may hold fewer items than
/// were asked for although there are more.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Page<T, P> {
    /// The items.
    pub items: Vec<T>,
    /// What the next page is after; `None` when the list has ended.
    pub next: Option<P>,
}

/// Runs units of work, each atomically.
pub trait Store: Send + Sync {
    /// Runs `work` as one atomic unit, serially with every other unit on the same account, and commits only on `Ok`.
    ///
    /// The result is handed over only after the commit is durable: a refusal too, because it was decided on what the
    /// same commit wrote. `work` may run more than once, so it has no effect but on the transaction. Once called, the
    /// unit runs whether or not the future is still awaited.
    ///
    /// # Errors
    /// What `work` answered, or the [`StorageError`] that kept it from running or from being committed. A unit that
    /// panics is undone, harms no other, and is answered [`StorageError::Backend`].
    fn write<T, E>(
        &self,
        work: impl FnMut(&mut dyn WriteTx) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static;

    /// Runs `work` on a consistent snapshot that holds every acknowledged write; never waits for a writer.
    ///
    /// # Errors
    /// What `work` answered, or the [`StorageError`] that kept it from running.
    fn read<T, E>(
        &self,
        work: impl FnOnce(&mut dyn ReadTx) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static;

    /// Compares the usage counters with the rows that they count: an empty answer means that the store is sound.
    fn verify(&self) -> impl Future<Output = StorageResult<Vec<Discrepancy>>> + Send;
}

/// Something that should be equal in a store and is not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Discrepancy {
    /// An account's counter of active staff members differs from their number.
    ActiveStaff {
        /// The account.
        account_id: AccountId,
        /// What the counter says.
        counter: u32,
        /// How many there are.
        rows: u32,
    },
    /// A day's counter of bookings differs from their number.
    BookingsOnDay {
        /// The account.
        account_id: AccountId,
        /// The day.
        day: Date,
        /// What the counter says.
        counter: u32,
        /// How many there are.
        rows: u32,
    },
    /// The database itself found something wrong, in its own words.
    Database(String),
}

impl fmt::Display for Discrepancy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ActiveStaff { account_id, counter, rows } => {
                write!(f, "{account_id}: the counter says {counter} active staff members, there are {rows}")
            }
            Self::BookingsOnDay { account_id, day, counter, rows } => {
                write!(f, "{account_id}: the counter says {counter} bookings on {day}, there are {rows}")
            }
            Self::Database(complaint) => f.write_str(complaint),
        }
    }
}

/// Looks accounts up.
pub trait ReadAccounts {
    /// The account, its subscription and the limits of its own, as they were written; one that was removed as well.
    fn find_account(&mut self, id: AccountId) -> StorageResult<Option<Account>>;

    /// Whether there is such an account and it was not removed. A unit of work that may write locks it, as
    /// [`Accounts::lock_account`] does.
    fn account_exists(&mut self, id: AccountId) -> StorageResult<bool>;

    /// Every plan that an account is on or has scheduled, once, by rising key.
    fn list_plans_in_use(&mut self) -> StorageResult<Vec<PlanKey>>;

    /// The first `max` of the accounts that are on `plan` or have it scheduled, by rising id.
    fn list_accounts_on(&mut self, plan: &PlanKey, max: usize) -> StorageResult<Vec<AccountId>>;
}

/// Looks staff members up.
pub trait ReadStaff {
    /// A staff member of this account; one who was removed as well.
    fn find_staff_member(&mut self, account: AccountId, id: StaffId) -> StorageResult<Option<StaffMember>>;

    /// How many active staff members the account has, from its counter; 0 for an account there is none of.
    fn count_active_staff(&mut self, account: AccountId) -> StorageResult<u32>;

    /// Up to `max` of the account's staff members, the newest first, from the one after `after` on; those who were
    /// removed only if they are wanted.
    fn list_staff(
        &mut self,
        account: AccountId,
        include_deleted: bool,
        after: Option<StaffId>,
        max: usize,
    ) -> StorageResult<Vec<StaffMember>>;
}

/// Looks bookings up.
pub trait ReadBookings {
    /// A booking of this account; one that was removed as well.
    fn find_booking(&mut self, account: AccountId, id: BookingId) -> StorageResult<Option<Booking>>;

    /// How many bookings [count](Booking::is_counted) on `day`, from that day's counter.
    fn count_bookings_on(&mut self, account: AccountId, day: Date) -> StorageResult<u32>;

    /// For each day from `from` to `to`, both included, on which bookings count: how many, from the counters, by rising
    /// day.
    fn count_bookings_between(&mut self, account: AccountId, from: Date, to: Date) -> StorageResult<Vec<(Date, u32)>>;

    /// Up to `max` of the account's bookings that the filter admits, by falling [`BookingPosition`], from the one after
    /// `after` on. The work for a page is bounded.
    fn list_bookings(
        &mut self,
        account: AccountId,
        filter: &BookingFilter,
        after: Option<BookingPosition>,
        max: usize,
    ) -> StorageResult<Page<Booking, BookingPosition>>;
}

/// Looks up how subscriptions have changed.
pub trait ReadSubscriptions {
    /// Up to `max` changes of the account's subscription that were written down, the newest first, from the one after
    /// `after` on.
    fn list_subscription_changes(
        &mut self,
        account: AccountId,
        after: Option<SubscriptionChangeId>,
        max: usize,
    ) -> StorageResult<Vec<SubscriptionChange>>;
}

/// Keeps accounts.
///
/// Here and in the traits below, an id that is taken and a reference to an account or staff member that does not exist
/// are [`StorageError::Backend`], and change nothing.
pub trait Accounts: ReadAccounts {
    /// The account, held so that no other unit of work can act on it until this one has ended. Every unit that decides
    /// on what an account has begins with this.
    fn lock_account(&mut self, id: AccountId) -> StorageResult<Option<Account>>;

    /// Adds an account that is on no plan yet, and has no limits of its own.
    fn insert_account(&mut self, account: &Account) -> StorageResult<()>;

    /// Replaces the account's name and zone, when it was removed, and its version.
    fn update_account(&mut self, account: &Account) -> StorageResult<()>;

    /// Gives the account a limit of its own, in place of one for the same metric.
    fn put_override(&mut self, account: AccountId, given: &Override) -> StorageResult<()>;

    /// Takes the limit of its own from the account, if it has one.
    fn delete_override(&mut self, account: AccountId, metric: Metric) -> StorageResult<()>;
}

/// Keeps subscriptions.
pub trait Subscriptions: ReadSubscriptions {
    /// Replaces the account's subscription, and the account's version.
    fn put_subscription(
        &mut self,
        account: AccountId,
        subscription: Option<&Subscription>,
        version: u32,
    ) -> StorageResult<()>;

    /// Writes a change into the history, which nothing ever changes or removes.
    fn append_subscription_change(&mut self, account: AccountId, change: &SubscriptionChange) -> StorageResult<()>;
}

/// Keeps staff members.
pub trait Staff: ReadStaff {
    /// Adds an active staff member and counts them.
    fn insert_staff_member(&mut self, member: &StaffMember) -> StorageResult<()>;

    /// Writes a staff member over what was known of them, and counts them if they are active.
    fn update_staff_member(&mut self, member: &StaffMember) -> StorageResult<()>;
}

/// Keeps bookings.
pub trait Bookings: ReadBookings {
    /// Adds a booking and counts it on its day.
    fn insert_booking(&mut self, booking: &Booking) -> StorageResult<()>;

    /// Writes a booking over what was known of it, and counts it on its day if it [counts](Booking::is_counted), and
    /// nowhere else.
    fn update_booking(&mut self, booking: &Booking) -> StorageResult<()>;
}

/// Looks users up, and what they log in and act with.
pub trait ReadUsers {
    /// The user of this id.
    fn find_user(&mut self, id: UserId) -> StorageResult<Option<User>>;

    /// The user of this name.
    fn find_user_named(&mut self, username: &Username) -> StorageResult<Option<User>>;

    /// Up to `max` users, the newest first, from the one after `after` on.
    fn list_users(&mut self, after: Option<UserId>, max: usize) -> StorageResult<Vec<User>>;

    /// All operators, the newest first, disabled ones too. There are few of them.
    fn list_operators(&mut self) -> StorageResult<Vec<User>>;

    /// The session, unless it was revoked.
    fn find_session(&mut self, id: SessionId) -> StorageResult<Option<Session>>;

    /// All sessions of the user, the oldest first, those that have ended too. There are few of them.
    fn list_sessions(&mut self, user: UserId) -> StorageResult<Vec<Session>>;

    /// The refresh token of this hash, used or not, unless its session was revoked.
    fn find_refresh_token(&mut self, hash: &SecretHash) -> StorageResult<Option<RefreshToken>>;

    /// The API key, unless it was taken back.
    fn find_api_key(&mut self, id: ApiKeyId) -> StorageResult<Option<ApiKey>>;

    /// Up to `max` of the user's API keys, the newest first, from the one after `after` on.
    fn list_api_keys(&mut self, user: UserId, after: Option<ApiKeyId>, max: usize) -> StorageResult<Vec<ApiKey>>;
}

/// Keeps users, and what they log in and act with.
pub trait Users: ReadUsers {
    /// The user, held so that no other unit of work can change them or what they log in with until this one has ended.
    /// Every unit that decides on what a user is or has begins with this.
    fn lock_user(&mut self, id: UserId) -> StorageResult<Option<User>>;

    /// Adds a user, whose name nobody has.
    fn insert_user(&mut self, user: &User) -> StorageResult<()>;

    /// Writes a user over what was known of them. Their name is nobody else's.
    fn update_user(&mut self, user: &User) -> StorageResult<()>;

    /// Removes a user, and with them their sessions, API keys and memberships.
    fn delete_user(&mut self, id: UserId) -> StorageResult<()>;

    /// Adds a session.
    fn insert_session(&mut self, session: &Session) -> StorageResult<()>;

    /// Lets a session end at `expires_at`.
    fn extend_session(&mut self, id: SessionId, expires_at: Timestamp) -> StorageResult<()>;

    /// Removes a session and its refresh tokens, if it is there.
    fn delete_session(&mut self, id: SessionId) -> StorageResult<()>;

    /// Removes the user's sessions that end at `until` or before, and their refresh tokens; all of them without `until`.
    fn delete_sessions(&mut self, user: UserId, until: Option<Timestamp>) -> StorageResult<()>;

    /// Removes up to `max` rows of sessions that expired at `until` or before, of any user: their refresh tokens, and
    /// sessions that have none left, the oldest first. Returns how many rows were removed; `max` means that there may be
    /// more.
    fn delete_expired_sessions(&mut self, until: Timestamp, max: usize) -> StorageResult<usize>;

    /// Adds a refresh token that was not used.
    fn insert_refresh_token(&mut self, session: SessionId, hash: &SecretHash) -> StorageResult<()>;

    /// Notes when a refresh token was used.
    fn use_refresh_token(&mut self, hash: &SecretHash, at: Timestamp) -> StorageResult<()>;

    /// Adds an API key.
    fn insert_api_key(&mut self, key: &ApiKey) -> StorageResult<()>;

    /// Notes when an API key was last used.
    fn touch_api_key(&mut self, id: ApiKeyId, at: Timestamp) -> StorageResult<()>;

    /// Removes an API key, if it is there.
    fn delete_api_key(&mut self, id: ApiKeyId) -> StorageResult<()>;

    /// Removes up to `max` API keys that expired at `until` or before, of any user, the oldest first. Returns how many
    /// were removed; `max` means that there may be more.
    fn delete_expired_api_keys(&mut self, until: Timestamp, max: usize) -> StorageResult<usize>;
}

/// Looks up who belongs to which account.
pub trait ReadMembers {
    /// What the user may do in the account; `None` if they are no member.
    fn find_role(&mut self, account: AccountId, user: UserId) -> StorageResult<Option<Role>>;

    /// The user's part in the account.
    fn find_member(&mut self, account: AccountId, user: UserId) -> StorageResult<Option<Member>>;

    /// Up to `max` of the account's members, by falling user id, from the one after `after` on.
    fn list_members(&mut self, account: AccountId, after: Option<UserId>, max: usize) -> StorageResult<Vec<Member>>;

    /// How many owners the account has who are not pending.
    fn count_owners(&mut self, account: AccountId) -> StorageResult<u32>;

    /// Up to `max` of the accounts that `user` is a member of (of all accounts, without `user`), the newest first, from
    /// the one after `after` on; those that were removed only if they are wanted. The work for a page is bounded.
    fn list_accounts(
        &mut self,
        user: Option<UserId>,
        include_deleted: bool,
        after: Option<AccountId>,
        max: usize,
    ) -> StorageResult<Page<Account, AccountId>>;
}

/// Keeps who belongs to which account.
pub trait Members: ReadMembers {
    /// Makes the user a member, or gives the member another role; a member's `created_at` stays. They are not pending.
    fn put_member(&mut self, account: AccountId, user: UserId, role: Role, now: Timestamp) -> StorageResult<()>;

    /// The same with [`Role::Owner`]; they are pending.
    fn put_pending_owner(&mut self, account: AccountId, user: UserId, now: Timestamp) -> StorageResult<()>;

    /// Removes a member, if they are one.
    fn delete_member(&mut self, account: AccountId, user: UserId) -> StorageResult<()>;
}

/// Reads the audit.
pub trait ReadAudit {
    /// Up to `max` entries about the account, the newest first, from the one after `after` on.
    fn list_audit(
        &mut self,
        account: AccountId,
        after: Option<AuditEntryId>,
        max: usize,
    ) -> StorageResult<Vec<AuditEntry>>;
}

/// Writes the audit.
pub trait Audit: ReadAudit {
    /// Adds an entry, which is newer than all there are.
    fn append_audit(&mut self, entry: &AuditEntry) -> StorageResult<()>;
}

/// Looks up what was answered to requests that are to be done once.
pub trait ReadIdempotency {
    /// The record of this key, however old it is.
    fn find_idempotency_record(&mut self, key: &IdempotencyKey) -> StorageResult<Option<IdempotencyRecord>>;
}

/// Keeps what was answered to requests that are to be done once.
pub trait Idempotency: ReadIdempotency {
    /// The record of this key, however old it is, and the key held: no other unit of work gets past this with the same
    /// key until this one has ended. So of two requests with one key the second finds the answer of the first.
    fn lock_idempotency_key(&mut self, key: &IdempotencyKey) -> StorageResult<Option<IdempotencyRecord>>;

    /// Adds a record, in place of any of the same key.
    fn put_idempotency_record(&mut self, record: &IdempotencyRecord) -> StorageResult<()>;

    /// Removes up to `max` of the records that were made at `until` or before, the oldest first; answers how many.
    fn delete_idempotency_records(&mut self, until: Timestamp, max: usize) -> StorageResult<usize>;
}

/// Shows that writes succeed.
pub trait WriteProbe {
    /// Writes the instant of the check, in place of the one before.
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
    /// Everything that can be read, on one consistent snapshot.
    Snapshot = ReadAccounts + ReadStaff + ReadBookings + ReadSubscriptions + ReadUsers + ReadMembers + ReadAudit + ReadIdempotency
);
sum!(
    /// A unit of work that reads.
    ReadTx = Snapshot
);
sum!(
    /// A unit of work that reads and writes.
    WriteTx = ReadTx + Accounts + Staff + Bookings + Subscriptions + Users + Members + Audit + Idempotency + WriteProbe
);
