//! A dry run returns the result of the real run, and writes nothing.

use std::fmt::Debug;

use domain::error::StorageError;
use domain::ports::{Accounts, Bookings, Charges, FeatureOverrides, Holds, Members, Staff, Store, Subscriptions};
use domain::{
    AccountId, AccountPatch, BookingId, BookingPatch, Change, DryRun, Ending, Limit, NewAccount, NewBooking, NewChange,
    NewOverride, NewStaffMember, Notes, PlanCatalog, PlanChoice, StaffId, StaffMemberPatch, SubscriptionChangeId,
    SubscriptionId, UserId, Uuid, use_cases,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use testkit::fixtures::{attribution, catalog_of, name, plan, plan_with, zone};
use testkit::model::{self, Command, Operation};
use testkit::{MemoryStore, block_on};

/// The error of a use case. Its unit is rolled back.
#[derive(Debug, PartialEq)]
struct Refused(String);

impl From<StorageError> for Refused {
    fn from(error: StorageError) -> Self {
        Self(format!("{error:?}"))
    }
}

/// Executes `command` and returns its full result. New rows get ids from `number`.
fn perform(
    tx: &mut (impl Accounts + Members + Staff + Bookings + Charges + Holds + FeatureOverrides + Subscriptions + ?Sized),
    command: &Command,
    number: u64,
) -> Result<String, Refused> {
    let (account, catalog, now) = (account_id(command.account), &catalog(), command.at);
    let (staff_id, booking_id) = (
        |number| StaffId::from_uuid(Uuid::from_u64_pair(3, number)),
        |number| BookingId::from_uuid(Uuid::from_u64_pair(4, number)),
    );
    match command.operation.clone() {
        Operation::Open { zone: its } => open(tx, command, number, its),
        Operation::ChangeZone(its) => {
            let patch = AccountPatch { zone: Some(zone(its)), ..AccountPatch::default() };
            described(use_cases::change_account(tx, account, &patch, |_| true))
        }
        Operation::Remove => described(use_cases::remove_account(tx, account, |_| true, now)),
        Operation::Subscribe { .. } | Operation::Unsubscribe(_) | Operation::CancelScheduledChange => {
            of_plan(tx, command, number)
        }
        Operation::PutOverride { metric, limit, lasts } => {
            let new = NewOverride { limit, reason: notes(), expires_at: lasts.map(|lasts| now + lasts) };
            described(use_cases::put_override(tx, account, &metric, &new, a_user(), now))
        }
        Operation::RemoveOverride(metric) => {
            described(use_cases::remove_override(tx, catalog, account, &metric.into()))
        }
        Operation::AddStaffMember => {
            let new = NewStaffMember { name: name("Bo"), email: None, hold_id: None };
            described(use_cases::add_staff_member(tx, catalog, account, &new, staff_id(number), &attribution(), now))
        }
        Operation::RemoveStaffMember(of) => {
            described(use_cases::remove_staff_member(tx, account, staff_id(of), |_| true, now))
        }
        Operation::RestoreStaffMember(of) => {
            described(use_cases::restore_staff_member(tx, catalog, account, staff_id(of), now))
        }
        Operation::CreateBooking { staff, starts_at } => {
            let starts_at = starts_at.map(|moment| moment.at(now));
            let new = NewBooking { starts_at, staff_id: staff.map(staff_id), ..NewBooking::default() };
            described(use_cases::create_booking(tx, catalog, account, &new, booking_id(number), &attribution(), now))
        }
        Operation::ChangeBooking { booking, starts_at, .. } => {
            let starts_at = starts_at.map(|moment| moment.at(now));
            let patch = BookingPatch { starts_at, notes: Change::Set(notes()), ..BookingPatch::default() };
            described(use_cases::change_booking(tx, catalog, account, booking_id(booking), &patch, |_| true, now))
        }
        Operation::RemoveBooking(of) => {
            described(use_cases::remove_booking(tx, account, booking_id(of), |_| true, now))
        }
        Operation::RestoreBooking(of) => {
            described(use_cases::restore_booking(tx, catalog, account, booking_id(of), now))
        }
        // No command changes a staff member, so the reading commands, and those without a dry run,
        // are replaced by one.
        Operation::Restore
        | Operation::Preview { .. }
        | Operation::Find(_)
        | Operation::Entitlements(_)
        | Operation::Check { .. } => {
            let patch = StaffMemberPatch { name: Some(name("Cy")), ..StaffMemberPatch::default() };
            described(use_cases::change_staff_member(tx, account, staff_id(number % 3), &patch, |_| true))
        }
    }
}

/// Opens an account and subscribes it.
fn open(
    tx: &mut (impl Accounts + Members + Charges + Holds + Subscriptions + ?Sized),
    command: &Command,
    number: u64,
    zone: &str,
) -> Result<String, Refused> {
    let new = NewAccount::parse(Some("My Salon"), Some(zone)).expect("they are the fields of an account");
    let opened = use_cases::open_account(tx, &new, account_id(number), a_user(), command.at);
    let opened = opened.map_err(|error| Refused(format!("{error:?}")))?;
    let choice = PlanChoice::parse(Some("at-most-2"), None, None, None).expect("they are the fields of a choice");
    described(use_cases::subscribe_opened(tx, &catalog(), opened, &choice, false, &new_change(command, number)))
}

/// [`perform`] for commands on the subscription.
fn of_plan(
    tx: &mut (impl Accounts + Staff + Bookings + Charges + Holds + FeatureOverrides + Subscriptions + ?Sized),
    command: &Command,
    number: u64,
) -> Result<String, Refused> {
    let (account, catalog) = (account_id(command.account), &catalog());
    let new = new_change(command, number);
    match command.operation {
        Operation::Subscribe { plan, timing, over_limit } => {
            let choice = PlanChoice { plan: plan.to_owned(), timing, over_limit, reason: None };
            described(use_cases::subscribe(tx, catalog, account, &choice, false, &new))
        }
        Operation::Unsubscribe(timing) => {
            let ending = Ending { timing, reason: Some(notes()) };
            described(use_cases::unsubscribe(tx, catalog, account, &ending, &new))
        }
        _ => described(use_cases::cancel_scheduled_change(tx, catalog, account, command.at)),
    }
}

fn new_change(command: &Command, number: u64) -> NewChange {
    NewChange {
        subscription_id: SubscriptionId::from_uuid(Uuid::from_u64_pair(2, number)),
        id: SubscriptionChangeId::from_uuid(Uuid::from_u64_pair(5, number)),
        requested: domain::Requested { by: a_user(), at: command.at, reason: None },
    }
}

fn described<T: Debug, E: Debug>(outcome: Result<T, E>) -> Result<String, Refused> {
    outcome.map(|outcome| format!("{outcome:?}")).map_err(|error| Refused(format!("{error:?}")))
}

fn a_user() -> UserId {
    UserId::from_uuid(Uuid::from_u128(1))
}

fn notes() -> Notes {
    Notes::parse("They asked nicely").expect("they are notes")
}

/// The plans of the commands.
fn catalog() -> PlanCatalog {
    catalog_of([plan_with(0), plan_with(2), plan_with(4), plan("unlimited", Limit::Unlimited)])
}

fn account_id(number: u64) -> AccountId {
    AccountId::from_uuid(Uuid::from_u64_pair(1, number))
}

/// Greater than any id of the commands before.
const FIRST_NUMBER: u64 = 100;

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn a_dry_run_returns_the_real_result_and_changes_nothing(
        commands in model::commands(),
        share in 0..=100_usize,
    ) {
        let store = MemoryStore::default();
        let (before, dry_runs) = commands.split_at(commands.len() * share / 100);
        model::run(&store, before);
        for (number, command) in (FIRST_NUMBER..).zip(dry_runs.iter().cloned()) {
            let untouched = format!("{store:?}");
            let again = command.clone();
            let dry_run = block_on(store.read(move |tx| {
                let tx: &mut DryRun<'_> = tx;
                perform(tx, &again, number)
            }));
            prop_assert_eq!(format!("{store:?}"), untouched, "{:?} was dry_runs", command);
            let operation = command.clone();
            let done = block_on(store.write(move |tx| perform(tx, &operation, number)));
            prop_assert_eq!(dry_run, done, "{:?}", command);
        }
    }
}
