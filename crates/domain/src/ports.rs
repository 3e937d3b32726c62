//! What the use cases need of the world: a store that runs atomic units of work, a clock, a source of ids.

use std::fmt;
use std::future::Future;

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::error::StorageError;
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
    ///
    /// # Errors
    /// The [`StorageError`] that kept it from looking.
    fn verify(&self) -> impl Future<Output = Result<Vec<Discrepancy>, StorageError>> + Send;
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
    ///
    /// # Errors
    /// [`StorageError`].
    fn find_account(&mut self, id: AccountId) -> Result<Option<Account>, StorageError>;

    /// Whether there is such an account and it was not removed. A unit of work that may write locks it, as
    /// [`Accounts::lock_account`] does.
    ///
    /// # Errors
    /// [`StorageError`].
    fn account_exists(&mut self, id: AccountId) -> Result<bool, StorageError>;

    /// Every plan that an account is on or has scheduled, once, by rising key.
    ///
    /// # Errors
    /// [`StorageError`].
    fn list_plans_in_use(&mut self) -> Result<Vec<PlanKey>, StorageError>;

    /// The first `max` of the accounts that are on `plan` or have it scheduled, by rising id.
    ///
    /// # Errors
    /// [`StorageError`].
    fn list_accounts_on(&mut self, plan: &PlanKey, max: usize) -> Result<Vec<AccountId>, StorageError>;
}

/// Looks staff members up.
pub trait ReadStaff {
    /// A staff member of this account; one who was removed as well.
    ///
    /// # Errors
    /// [`StorageError`].
    fn find_staff_member(&mut self, account: AccountId, id: StaffId) -> Result<Option<StaffMember>, StorageError>;

    /// How many active staff members the account has, from its counter; 0 for an account there is none of.
    ///
    /// # Errors
    /// [`StorageError`].
    fn count_active_staff(&mut self, account: AccountId) -> Result<u32, StorageError>;

    /// Up to `max` of the account's staff members, the newest first, from the one after `after` on; those who were
    /// removed only if they are wanted.
    ///
    /// # Errors
    /// [`StorageError`].
    fn list_staff(
        &mut self,
        account: AccountId,
        include_deleted: bool,
        after: Option<StaffId>,
        max: usize,
    ) -> Result<Vec<StaffMember>, StorageError>;
}

/// Looks bookings up.
pub trait ReadBookings {
    /// A booking of this account; one that was removed as well.
    ///
    /// # Errors
    /// [`StorageError`].
    fn find_booking(&mut self, account: AccountId, id: BookingId) -> Result<Option<Booking>, StorageError>;

    /// How many bookings [count](Booking::is_counted) on `day`, from that day's counter.
    ///
    /// # Errors
    /// [`StorageError`].
    fn count_bookings_on(&mut self, account: AccountId, day: Date) -> Result<u32, StorageError>;

    /// For each day from `from` to `to`, both included, on which bookings count: how many, from the counters, by rising
    /// day.
    ///
    /// # Errors
    /// [`StorageError`].
    fn count_bookings_between(
        &mut self,
        account: AccountId,
        from: Date,
        to: Date,
    ) -> Result<Vec<(Date, u32)>, StorageError>;

    /// Up to `max` of the account's bookings that the filter admits, by falling [`BookingPosition`], from the one after
    /// `after` on. The work for a page is bounded.
    ///
    /// # Errors
    /// [`StorageError`].
    fn list_bookings(
        &mut self,
        account: AccountId,
        filter: &BookingFilter,
        after: Option<BookingPosition>,
        max: usize,
    ) -> Result<Page<Booking, BookingPosition>, StorageError>;
}

/// Looks up how subscriptions have changed.
pub trait ReadSubscriptions {
    /// Up to `max` changes of the account's subscription that were written down, the newest first, from the one after
    /// `after` on.
    ///
    /// # Errors
    /// [`StorageError`].
    fn list_subscription_changes(
        &mut self,
        account: AccountId,
        after: Option<SubscriptionChangeId>,
        max: usize,
    ) -> Result<Vec<SubscriptionChange>, StorageError>;
}

/// Keeps accounts.
///
/// Here and in the traits below, an id that is taken and a reference to an account or staff member that does not exist
/// are [`StorageError::Backend`], and change nothing.
pub trait Accounts: ReadAccounts {
    /// The account, held so that no other unit of work can act on it until this one has ended. Every unit that decides
    /// on what an account has begins with this.
    ///
    /// # Errors
    /// [`StorageError`].
    fn lock_account(&mut self, id: AccountId) -> Result<Option<Account>, StorageError>;

