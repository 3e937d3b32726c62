//! The lifecycle of an account's bookings and subscription, on the in-memory store at fixed
//! instants.

mod bookings;
mod dry_run;
mod excesses;
mod holds;
mod near_limits;
mod plans;
mod returns;
mod usage;
mod versions;

use domain::error::{AdmissionError, BookingError, StorageError};
use domain::ports::{Store, WriteTx};
use domain::{
    AccountId, Booking, NewBooking, PlanCatalog, SignedDuration, StaffId, SubscriptionChange, Timestamp, use_cases,
};
use testkit::counts::count_bookings;
use testkit::fixtures::{
    CountingIds, NOW, account, attribution, catalog_of, choice, day, instant, plan_with, staff_member,
};
use testkit::{MemoryStore, block_on};

const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);

/// Plans with a limit of one, two and three for every metric.
fn catalog() -> PlanCatalog {
    catalog_of([plan_with(1), plan_with(2), plan_with(3)])
}

/// An account in a store of its own.
struct Salon {
    store: MemoryStore,
    ids: CountingIds,
    account: AccountId,
}

impl Salon {
    /// In UTC, without a plan.
    fn open() -> Self {
        let (store, ids) = (MemoryStore::default(), CountingIds::default());
        let salon = Self { account: ids.account(), store, ids };
        salon.write(|tx, _, id| tx.insert_account(&account(id))).expect("it is the first");
        salon
    }

    /// In UTC, subscribed at [`NOW`] to the plan with this limit.
    fn on(limit: u64) -> Self {
        let salon = Self::open();
        let (choice, new) = (choice(&format!("at-most-{limit}")), salon.ids.new_change(NOW));
        salon
            .write(move |tx, catalog, id| use_cases::subscribe(tx, catalog, id, &choice, false, &new))
            .expect("there is the plan");
        salon
    }

    fn write<T: Send + 'static, E: From<StorageError> + Send + 'static>(
        &self,
        mut work: impl FnMut(&mut dyn WriteTx, &PlanCatalog, AccountId) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let (catalog, account) = (catalog(), self.account);
        block_on(self.store.write(move |tx| work(tx, &catalog, account)))
    }

    /// Creates a booking for `starts_at`, at `now`.
    fn try_to_book(&self, starts_at: &str, now: Timestamp) -> Result<Booking, BookingError> {
        let (new, id) =
            (NewBooking { starts_at: Some(instant(starts_at)), ..NewBooking::default() }, self.ids.booking());
        self.write(move |tx, catalog, account| {
            use_cases::create_booking(tx, catalog, account, &new, id, &attribution(), now)
        })
    }

    /// Creates a booking for `starts_at` at [`NOW`], which must be admitted.
    fn book(&self, starts_at: &str) -> Booking {
        self.try_to_book(starts_at, NOW).expect("there is room")
    }

    /// Inserts a staff member, regardless of the plan.
    fn employ(&self) -> StaffId {
        let id = self.ids.staff();
        self.write(move |tx, _, account| tx.insert_staff_member(&staff_member(account, id))).expect("they are new");
        id
    }

    /// The number of bookings that count on each of the days. Also verifies the store.
    fn counts<const N: usize>(&self, days: [&'static str; N]) -> [u64; N] {
        assert_eq!(block_on(self.store.verify()), Ok(Vec::new()));
        days.map(|on| {
            self.write(move |tx, _, account| count_bookings(tx, account, day(on))).expect("it can be counted")
        })
    }

    /// The history of the subscription at `now`, newest first.
    fn history(&self, now: Timestamp) -> Vec<SubscriptionChange> {
        self.write(move |tx, catalog, account| {
            use_cases::list_subscription_changes(tx, catalog, account, None, 99, now)
        })
        .expect("there is the account")
    }
}

/// The outcome of a request for a booking, in a word.
fn word(outcome: &Result<(Booking, bool), BookingError>) -> &'static str {
    match outcome {
        Ok((_, true)) => "changed",
        Ok((_, false)) => "unchanged",
        Err(BookingError::NotFound) => "not found",
        Err(BookingError::UnknownStaffMember) => "unknown staff member",
        Err(BookingError::UnknownHold) => "unknown hold",
        Err(BookingError::PreconditionFailed) => "another version",
        Err(BookingError::HasBegun) => "has begun",
        Err(BookingError::Admission(AdmissionError::LimitExceeded(_))) => "full",
        Err(BookingError::Admission(AdmissionError::SubscriptionRequired(_))) => "no plan",
        Err(BookingError::Admission(AdmissionError::Storage(_)) | BookingError::Storage(_)) => "the store failed",
    }
}
