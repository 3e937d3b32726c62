//! A count of what was accepted that is kept without the store: what the limits are held against.

use std::collections::BTreeMap;

use domain::error::{AddStaffMemberError, CreateBookingError, LimitRefusal};
use domain::{AccountId, Date, Metric, Plan, PlanCatalog, Usage, Zone};
use proptest::test_runner::{TestCaseError, TestCaseResult};
use proptest::{prop_assert, prop_assert_eq};

use super::run::{account_id, catalog};
use super::{Answer, Command};

/// What each account has, by the answers alone.
pub(super) struct Ledger {
    catalog: PlanCatalog,
    accounts: BTreeMap<AccountId, Entry>,
}

struct Entry {
    zone: Zone,
    plan: Option<Plan>,
    staff: u32,
    bookings: BTreeMap<Date, u32>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { catalog: catalog(), accounts: BTreeMap::new() }
    }
}

impl Ledger {
    /// Takes down what became of `command`, and checks that it was right to accept it or to refuse it.
    pub(super) fn record(&mut self, command: &Command, answer: &Answer) -> TestCaseResult {
        let id = account_id(command.account);
        if let Answer::Opened(Ok(account)) = answer {
            let entry = Entry { zone: account.zone.clone(), plan: None, staff: 0, bookings: BTreeMap::new() };
            prop_assert!(self.accounts.insert(id, entry).is_none(), "an account was opened twice");
        }
        let Some(entry) = self.accounts.get_mut(&id) else {
            let is_accepted = matches!(
                answer,
                Answer::Subscribed(Ok(_)) | Answer::StaffMemberAdded(Ok(_)) | Answer::BookingCreated(Ok(_))
            );
            prop_assert!(!is_accepted, "accepted for an account that there is none of");
            return Ok(());
        };
        match answer {
            Answer::Subscribed(Ok(change)) => {
                entry.plan = self.catalog.find(change.subscription().plan.as_str()).cloned();
                Ok(())
            }
            Answer::StaffMemberAdded(Ok(_)) => {
                entry.staff += 1;
                check_accepted(entry.usage(Metric::Staff, entry.staff)?)
            }
            Answer::StaffMemberAdded(Err(AddStaffMemberError::LimitExceeded(refusal))) => {
                check_refused(refusal, entry.usage(Metric::Staff, entry.staff)?)
            }
            Answer::BookingCreated(Ok(booking)) => {
                // Its own look at the calendar, and not the day that the booking was filed under.
                let day = entry.zone.day_of(booking.starts_at).date;
                let booked = entry.bookings.entry(day).or_default();
                *booked += 1;
                let booked = *booked;
                check_accepted(entry.usage(Metric::BookingsPerDay, booked)?)
            }
            Answer::BookingCreated(Err(CreateBookingError::LimitExceeded(refusal))) => {
                let day = refusal.window.as_ref().map(|day| day.date);
                let booked = day.and_then(|day| entry.bookings.get(&day)).copied().unwrap_or(0);
                check_refused(refusal, entry.usage(Metric::BookingsPerDay, booked)?)
            }
            _ => Ok(()),
        }
    }
}

impl Entry {
    fn usage(&self, metric: Metric, used: u32) -> Result<Usage, TestCaseError> {
        let plan = self.plan.as_ref().ok_or_else(|| TestCaseError::fail("an account without a plan has no limits"))?;
        Ok(Usage { used, limit: plan.limit(metric) })
    }
}

fn check_accepted(usage: Usage) -> TestCaseResult {
    prop_assert_eq!(usage.over_by(), 0, "accepted past the limit: {:?}", usage);
    Ok(())
}

fn check_refused(refusal: &LimitRefusal, usage: Usage) -> TestCaseResult {
    prop_assert_eq!(refusal.exceeded.usage, usage);
    prop_assert!(!usage.admits(1), "refused though it fits: {usage:?}");
    Ok(())
}
