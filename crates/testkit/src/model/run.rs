//! Runs commands on a store and records the results for comparison.

use std::fmt::Debug;

use domain::error::{
    AddStaffMemberError, BookingError, ChangeError, FindError, OpenAccountError, StorageError, SubscribeError,
};
use domain::ports::{ReadTx, Store, WriteTx};
use domain::use_cases::{self, Answer, Check, Entitlements, Question, When};
use domain::{
    Account, AccountId, AccountPatch, Booking, BookingFilter, BookingPatch, Change, Date, Ending, Metric, NewBooking,
    NewChange, NewOverride, NewStaffMember, Notes, Override, PlanCatalog, PlanChange, PlanChoice, StaffMember,
    Subscription, SubscriptionChangeId, SubscriptionId, Timestamp, Uuid,
};
use jiff::{Span, ToSpan};

use super::catalog::catalog;
use super::ids::{OWNER, account_id, attribution, booking_id, staff_id};
use super::{Command, Operation, Sought};
use crate::block_on;
use crate::counts::{count_bookings, count_bookings_on, count_staff};
use crate::fixtures::{name, new_account, user, zone};
use crate::pages::gather;

/// The full result of a [`Command`].
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Of [`Operation::Open`], without the text of the store's errors.
    Opened(Result<Account, OpenAccountError>),
    /// Of [`Operation::ChangeZone`] and [`Operation::Restore`].
    AccountChanged(Result<(Account, bool), ChangeError>),
    /// Of [`Operation::Subscribe`].
    Subscribed(Result<PlanChange, SubscribeError>),
    /// Of [`Operation::Unsubscribe`].
    Unsubscribed(Result<(Subscription, bool), SubscribeError>),
    /// Of [`Operation::CancelScheduledChange`].
    Cancelled(Result<Option<Subscription>, SubscribeError>),
    /// Of [`Operation::PutOverride`].
    OverridePut(Result<Override, ChangeError>),
    /// Of [`Operation::AddStaffMember`] and [`Operation::RestoreStaffMember`], with whether the
    /// staff member is new.
    StaffMemberAdded(Result<(StaffMember, bool), AddStaffMemberError>),
    /// Of [`Operation::CreateBooking`], [`Operation::ChangeBooking`] and
    /// [`Operation::RestoreBooking`], with whether anything changed.
    Booked(Result<(Booking, bool), BookingError>),
    /// Of the removing operations.
    Removed(Result<bool, ChangeError>),
    /// Of [`Operation::Entitlements`].
    Entitlements(Result<Entitlements, FindError>),
    /// Of [`Operation::Check`].
    Checked(Result<Check, FindError>),
    /// Of [`Operation::Find`] and [`Operation::Preview`], in the form of `Debug`.
    Found(String),
}

/// Runs `commands` in order, each in a unit of work at its own time, and returns their results.
///
/// # Panics
/// If the store refuses to insert the owner of the accounts.
pub fn run(store: &impl Store, commands: &[Command]) -> Vec<Outcome> {
    let mut runner = Runner { store, subscriptions: 0, staff: 0, bookings: 0 };
    let owner = user(OWNER, "owner");
    block_on(store.write(move |tx| tx.insert_user(&owner))).expect("the owner is new");
    commands.iter().map(|command| runner.run(command)).collect()
}

struct Runner<'a, S> {
    store: &'a S,
    /// The numbers of staff members and bookings requested so far.
    subscriptions: u64,
    staff: u64,
    bookings: u64,
}