    /// Adds an account that is on no plan yet, and has no limits of its own.
    ///
    /// # Errors
    /// [`StorageError`].
    fn insert_account(&mut self, account: &Account) -> Result<(), StorageError>;

    /// Replaces the account's name and zone, when it was removed, and its version.
    ///
    /// # Errors
    /// [`StorageError`].
    fn update_account(&mut self, account: &Account) -> Result<(), StorageError>;

    /// Gives the account a limit of its own, in place of one for the same metric.
    ///
    /// # Errors
    /// [`StorageError`].
    fn put_override(&mut self, account: AccountId, given: &Override) -> Result<(), StorageError>;

    /// Takes the limit of its own from the account, if it has one.
    ///
    /// # Errors
    /// [`StorageError`].
    fn delete_override(&mut self, account: AccountId, metric: Metric) -> Result<(), StorageError>;
}

/// Keeps subscriptions.
pub trait Subscriptions: ReadSubscriptions {
    /// Replaces the account's subscription, and the account's version.
    ///
    /// # Errors
    /// [`StorageError`].
    fn put_subscription(
        &mut self,
        account: AccountId,
        subscription: Option<&Subscription>,
        version: u32,
    ) -> Result<(), StorageError>;

    /// Writes a change into the history, which nothing ever changes or removes.
    ///
    /// # Errors
    /// [`StorageError`].
    fn append_subscription_change(
        &mut self,
        account: AccountId,
        change: &SubscriptionChange,
    ) -> Result<(), StorageError>;
}

/// Keeps staff members.
pub trait Staff: ReadStaff {
    /// Adds an active staff member and counts them.
    ///
    /// # Errors
    /// [`StorageError`].
    fn insert_staff_member(&mut self, member: &StaffMember) -> Result<(), StorageError>;

    /// Writes a staff member over what was known of them, and counts them if they are active.
    ///
    /// # Errors
    /// [`StorageError`].
    fn update_staff_member(&mut self, member: &StaffMember) -> Result<(), StorageError>;
}

/// Keeps bookings.
pub trait Bookings: ReadBookings {
    /// Adds a booking and counts it on its day.
    ///
    /// # Errors
    /// [`StorageError`].
    fn insert_booking(&mut self, booking: &Booking) -> Result<(), StorageError>;

    /// Writes a booking over what was known of it, and counts it on its day if it [counts](Booking::is_counted), and
    /// nowhere else.
    ///
    /// # Errors
    /// [`StorageError`].
    fn update_booking(&mut self, booking: &Booking) -> Result<(), StorageError>;
}

/// Looks users up, and what they log in and act with.
pub trait ReadUsers {
    /// The user of this id.
    ///
    /// # Errors
    /// [`StorageError`].
    fn find_user(&mut self, id: UserId) -> Result<Option<User>, StorageError>;

    /// The user of this name.
    ///
    /// # Errors
    /// [`StorageError`].
    fn find_user_named(&mut self, username: &Username) -> Result<Option<User>, StorageError>;

    /// Up to `max` users, the newest first, from the one after `after` on.
    ///
    /// # Errors
    /// [`StorageError`].
    fn list_users(&mut self, after: Option<UserId>, max: usize) -> Result<Vec<User>, StorageError>;

    /// All operators, the newest first, disabled ones too. There are few of them.
    ///
    /// # Errors
    /// [`StorageError`].
    fn list_operators(&mut self) -> Result<Vec<User>, StorageError>;

    /// The session, unless it was revoked.
    ///
    /// # Errors
    /// [`StorageError`].
    fn find_session(&mut self, id: SessionId) -> Result<Option<Session>, StorageError>;

    /// All sessions of the user, the oldest first, those that have ended too. There are few of them.
    ///
    /// # Errors
    /// [`StorageError`].
    fn list_sessions(&mut self, user: UserId) -> Result<Vec<Session>, StorageError>;

    /// The refresh token of this hash, used or not, unless its session was revoked.
    ///
    /// # Errors
    /// [`StorageError`].
    fn find_refresh_token(&mut self, hash: &SecretHash) -> Result<Option<RefreshToken>, StorageError>;

    /// The API key, unless it was taken back.
    ///
    /// # Errors
    /// [`StorageError`].
    fn find_api_key(&mut self, id: ApiKeyId) -> Result<Option<ApiKey>, StorageError>;

