//! The operations by resource, with the bodies of their requests and answers.

mod accounts;
mod allocations;
mod api_keys;
mod audit;
mod bookings;
mod entitlements;
mod grants;
mod holds;
mod members;
mod overrides;
mod plans;
mod staff;
mod subscriptions;
mod tokens;
mod usage;
mod users;

use domain::AccountId;

use crate::call::Call;
use crate::pages::List;
use crate::request::Request;
use crate::transport::Transport;

pub use accounts::{Account, AccountChange, Accounts, Erasure, ErasureCounts, NewAccount};
pub use allocations::{Allocation, Allocations, AllocationsReplaced};
pub use api_keys::{ApiKey, ApiKeys, CreatedApiKey, NewApiKey};
pub use audit::AuditEntry;
pub use bookings::{Booking, BookingChange, Bookings, NewBooking};
pub use entitlements::{Check, CheckQuestion, Entitlement, Entitlements, FeatureCheck, FeatureEntitlement, LimitCheck};
pub use grants::{Grant, Grants, NewGrant};
pub use holds::{ConfirmedHold, Hold, HoldConfirmation, Holds, NewHold};
pub use members::{Member, Members};
pub use overrides::{AnyOverride, FeatureOverride, LimitOverride, ListedOverride, NewOverride, Overrides};
pub use plans::{FeatureDef, MetricDef, Plan, PlanList};
pub use staff::{NewStaffMember, Staff, StaffMember, StaffMemberChange};
pub use subscriptions::{
    Ending, FeatureChange, LimitChange, Period, PlanChangePreview, PlanChoice, ScheduledChange, Subscription,
    SubscriptionChange,
};
pub use tokens::{Token, Tokens};
pub use usage::{HistoryQuery, Moment, NewUsage, Usage, UsageBatch, UsageHistory, UsageInWindow, UsageRecord};
pub use users::{User, Users};

/// The operations of one account.
#[derive(Clone, Debug)]
pub struct AccountClient {
    transport: Transport,
    id: AccountId,
    text: String,
}

/// The path of an account, or of something below it.
macro_rules! account_path {
    ($account:expr $(, $segment:expr)*) => {
        &["accounts", $account.text.as_str() $(, $segment)*]
    };
}
pub(crate) use account_path;

impl AccountClient {
    pub(crate) fn new(transport: &Transport, id: AccountId) -> Self {
        Self { transport: transport.clone(), id, text: id.to_string() }
    }

    /// The account's id.
    #[must_use]
    pub fn id(&self) -> AccountId {
        self.id
    }

    /// The account.
    pub fn find(&self) -> Request<Account> {
        Request::new(&self.transport, Call::get(account_path!(self)))
    }

    /// Changes fields of the account.
    pub fn change(&self, change: &AccountChange) -> Request<Account> {
        Request::with_json(&self.transport, Call::patch(account_path!(self)), change)
    }

    /// Removes the account, and keeps its data.
    pub fn remove(&self) -> Request<()> {
        Request::new(&self.transport, Call::delete(account_path!(self)))
    }

    /// Restores the removed account.
    pub fn restore(&self) -> Request<Account> {
        Request::new(&self.transport, Call::post(account_path!(self, "restore")))
    }

    /// Erases the account's personal data permanently (operators). A [dry run](Request::dry_run)
    /// counts the rows.
    pub fn erase(&self) -> Request<Erasure> {
        Request::new(&self.transport, Call::post(account_path!(self, "erase")))
    }

    /// The audit log, the newest entry first.
    pub fn audit(&self) -> List<AuditEntry> {
        List::new(&self.transport, Call::get(account_path!(self, "audit")))
    }

    /// Its staff members.
    #[must_use]
    pub fn staff(&self) -> Staff {
        Staff(self.clone())
    }

    /// Its bookings.
    #[must_use]
    pub fn bookings(&self) -> Bookings {
        Bookings(self.clone())
    }

    /// Its usage of counters.
    #[must_use]
    pub fn usage(&self) -> Usage {
        Usage(self.clone())
    }

    /// Its allocations of the gauges of this meter.
    #[must_use]
    pub fn allocations(&self, meter: impl ToString) -> Allocations {
        Allocations(self.clone(), meter.to_string())
    }

    /// Its holds.
    #[must_use]
    pub fn holds(&self) -> Holds {
        Holds(self.clone())
    }

    /// Its overrides of limits and features.
    #[must_use]
    pub fn overrides(&self) -> Overrides {
        Overrides(self.clone())
    }

    /// Its grants.
    #[must_use]
    pub fn grants(&self) -> Grants {
        Grants(self.clone())
    }

    /// Its members.
    #[must_use]
    pub fn members(&self) -> Members {
        Members(self.clone())
    }
}