impl<S: Store> Runner<'_, S> {
    fn run(&mut self, command: &Command) -> Outcome {
        let (now, account, operation) = (command.at, account_id(command.account), &command.operation);
        match *operation {
            Operation::Open { .. } | Operation::ChangeZone(_) | Operation::Remove | Operation::Restore => {
                self.of_account(account, operation, now)
            }
            Operation::PutOverride { .. } | Operation::RemoveOverride(_) => self.of_override(account, operation, now),
            Operation::Subscribe { .. }
            | Operation::Preview { .. }
            | Operation::Unsubscribe(_)
            | Operation::CancelScheduledChange => self.of_plan(account, operation, now),
            Operation::AddStaffMember | Operation::RemoveStaffMember(_) | Operation::RestoreStaffMember(_) => {
                self.of_staff(account, operation, now)
            }
            Operation::Find(sought) => self.find(account, sought, now),
            Operation::Entitlements(on) => Outcome::Entitlements(
                self.read(move |tx, catalog| use_cases::list_entitlements(tx, catalog, account, on, now)),
            ),
            Operation::Check { ref metric, requested, on } => {
                let metric = metric.clone();
                Outcome::Checked(self.read(move |tx, catalog| {
                    let metric = catalog.metric(metric.as_str()).expect("the catalogue has the metric").clone();
                    let question =
                        Question::Limit { metrics: vec![metric], requested, when: on.map_or(When::Now, When::On) };
                    let answers = use_cases::check(tx, catalog, account, &[question], now)?;
                    let Some(Answer::Limit(check)) = answers.into_iter().next() else { panic!("no answer") };
                    Ok(*check)
                }))
            }
            _ => self.of_booking(account, operation, now),
        }
    }

    fn of_account(&self, id: AccountId, operation: &Operation, now: Timestamp) -> Outcome {
        match *operation {
            Operation::Open { zone: zone_name } => {
                let new = new_account(zone(zone_name));
                let opened = self.write(move |tx, _| use_cases::open_account(tx, &new, id, OWNER, now));
                Outcome::Opened(opened.map_err(|failure| match failure {
                    OpenAccountError::Storage(StorageError::Backend(_)) => StorageError::Backend(String::new()).into(),
                    other => other,
                }))
            }
            Operation::Remove => {
                Outcome::Removed(self.write(move |tx, _| use_cases::remove_account(tx, id, |_| true, now)))
            }
            Operation::ChangeZone(zone_name) => {
                let patch = AccountPatch { zone: Some(zone(zone_name)), ..AccountPatch::default() };
                Outcome::AccountChanged(self.write(move |tx, _| use_cases::change_account(tx, id, &patch, |_| true)))
            }
            _ => Outcome::AccountChanged(self.write(move |tx, _| use_cases::restore_account(tx, id, OWNER, now))),
        }
    }

    fn of_override(&self, account: AccountId, operation: &Operation, now: Timestamp) -> Outcome {
        let (metric, limit, lasts) = match operation.clone() {
            Operation::PutOverride { metric, limit, lasts } => (metric, limit, lasts),
            Operation::RemoveOverride(metric) => return self.remove_override(account, metric),
            other => unreachable!("{other:?} is about no override"),
        };
        let reason = Notes::parse("They asked nicely").expect("they are notes");
        let new = NewOverride { limit, reason, expires_at: lasts.map(|lasts| now + lasts) };
        Outcome::OverridePut(self.write(move |tx, _| use_cases::put_override(tx, account, &metric, &new, OWNER, now)))
    }

    fn remove_override(&self, account: AccountId, metric: Metric) -> Outcome {
        let key = metric.into();
        Outcome::Removed(self.write(move |tx, catalog| use_cases::remove_override(tx, catalog, account, &key)))
    }

    fn of_plan(&mut self, account: AccountId, operation: &Operation, now: Timestamp) -> Outcome {
        let number = take(&mut self.subscriptions);
        let new = NewChange {
            subscription_id: SubscriptionId::from_uuid(Uuid::from_u64_pair(2, number)),
            id: SubscriptionChangeId::from_uuid(Uuid::from_u64_pair(5, number)),
            requested: domain::Requested { by: OWNER, at: now, reason: None },
        };
        match *operation {
            Operation::Subscribe { plan, timing, over_limit } => {
                let choice = PlanChoice { plan: plan.to_owned(), timing, over_limit, reason: None };
                Outcome::Subscribed(
                    self.write(move |tx, catalog| use_cases::subscribe(tx, catalog, account, &choice, false, &new)),
                )
            }
            Operation::Preview { plan, timing } => {
                let over_limit = domain::OverLimit::Keep;
                let choice = PlanChoice { plan: plan.to_owned(), timing, over_limit, reason: None };
                found(&self.read(move |tx, catalog| use_cases::preview_plan_change(tx, catalog, account, &choice, now)))
            }
            Operation::Unsubscribe(timing) => {
                let ending = Ending { timing, reason: None };
                Outcome::Unsubscribed(
                    self.write(move |tx, catalog| use_cases::unsubscribe(tx, catalog, account, &ending, &new)),
                )
            }
            _ => Outcome::Cancelled(
                self.write(move |tx, catalog| use_cases::cancel_scheduled_change(tx, catalog, account, now)),
            ),
        }
    }

    fn of_staff(&mut self, account: AccountId, operation: &Operation, now: Timestamp) -> Outcome {
        match *operation {
            Operation::RemoveStaffMember(number) => {
                let id = staff_id(number);
                Outcome::Removed(
                    self.write(move |tx, _| use_cases::remove_staff_member(tx, account, id, |_| true, now)),
                )
            }
            Operation::RestoreStaffMember(number) => {
                let id = staff_id(number);
                Outcome::StaffMemberAdded(
                    self.write(move |tx, catalog| use_cases::restore_staff_member(tx, catalog, account, id, now)),
                )
            }
            _ => {
                let (new, id) =
                    (NewStaffMember { name: name("Ann"), email: None, hold_id: None }, staff_id(take(&mut self.staff)));
                let by = attribution(self.staff);
                let added = self
                    .write(move |tx, catalog| use_cases::add_staff_member(tx, catalog, account, &new, id, &by, now));
                Outcome::StaffMemberAdded(added.map(|member| (member, true)))
            }
        }
    }

    fn of_booking(&mut self, account: AccountId, operation: &Operation, now: Timestamp) -> Outcome {
        match *operation {
            Operation::ChangeBooking { booking, staff, starts_at } => {
                let starts_at = starts_at.map(|moment| moment.at(now));
                let staff_id = match staff {
                    Change::Keep => Change::Keep,
                    Change::Clear => Change::Clear,
                    Change::Set(number) => Change::Set(staff_id(number)),
                };
                let (patch, id) = (BookingPatch { starts_at, staff_id, ..Default::default() }, booking_id(booking));
                Outcome::Booked(self.write(move |tx, catalog| {
                    use_cases::change_booking(tx, catalog, account, id, &patch, |_| true, now)
                }))
            }
            Operation::RemoveBooking(number) => {
                let id = booking_id(number);
                Outcome::Removed(self.write(move |tx, _| use_cases::remove_booking(tx, account, id, |_| true, now)))
            }
            Operation::RestoreBooking(number) => {
                let id = booking_id(number);
                Outcome::Booked(
                    self.write(move |tx, catalog| use_cases::restore_booking(tx, catalog, account, id, now)),
                )
            }
            Operation::CreateBooking { staff, starts_at } => {
                let (starts_at, staff_id) = (starts_at.map(|moment| moment.at(now)), staff.map(staff_id));
                let (new, id) =
                    (NewBooking { starts_at, staff_id, ..Default::default() }, booking_id(take(&mut self.bookings)));
                let by = attribution(self.bookings);
                let created =
                    self.write(move |tx, catalog| use_cases::create_booking(tx, catalog, account, &new, id, &by, now));
                Outcome::Booked(created.map(|booking| (booking, true)))
            }
            _ => unreachable!("{operation:?} is about no booking"),
        }
    }

    fn find(&self, account: AccountId, sought: Sought, now: Timestamp) -> Outcome {
        match sought {
            Sought::Account => found(&self.read(move |tx, catalog| {
                Ok::<_, StorageError>((tx.account_exists(account)?, use_cases::find_account(tx, catalog, account, now)))
            })),
            Sought::Subscription => {
                found(&self.read(move |tx, catalog| use_cases::find_subscription(tx, catalog, account, now)))
            }
            Sought::History => found(
                &self
                    .read(move |tx, catalog| use_cases::list_subscription_changes(tx, catalog, account, None, 99, now)),
            ),
            Sought::StaffMember(number) => {
                found(&self.read(move |tx, _| use_cases::find_staff_member(tx, account, staff_id(number))))
            }
            Sought::Booking(number) => {
                found(&self.read(move |tx, _| use_cases::find_booking(tx, account, booking_id(number))))
            }
            Sought::Lists { include_deleted, from, staff } => {
                let (staff, to) = (staff.map(staff_id), None);
                found(&self.read(move |tx, catalog| {
                    let filter = BookingFilter { from, to, staff_id: staff, include_deleted };
                    // All pages together: the length of a page depends on the store.
                    let accounts = gather(
                        2,
                        1,
                        None,
                        |it: &Account| it.id,
                        |after, max| use_cases::list_accounts(tx, catalog, None, include_deleted, after, max, now),
                    )?;
                    let staff = tx.list_staff(account, include_deleted, staff, 3)?;
                    let bookings = gather(usize::MAX, 6, None, Booking::position, |after, max| {
                        tx.list_bookings(account, &filter, after, max)
                    })?;
                    Ok::<_, StorageError>((accounts.items, staff, bookings.items, tx.list_plans_in_use()?))
                }))
            }
            Sought::Counts(day) => found(&self.read(move |tx, _| {
                let year = Span::new().days(366);
                let from = day.saturating_sub(year);
                let days: Vec<Date> = from.series(1.day()).take_while(|it| *it <= day.saturating_add(year)).collect();
                let counts = (count_staff(tx, account)?, count_bookings(tx, account, day)?);
                Ok::<_, StorageError>((counts, count_bookings_on(tx, account, &days)?))
            })),
        }
    }

    fn write<T: Send + 'static, E: From<StorageError> + Send + 'static>(
        &self,
        mut work: impl FnMut(&mut dyn WriteTx, &PlanCatalog) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let catalog = catalog();
        block_on(self.store.write(move |tx| work(tx, &catalog)))
    }

    fn read<T: Send + 'static, E: From<StorageError> + Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn ReadTx, &PlanCatalog) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let catalog = catalog();
        block_on(self.store.read(move |tx| work(tx, &catalog)))
    }
}

fn found(outcome: &impl Debug) -> Outcome {
    Outcome::Found(format!("{outcome:?}"))
}

/// Returns the next number.
fn take(next: &mut u64) -> u64 {
    let number = *next;
    *next += 1;
    number
}
