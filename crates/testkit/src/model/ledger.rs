//! A ledger of accepted commands, independent of the store. The limits are checked against it.

use std::collections::{BTreeMap, BTreeSet};

use domain::error::{AddStaffMemberError, AdmissionError, BookingError, Excess, LimitRefusal, SubscribeError};
use domain::use_cases::{Check, Entitlements};
use domain::{
    AccountId, Booking, BookingId, Date, Entitlement, Limit, LimitWindow, Metric, OverLimit, PlanCatalog, PlanChange,
    PlanKey, StaffId, Timestamp, Timing, Usage, Zone, day_of_window,
};
use proptest::test_runner::{TestCaseError, TestCaseResult};
use proptest::{prop_assert, prop_assert_eq};

use super::catalog::{catalog, monthly};
use super::ids::{account_id, booking_id, staff_id};
use super::{Command, Operation, Outcome};

/// The state of an account, from the results alone.
pub(super) struct Ledger {
    catalog: PlanCatalog,
    accounts: BTreeMap<AccountId, Entry>,
}

struct Entry {
    zone: Zone,
    is_removed: bool,
    plan: Option<PlanKey>,
    /// The scheduled plan and its instant, if any.
    scheduled: Option<(Timestamp, Option<PlanKey>)>,
    overrides: BTreeMap<Metric, (Limit, Option<Timestamp>)>,
    staff: BTreeSet<StaffId>,
    bookings: BTreeMap<BookingId, LedgerRow>,
}

struct LedgerRow {
    day: Date,
    starts_at: Timestamp,
    removed_at: Option<Timestamp>,
}

/// A metric, with the first day of its window if it is a counter.
type Window = (Metric, Option<Date>);

impl Default for Ledger {
    fn default() -> Self {
        Self { catalog: catalog(), accounts: BTreeMap::new() }
    }
}

impl Ledger {
    /// Records the outcome of `command`, and checks that accepting or refusing it was correct.
    pub(super) fn record(&mut self, command: &Command, outcome: &Outcome) -> TestCaseResult {
        let id = account_id(command.account);
        if let Outcome::Opened(Ok(account)) = outcome {
            prop_assert!(self.accounts.insert(id, Entry::new(&account.zone)).is_none(), "an account was opened twice");
        }
        let Some(entry) = self.accounts.get_mut(&id) else {
            return unless(is_accepted(outcome), "accepted for an unknown account");
        };
        let restores = matches!(command.operation, Operation::Restore | Operation::Find(_) | Operation::Remove);
        unless(entry.is_removed && !restores && is_accepted(outcome), "accepted for an account that was removed")?;
        let before = entry.used();
        entry.check_refusal(&self.catalog, command, outcome)?;
        entry.apply(&self.catalog, command, outcome)?;
        for (window, used) in entry.used() {
            if used > before.get(&window).copied().unwrap_or(0) {
                let limit = entry.limit(&self.catalog, &window.0, command.at);
                let limit = limit.ok_or_else(|| TestCaseError::fail("more without a plan"))?;
                prop_assert!(limit.admits(used), "{used} of {limit} in {window:?}");
            }
        }
        Ok(())
    }
}

/// Whether the command succeeded.
fn is_accepted(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Opened(outcome) => outcome.is_ok(),
        Outcome::AccountChanged(outcome) => outcome.is_ok(),
        Outcome::Subscribed(outcome) => outcome.is_ok(),
        Outcome::Unsubscribed(outcome) => outcome.is_ok(),
        Outcome::Cancelled(outcome) => outcome.is_ok(),
        Outcome::OverridePut(outcome) => outcome.is_ok(),
        Outcome::StaffMemberAdded(outcome) => outcome.is_ok(),
        Outcome::Booked(outcome) => outcome.is_ok(),
        Outcome::Removed(outcome) => outcome.is_ok(),
        Outcome::Entitlements(outcome) => outcome.is_ok(),
        Outcome::Checked(outcome) => outcome.is_ok(),
        Outcome::Found(_) => false,
    }
}