    /// Up to `max` of the user's API keys, the newest first, from the one after `after` on.
    ///
    /// # Errors
    /// [`StorageError`].
    fn list_api_keys(&mut self, user: UserId, after: Option<ApiKeyId>, max: usize)
    -> Result<Vec<ApiKey>, StorageError>;
}

/// Keeps users, and what they log in and act with.
pub trait Users: ReadUsers {
    /// The user, held so that no other unit of work can change them or what they log in with until this one has ended.
    /// Every unit that decides on what a user is or has begins with this.
    ///
    /// # Errors
    /// [`StorageError`].
    fn lock_user(&mut self, id: UserId) -> Result<Option<User>, StorageError>;

    /// Adds a user, whose name nobody has.
    ///
    /// # Errors
    /// [`StorageError`].
    fn insert_user(&mut self, user: &User) -> Result<(), StorageError>;

    /// Writes a user over what was known of them. Their name is nobody else's.
    ///
    /// # Errors
    /// [`StorageError`].
    fn update_user(&mut self, user: &User) -> Result<(), StorageError>;

    /// Removes a user, and with them their sessions, API keys and memberships.
    ///
    /// # Errors
    /// [`StorageError`].
    fn delete_user(&mut self, id: UserId) -> Result<(), StorageError>;

    /// Adds a session.
    ///
    /// # Errors
    /// [`StorageError`].
    fn insert_session(&mut self, session: &Session) -> Result<(), StorageError>;

    /// Lets a session end at `expires_at`.
    ///
    /// # Errors
    /// [`StorageError`].
    fn extend_session(&mut self, id: SessionId, expires_at: Timestamp) -> Result<(), StorageError>;

    /// Removes a session and its refresh tokens, if it is there.
    ///
    /// # Errors
    /// [`StorageError`].
    fn delete_session(&mut self, id: SessionId) -> Result<(), StorageError>;

    /// Removes the user's sessions that end at `until` or before, and their refresh tokens; all of them without `until`.
    ///
    /// # Errors
    /// [`StorageError`].
    fn delete_sessions(&mut self, user: UserId, until: Option<Timestamp>) -> Result<(), StorageError>;

    /// Removes up to `max` rows of sessions that expired at `until` or before, of any user: their refresh tokens, and
    /// sessions that have none left, the oldest first. Returns how many rows were removed; `max` means that there may be
    /// more.
    ///
    /// # Errors
    /// [`StorageError`].
    fn delete_expired_sessions(&mut self, until: Timestamp, max: usize) -> Result<usize, StorageError>;

    /// Adds a refresh token that was not used.
    ///
    /// # Errors
    /// [`StorageError`].
    fn insert_refresh_token(&mut self, session: SessionId, hash: &SecretHash) -> Result<(), StorageError>;

    /// Notes when a refresh token was used.
    ///
    /// # Errors
    /// [`StorageError`].
    fn use_refresh_token(&mut self, hash: &SecretHash, at: Timestamp) -> Result<(), StorageError>;

    /// Adds an API key.
    ///
    /// # Errors
    /// [`StorageError`].
    fn insert_api_key(&mut self, key: &ApiKey) -> Result<(), StorageError>;

    /// Notes when an API key was last used.
    ///
    /// # Errors
    /// [`StorageError`].
    fn touch_api_key(&mut self, id: ApiKeyId, at: Timestamp) -> Result<(), StorageError>;

    /// Removes an API key, if it is there.
    ///
    /// # Errors
    /// [`StorageError`].
    fn delete_api_key(&mut self, id: ApiKeyId) -> Result<(), StorageError>;

    /// Removes up to `max` API keys that expired at `until` or before, of any user, the oldest first. Returns how many
    /// were removed; `max` means that there may be more.
    ///
    /// # Errors
    /// [`StorageError`].
    fn delete_expired_api_keys(&mut self, until: Timestamp, max: usize) -> Result<usize, StorageError>;
}

/// Looks up who belongs to which account.
pub trait ReadMembers {
    /// What the user may do in the account; `None` if they are no member.
    ///
    /// # Errors
    /// [`StorageError`].
    fn find_role(&mut self, account: AccountId, user: UserId) -> Result<Option<Role>, StorageError>;

    /// The user's part in the account.
    ///
    /// # Errors
    /// [`StorageError`].
    fn find_member(&mut self, account: AccountId, user: UserId) -> Result<Option<Member>, StorageError>;

    /// Up to `max` of the account's members, by falling user id, from the one after `after` on.
    ///
    /// # Errors
    /// [`StorageError`].
    fn list_members(
        &mut self,
        account: AccountId,
        after: Option<UserId>,
        max: usize,
    ) -> Result<Vec<Member>, StorageError>;

