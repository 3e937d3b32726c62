//! What the use cases need of the world: a store that runs atomic units of work, a clock, a source of ids.

use std::fmt;
use std::future::Future;

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::error::StorageError;
use crate::{Account, AccountId, Booking, BookingId, StaffId, StaffMember, Subscription};

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

    /// Compares what the store keeps twice, on one snapshot: an empty answer means that it is sound.
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
    /// The account and its subscription.
    ///
    /// # Errors
    /// [`StorageError`].
    fn find_account(&mut self, id: AccountId) -> Result<Option<Account>, StorageError>;
}

/// Looks staff members up.
pub trait ReadStaff {
    /// A staff member of this account.
    ///
    /// # Errors
    /// [`StorageError`].
    fn find_staff_member(&mut self, account: AccountId, id: StaffId) -> Result<Option<StaffMember>, StorageError>;

    /// How many active staff members the account has, from its counter; 0 for an account there is none of.
    ///
    /// # Errors
    /// [`StorageError`].
    fn count_active_staff(&mut self, account: AccountId) -> Result<u32, StorageError>;
}

/// Looks bookings up.
pub trait ReadBookings {
    /// A booking of this account.
    ///
    /// # Errors
    /// [`StorageError`].
    fn find_booking(&mut self, account: AccountId, id: BookingId) -> Result<Option<Booking>, StorageError>;

    /// How many bookings the account has on `day`, from that day's counter.
    ///
    /// # Errors
    /// [`StorageError`].
    fn count_bookings_on(&mut self, account: AccountId, day: Date) -> Result<u32, StorageError>;
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

    /// Adds an account that is on no plan yet.
    ///
    /// # Errors
    /// [`StorageError`].
    fn insert_account(&mut self, account: &Account) -> Result<(), StorageError>;

    /// Puts the account on a plan, in place of any that it was on.
    ///
    /// # Errors
    /// [`StorageError`].
    fn put_subscription(&mut self, account: AccountId, subscription: &Subscription) -> Result<(), StorageError>;
}

/// Keeps staff members.
pub trait Staff: ReadStaff {
    /// Adds an active staff member and counts them.
    ///
    /// # Errors
    /// [`StorageError`].
    fn insert_staff_member(&mut self, member: &StaffMember) -> Result<(), StorageError>;
}

/// Keeps bookings.
pub trait Bookings: ReadBookings {
    /// Adds a booking and counts it on its day.
    ///
    /// # Errors
    /// [`StorageError`].
    fn insert_booking(&mut self, booking: &Booking) -> Result<(), StorageError>;
}

/// Everything that can be looked up, on one snapshot.
pub trait ReadTx: ReadAccounts + ReadStaff + ReadBookings {}
impl<Tx: ReadAccounts + ReadStaff + ReadBookings + ?Sized> ReadTx for Tx {}

/// Everything that can be done in one unit of work.
pub trait WriteTx: ReadTx + Accounts + Staff + Bookings {}
impl<Tx: ReadTx + Accounts + Staff + Bookings + ?Sized> WriteTx for Tx {}