impl Entry {
    fn new(zone: &Zone) -> Self {
        Self {
            zone: zone.clone(),
            is_removed: false,
            plan: None,
            scheduled: None,
            overrides: BTreeMap::new(),
            staff: BTreeSet::new(),
            bookings: BTreeMap::new(),
        }
    }

    /// The plan in force at `now`, whether or not a command has run since it came into force.
    fn plan_at(&self, now: Timestamp) -> Option<&PlanKey> {
        match &self.scheduled {
            Some((at, to)) if *at <= now => to.as_ref(),
            _ => self.plan.as_ref(),
        }
    }

    /// The limit in force at `now`: the override's, or the plan's; `None` without a plan.
    fn limit(&self, catalog: &PlanCatalog, metric: &Metric, now: Timestamp) -> Option<Limit> {
        let plan = catalog.find(self.plan_at(now)?.as_str())?;
        Some(self.override_limit(metric, now).unwrap_or_else(|| plan.limit(metric)))
    }

    fn override_limit(&self, metric: &Metric, now: Timestamp) -> Option<Limit> {
        let in_force = self.overrides.get(metric).filter(|(_, end)| end.is_none_or(|end| now < end));
        in_force.map(|(limit, _)| *limit)
    }

    /// The usage of every metric: the number of rows.
    fn used(&self) -> BTreeMap<Window, u64> {
        let mut used = BTreeMap::from([((Metric::STAFF, None), self.staff.len() as u64)]);
        for row in self.bookings.values().filter(|row| row.removed_at.is_none_or(|at| row.starts_at <= at)) {
            *used.entry((Metric::BOOKINGS_PER_DAY, Some(row.day))).or_default() += 1;
            *used.entry((monthly().key, Some(row.day.first_of_month()))).or_default() += 1;
        }
        used
    }

    fn usage(&self, catalog: &PlanCatalog, window: &Window, now: Timestamp) -> Usage {
        let limit = self.limit(catalog, &window.0, now).unwrap_or(Limit::AtMost(0));
        Usage { used: self.used().get(window).copied().unwrap_or(0), limit }
    }

    /// Checks that a refusal or a reported value is correct.
    fn check_refusal(&self, catalog: &PlanCatalog, command: &Command, outcome: &Outcome) -> TestCaseResult {
        let now = command.at;
        match outcome {
            Outcome::StaffMemberAdded(Err(AddStaffMemberError::Admission(refusal)))
            | Outcome::Booked(Err(BookingError::Admission(refusal))) => self.check_admission(catalog, refusal, 1, now),
            Outcome::StaffMemberAdded(Err(AddStaffMemberError::NotFound)) => {
                let is_new = matches!(command.operation, Operation::AddStaffMember);
                unless(is_new && !self.is_removed, "nowhere to add a staff member")
            }
            Outcome::Booked(Err(BookingError::NotFound)) => {
                let is_new = matches!(command.operation, Operation::CreateBooking { .. });
                unless(is_new && !self.is_removed, "nowhere to book")
            }
            Outcome::Booked(Err(BookingError::HasBegun)) => {
                let Operation::ChangeBooking { booking, .. } = command.operation else {
                    return unless(true, "nothing moves");
                };
                let has_begun = self.bookings.get(&booking_id(booking)).is_some_and(|row| row.starts_at <= now);
                unless(!has_begun, "the booking has not begun")
            }
            Outcome::Subscribed(Err(SubscribeError::OverLimit(exceeded))) => {
                prop_assert!(!exceeded.is_empty(), "refused for nothing");
                exceeded.iter().try_for_each(|excess| self.check_excess(excess))
            }
            Outcome::Entitlements(Ok(entitlements)) => self.check_entitlements(catalog, entitlements, now),
            Outcome::Checked(Ok(Check { entitlement, requested, refusal })) => {
                self.check_entitlement(catalog, entitlement, now)?;
                let fits = entitlement.plan.is_some() && entitlement.usage.admits(*requested);
                prop_assert_eq!(refusal.is_none(), fits, "{:?}", entitlement);
                refusal.iter().try_for_each(|refusal| self.check_admission(catalog, refusal, *requested, now))
            }
            _ => Ok(()),
        }
    }