    /// How many owners the account has who are not pending.
    ///
    /// # Errors
    /// [`StorageError`].
    fn count_owners(&mut self, account: AccountId) -> Result<u32, StorageError>;

    /// Up to `max` of the accounts that `user` is a member of (of all accounts, without `user`), the newest first, from
    /// the one after `after` on; those that were removed only if they are wanted. The work for a page is bounded.
    ///
    /// # Errors
    /// [`StorageError`].
    fn list_accounts(
        &mut self,
        user: Option<UserId>,
        include_deleted: bool,
        after: Option<AccountId>,
        max: usize,
    ) -> Result<Page<Account, AccountId>, StorageError>;
}

/// Keeps who belongs to which account.
pub trait Members: ReadMembers {
    /// Makes the user a member, or gives the member another role; a member's `created_at` stays. They are not pending.
    ///
    /// # Errors
    /// [`StorageError`].
    fn put_member(&mut self, account: AccountId, user: UserId, role: Role, now: Timestamp) -> Result<(), StorageError>;

    /// The same with [`Role::Owner`]; they are pending.
    ///
    /// # Errors
    /// [`StorageError`].
    fn put_pending_owner(&mut self, account: AccountId, user: UserId, now: Timestamp) -> Result<(), StorageError>;

    /// Removes a member, if they are one.
    ///
    /// # Errors
    /// [`StorageError`].
    fn delete_member(&mut self, account: AccountId, user: UserId) -> Result<(), StorageError>;
}

/// Reads the audit.
pub trait ReadAudit {
    /// Up to `max` entries about the account, the newest first, from the one after `after` on.
    ///
    /// # Errors
    /// [`StorageError`].
    fn list_audit(
        &mut self,
        account: AccountId,
        after: Option<AuditEntryId>,
        max: usize,
    ) -> Result<Vec<AuditEntry>, StorageError>;
}

/// Writes the audit.
pub trait Audit: ReadAudit {
    /// Adds an entry, which is newer than all there are.
    ///
    /// # Errors
    /// [`StorageError`].
    fn append_audit(&mut self, entry: &AuditEntry) -> Result<(), StorageError>;
}

/// Looks up what was answered to requests that are to be done once.
pub trait ReadIdempotency {
    /// The record of this key, however old it is.
    ///
    /// # Errors
    /// [`StorageError`].
    fn find_idempotency_record(&mut self, key: &IdempotencyKey) -> Result<Option<IdempotencyRecord>, StorageError>;
}

/// Keeps what was answered to requests that are to be done once.
pub trait Idempotency: ReadIdempotency {
    /// The record of this key, however old it is, and the key held: no other unit of work gets past this with the same
    /// key until this one has ended. So of two requests with one key the second finds the answer of the first.
    ///
    /// # Errors
    /// [`StorageError`].
    fn lock_idempotency_key(&mut self, key: &IdempotencyKey) -> Result<Option<IdempotencyRecord>, StorageError>;

    /// Adds a record, in place of any of the same key.
    ///
    /// # Errors
    /// [`StorageError`].
    fn put_idempotency_record(&mut self, record: &IdempotencyRecord) -> Result<(), StorageError>;

    /// Removes up to `max` of the records that were made at `until` or before, the oldest first; answers how many.
    ///
    /// # Errors
    /// [`StorageError`].
    fn delete_idempotency_records(&mut self, until: Timestamp, max: usize) -> Result<usize, StorageError>;
}

/// Shows that writes succeed.
pub trait WriteProbe {
    /// Writes the instant of the check, in place of the one before.
    ///
    /// # Errors
    /// [`StorageError`].
    fn put_write_probe(&mut self, at: Timestamp) -> Result<(), StorageError>;
}

macro_rules! sum {
    ($(#[$doc:meta])* $name:ident = $first:ident $(+ $part:ident)*) => {
        $(#[$doc])*
        pub trait $name: $first $(+ $part)* {}
        impl<Tx: $first $(+ $part)* + ?Sized> $name for Tx {}
    };
}

sum!(
    /// Everything that can be looked up, on one snapshot.
    ReadTx = ReadAccounts + ReadStaff + ReadBookings + ReadSubscriptions + ReadUsers + ReadMembers + ReadAudit + ReadIdempotency
);
sum!(
    /// Everything that can be done in one unit of work.
    WriteTx = ReadTx + Accounts + Staff + Bookings + Subscriptions + Users + Members + Audit + Idempotency + WriteProbe
);
