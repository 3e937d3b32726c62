//! Runs commands on a store and takes down its answers, in a form that can be compared.

use domain::error::{AddStaffMemberError, CreateBookingError, FindError, StorageError, SubscribeError};
use domain::ports::Store;
use domain::{
    Account, AccountId, Booking, BookingId, Limit, NewAccount, NewBooking, NewStaffMember, Plan, PlanCatalog,
    PlanChange, StaffId, StaffMember, Subscription, SubscriptionId, Timestamp, UserId, Uuid, use_cases,
};
use jiff::SignedDuration;

use super::{Command, Wish};
use crate::block_on;
use crate::fixtures::{instant, name, plan_key, plan_with, user, zone};

/// The full answer to a [`Command`].
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// To [`Wish::Open`], the wording of the store's failures left out.
    Opened(Result<Account, StorageError>),
    /// To [`Wish::Subscribe`].
    Subscribed(Result<PlanChange, SubscribeError>),
    /// To [`Wish::AddStaffMember`].
    StaffMemberAdded(Result<StaffMember, AddStaffMemberError>),
    /// To [`Wish::CreateBooking`].
    BookingCreated(Result<Booking, CreateBookingError>),
    /// To [`Wish::FindAccount`].
    Account(Result<Account, FindError>),
    /// To [`Wish::FindSubscription`].
    Subscription(Result<Subscription, FindError>),
    /// To [`Wish::FindStaffMember`].
    StaffMember(Result<StaffMember, FindError>),
    /// To [`Wish::FindBooking`].
    Booking(Result<Booking, FindError>),
    /// To [`Wish::CountActiveStaff`] and [`Wish::CountBookingsOn`].
    Count(Result<u32, StorageError>),
}

/// The id of the account of that number.
pub(super) fn account_id(number: u64) -> AccountId {
    AccountId::from_uuid(Uuid::from_u64_pair(1, number))
}

fn subscription_id(number: u64) -> SubscriptionId {
    SubscriptionId::from_uuid(Uuid::from_u64_pair(2, number))
}

fn staff_id(number: u64) -> StaffId {
    StaffId::from_uuid(Uuid::from_u64_pair(3, number))
}

fn booking_id(number: u64) -> BookingId {
    BookingId::from_uuid(Uuid::from_u64_pair(4, number))
}

/// The plans that the commands are run with: limits that a short sequence meets, and none at all.
pub(super) fn catalog() -> PlanCatalog {
    let unlimited =
        Plan { key: plan_key("unlimited"), name: "Test", staff: Limit::Unlimited, bookings_per_day: Limit::Unlimited };
    PlanCatalog::new(vec![plan_with(0), plan_with(2), plan_with(4), unlimited])
}

/// Runs `commands` one after the other, each as a unit of its own and some minutes apart, and answers their answers.
///
/// # Panics
/// If the store refuses the user who owns the accounts.
pub fn run(store: &impl Store, commands: &[Command]) -> Vec<Answer> {
    // Three hours before a midnight in Berlin after which the clocks go forward, so that a sequence runs past it.
    let mut runner = Runner { store, now: instant("2026-03-28T20:00:00Z"), subscriptions: 0, staff: 0, bookings: 0 };
    let owner = user(OWNER, "owner");
    block_on(store.write(move |tx| tx.insert_user(&owner))).expect("the owner is new");
    commands.iter().map(|command| runner.run(command)).collect()
}

/// Whoever opens the accounts.
const OWNER: UserId = UserId::from_uuid(Uuid::from_u128(1));

struct Runner<'a, S> {
    store: &'a S,
    now: Timestamp,
    /// How many of each were asked for so far.
    subscriptions: u64,
    staff: u64,
    bookings: u64,
}

impl<S: Store> Runner<'_, S> {
    fn run(&mut self, command: &Command) -> Answer {
        self.now += SignedDuration::from_mins(7);
        let account = account_id(command.account);
        match command.wish {
            Wish::Open { zone } => Answer::Opened(self.open(account, zone)),
            Wish::Subscribe { plan } => Answer::Subscribed(self.subscribe(account, plan)),
            Wish::AddStaffMember => Answer::StaffMemberAdded(self.add_staff_member(account)),
            Wish::CreateBooking { staff, starts_at } => {
                Answer::BookingCreated(self.create_booking(account, staff, starts_at))
            }
            Wish::FindAccount => {
                Answer::Account(block_on(self.store.read(move |tx| use_cases::find_account(tx, account))))
            }
            Wish::FindSubscription => {
                Answer::Subscription(block_on(self.store.read(move |tx| use_cases::find_subscription(tx, account))))
            }
            Wish::FindStaffMember(number) => {
                let found = self.store.read(move |tx| use_cases::find_staff_member(tx, account, staff_id(number)));
                Answer::StaffMember(block_on(found))
            }
            Wish::FindBooking(number) => {
                let found = self.store.read(move |tx| use_cases::find_booking(tx, account, booking_id(number)));
                Answer::Booking(block_on(found))
            }
            Wish::CountActiveStaff => {
                Answer::Count(block_on(self.store.read(move |tx| tx.count_active_staff(account))))
            }
            Wish::CountBookingsOn(day) => {
                Answer::Count(block_on(self.store.read(move |tx| tx.count_bookings_on(account, day))))
            }
        }
    }

    fn open(&self, id: AccountId, zone_name: &str) -> Result<Account, StorageError> {
        let (now, new) = (self.now, NewAccount { name: name("My Salon"), zone: zone(zone_name) });
        let opened = block_on(self.store.write(move |tx| use_cases::open_account(tx, &new, id, OWNER, now)));
        opened.map_err(|failure| match failure {
            StorageError::Backend(_) => StorageError::Backend(String::new()),
            other => other,
        })
    }

    fn subscribe(&mut self, account: AccountId, plan: &'static str) -> Result<PlanChange, SubscribeError> {
        let (now, catalog, id) = (self.now, catalog(), subscription_id(take(&mut self.subscriptions)));
        block_on(self.store.write(move |tx| use_cases::subscribe(tx, &catalog, account, plan, id, now)))
    }

    fn add_staff_member(&mut self, account: AccountId) -> Result<StaffMember, AddStaffMemberError> {
        let (now, catalog, id) = (self.now, catalog(), staff_id(take(&mut self.staff)));
        let new = NewStaffMember { name: name("Ann"), email: None };
        block_on(self.store.write(move |tx| use_cases::add_staff_member(tx, &catalog, account, &new, id, now)))
    }

    fn create_booking(
        &mut self,
        account: AccountId,
        staff: Option<u64>,
        starts_at: Option<Timestamp>,
    ) -> Result<Booking, CreateBookingError> {
        let (now, catalog, id) = (self.now, catalog(), booking_id(take(&mut self.bookings)));
        let new = NewBooking { starts_at, staff_id: staff.map(staff_id), ..NewBooking::default() };
        block_on(self.store.write(move |tx| use_cases::create_booking(tx, &catalog, account, &new, id, now)))
    }
}

/// The next number, which is thereby taken.
fn take(next: &mut u64) -> u64 {
    let number = *next;
    *next += 1;
    number
}