    fn check_admission(
        &self,
        catalog: &PlanCatalog,
        refusal: &AdmissionError,
        requested: u64,
        now: Timestamp,
    ) -> TestCaseResult {
        match refusal {
            AdmissionError::SubscriptionRequired(_) => unless(self.plan_at(now).is_some(), "there is a plan"),
            AdmissionError::LimitExceeded(refusal) => {
                let LimitRefusal { exceeded, window, .. } = &**refusal;
                let usage = self.usage(catalog, &(exceeded.metric.clone(), window.as_ref().map(first_day)), now);
                prop_assert_eq!(exceeded.usage, usage);
                prop_assert_eq!(Some(&exceeded.plan), self.plan_at(now));
                unless(usage.admits(requested), "refused though it fits")
            }
            AdmissionError::Storage(failure) => Err(TestCaseError::fail(failure.to_string())),
        }
    }

    fn check_excess(&self, excess: &Excess) -> TestCaseResult {
        let first_day = excess.day.or(excess.window.as_ref().map(first_day));
        let used = self.used().get(&(excess.metric.clone(), first_day)).copied().unwrap_or(0);
        prop_assert_eq!(used, excess.used);
        unless(used <= excess.new_limit, "it fits")
    }

    fn check_entitlements(&self, catalog: &PlanCatalog, reported: &Entitlements, now: Timestamp) -> TestCaseResult {
        prop_assert_eq!(reported.plan.as_ref(), self.plan_at(now));
        reported.all.iter().try_for_each(|entitlement| self.check_entitlement(catalog, entitlement, now))
    }

    fn check_entitlement(&self, catalog: &PlanCatalog, reported: &Entitlement, now: Timestamp) -> TestCaseResult {
        let window = (reported.metric.clone(), reported.window.as_ref().map(first_day));
        prop_assert_eq!(reported.usage, self.usage(catalog, &window, now));
        let override_limit = self.override_limit(&reported.metric, now).filter(|_| reported.plan.is_some());
        prop_assert_eq!(reported.given.as_ref().map(|given| given.limit), override_limit);
        Ok(())
    }

    /// Records the effect of a command.
    fn apply(&mut self, catalog: &PlanCatalog, command: &Command, outcome: &Outcome) -> TestCaseResult {
        let now = command.at;
        match (command.operation.clone(), outcome) {
            (Operation::Remove, Outcome::Removed(Ok(_))) => self.is_removed = true,
            (Operation::Restore, Outcome::AccountChanged(Ok(_))) => self.is_removed = false,
            (Operation::ChangeZone(_), Outcome::AccountChanged(Ok((account, _)))) => self.zone = account.zone.clone(),
            (Operation::PutOverride { metric, limit, lasts }, Outcome::OverridePut(Ok(_))) => {
                self.overrides.insert(metric, (limit, lasts.map(|lasts| now + lasts)));
            }
            (Operation::RemoveOverride(metric), Outcome::Removed(Ok(_))) => drop(self.overrides.remove(&metric)),
            (Operation::Subscribe { timing, over_limit, .. }, Outcome::Subscribed(Ok(change))) => {
                return self.subscribe(catalog, timing, over_limit, change, now);
            }
            (Operation::Unsubscribe(timing), Outcome::Unsubscribed(Ok((subscription, has_ended)))) => {
                prop_assert_eq!(*has_ended, timing == Timing::Immediate);
                self.plan = self.plan_at(now).cloned().filter(|_| !has_ended);
                self.scheduled = subscription.scheduled.as_ref().map(|change| (change.at, None));
            }
            (Operation::CancelScheduledChange, Outcome::Cancelled(Ok(Some(_)))) => self.scheduled = None,
            (
                Operation::AddStaffMember | Operation::RestoreStaffMember(_),
                Outcome::StaffMemberAdded(Ok((member, is_new))),
            ) => {
                prop_assert_eq!(self.staff.insert(member.id), *is_new);
            }
            (Operation::RemoveStaffMember(number), Outcome::Removed(Ok(was_there))) => {
                prop_assert_eq!(self.staff.remove(&staff_id(number)), *was_there);
            }
            (Operation::RemoveBooking(number), Outcome::Removed(Ok(was_there))) => {
                let row = self.bookings.get_mut(&booking_id(number));
                let row = row.ok_or_else(|| TestCaseError::fail("removed what is not there"))?;
                prop_assert_eq!(row.removed_at.is_none(), *was_there);
                row.removed_at = row.removed_at.or(Some(now));
            }
            (_, Outcome::Booked(Ok((booking, is_changed)))) => return self.book(booking, *is_changed, now),
            _ => {}
        }
        Ok(())
    }

    fn subscribe(
        &mut self,
        catalog: &PlanCatalog,
        timing: Timing,
        over_limit: OverLimit,
        change: &PlanChange,
        now: Timestamp,
    ) -> TestCaseResult {
        let present = self.plan_at(now).cloned();
        match change {
            PlanChange::Unchanged(it) => {
                prop_assert_eq!(Some(&it.plan), present.as_ref());
                return Ok(());
            }
            PlanChange::Scheduled(it) => {
                let scheduled = it.scheduled.as_ref().ok_or_else(|| TestCaseError::fail("nothing is scheduled"))?;
                prop_assert!(timing == Timing::PeriodEnd && now < scheduled.at, "it is not to come");
                prop_assert_eq!(Some(&it.plan), present.as_ref());
                self.scheduled = Some((scheduled.at, scheduled.to.clone()));
                self.plan = present;
            }
            PlanChange::Started(it) | PlanChange::Changed(it) => {
                prop_assert_eq!(present.is_none(), matches!(change, PlanChange::Started(_)));
                prop_assert!(timing == Timing::Immediate || present.is_none(), "it is at once");
                (self.plan, self.scheduled) = (Some(it.plan.clone()), None);
            }
        }
        let at = self.scheduled.as_ref().map_or(now, |(at, _)| *at);
        let today = self.zone.day_of(at).date;
        for ((metric, day), used) in self.used() {
            // A change of plan does not look at windows too far ahead, nor at past ones.
            let first = if metric == monthly().key { today.first_of_month() } else { today };
            let is_looked_at = day.is_none_or(|day| (first..=today.saturating_add(LOOK_AHEAD)).contains(&day));
            let limit = self.limit(catalog, &metric, at).unwrap_or(Limit::AtMost(0));
            let fits = over_limit == OverLimit::Keep || !is_looked_at || limit.admits(used);
            prop_assert!(fits, "{used} of {limit} on {day:?}, which was to be refused");
        }
        Ok(())
    }

    fn book(&mut self, booking: &Booking, is_changed: bool, now: Timestamp) -> TestCaseResult {
        let known = self.bookings.get(&booking.id);
        // Computed from the calendar, not from the day that the store returned.
        let day = match known.filter(|row| row.starts_at == booking.starts_at) {
            Some(row) => row.day,
            None => self.zone.day_of(booking.starts_at).date,
        };
        prop_assert_eq!(booking.day, day);
        if let Some(row) = known.filter(|row| row.starts_at != booking.starts_at) {
            prop_assert!(is_changed && now < row.starts_at, "a booking that had begun was moved");
        }
        self.bookings.insert(booking.id, LedgerRow { day, starts_at: booking.starts_at, removed_at: None });
        Ok(())
    }
}

/// The first day of a window, which is its label.
fn first_day(window: &LimitWindow) -> Date {
    day_of_window(window.label)
}

/// How far a change of plan looks ahead.
const LOOK_AHEAD: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 365);

fn unless(is_wrong: bool, what: &'static str) -> TestCaseResult {
    if is_wrong { Err(TestCaseError::fail(what)) } else { Ok(()) }
}
