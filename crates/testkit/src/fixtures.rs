//! Fixtures: a fixed clock, deterministic ids, and entities with default values.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use domain::ports::{Clock, IdGenerator};
use domain::{
    Account, AccountId, Action, ApiKey, ApiKeyId, Attribution, AuditEntry, AuditEntryId, Booking, BookingId, Date,
    Hold, HoldId, HoldState, Kind, Limit, Metadata, Meter, Metric, MetricDef, Name, NewAccount, NewChange, Occurrence,
    Origin, OverLimit, PasswordHash, Plan, PlanCatalog, PlanChoice, PlanKey, Reference, Requested, Scope, SecretHash,
    Session, SessionId, SignedDuration, StaffId, StaffMember, Subscription, SubscriptionChangeId, SubscriptionId,
    Timestamp, Timing, UsageRecordId, User, UserId, Username, Uuid, Window, Zone, whole_microseconds,
};

/// 2026-03-20T09:46:40.123456Z, with the full precision of a store.
pub const NOW: Timestamp = Timestamp::constant(1_774_000_000, 123_456_000);

/// A clock that stands still until it is set.
#[derive(Debug)]
pub struct FixedClock {
    microseconds: AtomicI64,
}

impl FixedClock {
    /// A clock that shows `now`, in whole microseconds.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self { microseconds: AtomicI64::new(now.as_microsecond()) }
    }

    /// Makes the clock show `now`, in whole microseconds.
    pub fn set(&self, now: Timestamp) {
        self.microseconds.store(now.as_microsecond(), Ordering::Relaxed);
    }
}

impl Default for FixedClock {
    /// A clock that shows [`NOW`].
    fn default() -> Self {
        Self::new(NOW)
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.microseconds.load(Ordering::Relaxed))
            .expect("it came out of a Timestamp when the clock was set")
    }
}

/// A generator of ascending ids from a seed, the same in every run.
#[derive(Debug)]
pub struct CountingIds {
    seed: u64,
    count: AtomicU64,
}

impl CountingIds {
    /// A generator whose ids differ from those of other seeds.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, count: AtomicU64::new(1) }
    }

    /// The next id, for an account.
    pub fn account(&self) -> AccountId {
        AccountId::from_uuid(self.next_uuid())
    }

    /// The next id, for a user.
    pub fn user(&self) -> UserId {
        UserId::from_uuid(self.next_uuid())
    }

    /// The next id, for a session.
    pub fn session(&self) -> SessionId {
        SessionId::from_uuid(self.next_uuid())
    }

    /// The next id, for an API key.
    pub fn api_key(&self) -> ApiKeyId {
        ApiKeyId::from_uuid(self.next_uuid())
    }

    /// The next id, for an audit log entry.
    pub fn audit_entry(&self) -> AuditEntryId {
        AuditEntryId::from_uuid(self.next_uuid())
    }

    /// The next id, for a subscription.
    pub fn subscription(&self) -> SubscriptionId {
        SubscriptionId::from_uuid(self.next_uuid())
    }

    /// The next ids, for a change of plan that a user requests at `at` without a reason.
    pub fn new_change(&self, at: Timestamp) -> NewChange {
        let requested = Requested { by: self.user(), at, reason: None };
        NewChange { subscription_id: self.subscription(), id: self.change(), requested }
    }

    /// The next id, for a change in a subscription's history.
    pub fn change(&self) -> SubscriptionChangeId {
        SubscriptionChangeId::from_uuid(self.next_uuid())
    }

    /// The next id, for a staff member.
    pub fn staff(&self) -> StaffId {
        StaffId::from_uuid(self.next_uuid())
    }

    /// The next id, for a usage record.
    pub fn usage_record(&self) -> UsageRecordId {
        UsageRecordId::from_uuid(self.next_uuid())
    }

    /// The next id, for a hold.
    pub fn hold(&self) -> HoldId {
        HoldId::from_uuid(self.next_uuid())
    }

    /// The next id, for a booking.
    pub fn booking(&self) -> BookingId {
        BookingId::from_uuid(self.next_uuid())
    }
}

impl Default for CountingIds {
    /// The generator of seed 0.
    fn default() -> Self {
        Self::new(0)
    }
}

impl IdGenerator for CountingIds {
    fn next_uuid(&self) -> Uuid {
        Uuid::from_u64_pair(self.seed, self.count.fetch_add(1, Ordering::Relaxed))
    }
}

/// Parses an instant in RFC 3339.
///
/// # Panics
/// If it does not parse.
#[must_use]
pub fn instant(text: &str) -> Timestamp {
    whole_microseconds(text.parse().expect("the test wrote an instant"))
}

/// Parses a day as `YYYY-MM-DD`.
///
/// # Panics
/// If it does not parse.
#[must_use]
pub fn day(text: &str) -> Date {
    text.parse().expect("the test wrote a day")
}

/// The time zone called `name`.
///
/// # Panics
/// If there is no such zone.
#[must_use]
pub fn zone(name: &str) -> Zone {
    Zone::parse(name).expect("the test named a time zone")
}

/// Parses a name.
///
/// # Panics
/// If it does not parse.
#[must_use]
pub fn name(text: &str) -> Name {
    Name::parse(text).expect("the test wrote a name")
}

/// Parses a plan key.
///
/// # Panics
/// If it does not parse.
#[must_use]
pub fn plan_key(text: &str) -> PlanKey {
    text.parse().expect("the test wrote a plan key")
}

/// The fields of a new account, without an external id and metadata.
#[must_use]
pub fn new_account(zone: Zone) -> NewAccount {
    NewAccount { name: name("My Salon"), zone, external_id: None, metadata: Metadata::default() }
}

/// An account in UTC without a plan, opened at [`NOW`].
#[must_use]
pub fn account(id: AccountId) -> Account {
    Account::new(id, new_account(Zone::UTC), NOW)
}

/// A user without a working password, not an operator, registered at [`NOW`].
///
/// # Panics
/// If `username` does not parse.
#[must_use]
pub fn user(id: UserId, username: &str) -> User {
    let username = Username::parse(username).expect("a good username");
    let password = PasswordHash::from_phc("no password lets them in".to_owned());
    User { id, username, password, is_operator: false, is_disabled: false, created_at: NOW }
}

/// A session that begins at [`NOW`] and lasts an hour.
#[must_use]
pub fn session(id: SessionId, user_id: UserId) -> Session {
    Session { id, user_id, created_at: NOW, expires_at: NOW + SignedDuration::from_hours(1) }
}

/// The hash of a secret, different for each `secret`.
#[must_use]
pub const fn secret(secret: u8) -> SecretHash {
    SecretHash([secret; 32])
}

/// An unused API key with [`secret`] 1 and the widest scope, created at [`NOW`], without expiry.
#[must_use]
pub fn api_key(id: ApiKeyId, user_id: UserId) -> ApiKey {
    ApiKey {
        id,
        user_id,
        name: name("Till"),
        secret: secret(1),
        scope: Scope::Admin,
        account_id: None,
        created_at: NOW,
        expires_at: None,
        last_used_at: None,
    }
}

/// An audit log entry: the user opened the account at [`NOW`], from an unknown address.
#[must_use]
pub fn audit_entry(id: AuditEntryId, account_id: Option<AccountId>, user_id: UserId) -> AuditEntry {
    AuditEntry {
        id,
        account_id,
        user_id,
        api_key: None,
        action: Action::AccountOpened,
        resource: "a resource".into(),
        origin: Origin { address: None, request_id: "a request".into() },
        created_at: NOW,
    }
}

/// An attribution with all fields: user, API key, address and request id.
#[must_use]
pub fn attribution() -> Attribution {
    Attribution {
        user_id: UserId::from_uuid(Uuid::from_u64_pair(u64::MAX, 1)),
        api_key: Some(ApiKeyId::from_uuid(Uuid::from_u64_pair(u64::MAX, 2))),
        origin: Origin { address: Some([192, 0, 2, 7].into()), request_id: "a request".into() },
    }
}

/// A subscription to `plan`, started at [`NOW`].
#[must_use]
pub fn subscription(id: SubscriptionId, plan: PlanKey) -> Subscription {
    Subscription { id, plan, created_at: NOW, plan_since: NOW, scheduled: None }
}

/// A staff member without an e-mail address, added at [`NOW`].
#[must_use]
pub fn staff_member(account_id: AccountId, id: StaffId) -> StaffMember {
    StaffMember {
        id,
        account_id,
        name: name("Ann"),
        email: None,
        created_at: NOW,
        deleted_at: None,
        version: 1,
        created_by: attribution(),
    }
}

/// A booking at the beginning of `day` in UTC, without other fields, created at [`NOW`].
#[must_use]
pub fn booking(account_id: AccountId, id: BookingId, day: Date) -> Booking {
    let starts_at = Zone::UTC.day(day).start;
    Booking {
        id,
        account_id,
        day,
        period: None,
        starts_at,
        customer_name: None,
        staff_id: None,
        notes: None,
        created_at: NOW,
        deleted_at: None,
        version: 1,
        created_by: attribution(),
    }
}

/// A plan with the key `at-most-<limit>` and this limit for every built-in metric.
#[must_use]
pub fn plan_with(limit: u64) -> Plan {
    plan(&format!("at-most-{limit}"), Limit::AtMost(limit))
}

/// A plan with this key, and this limit for every built-in metric.
#[must_use]
pub fn plan(key: &str, limit: Limit) -> Plan {
    Plan::new(plan_key(key), "Test").with_limit(Metric::STAFF, limit).with_limit(Metric::BOOKINGS_PER_DAY, limit)
}

/// A request to subscribe to a plan immediately, even if usage is above its limits.
#[must_use]
pub fn choice(plan: &str) -> PlanChoice {
    PlanChoice { plan: plan.to_owned(), timing: Timing::Immediate, over_limit: OverLimit::Keep, reason: None }
}

/// A catalogue of these plans.
///
/// # Panics
/// If two keys are equal.
#[must_use]
pub fn catalog_of(plans: impl IntoIterator<Item = Plan>) -> PlanCatalog {
    PlanCatalog::new(plans.into_iter().collect()).expect("a test's plans have keys that differ")
}

/// A catalogue of one plan, `own`, with counters that keep records: key, meter, window and limit.
/// The built-in metrics are unlimited.
///
/// # Panics
/// If a key is not one, or is used twice.
#[must_use]
pub fn catalog_of_counters(counters: &[(&str, &str, Window, u64)]) -> PlanCatalog {
    let def = |&(key, meter, window, _): &(&str, &str, Window, u64)| MetricDef {
        key: key.parse().expect("the test wrote a key"),
        meter: meter.parse().expect("the test wrote a key"),
        kind: Kind::Counter(window),
        has_records: true,
    };
    let metrics: Vec<MetricDef> = counters.iter().map(def).collect();
    let limits = metrics.iter().zip(counters).map(|(metric, (.., limit))| (metric.key.clone(), Limit::AtMost(*limit)));
    let plan = limits.fold(plan("own", Limit::Unlimited), |plan, (metric, limit)| plan.with_limit(metric, limit));
    PlanCatalog::with_metrics(metrics, Vec::new(), vec![plan]).expect("a test's keys differ")
}

/// A catalogue of [`plan_with`] this limit alone.
#[must_use]
pub fn catalog_with(limit: u64) -> PlanCatalog {
    catalog_of([plan_with(limit)])
}

/// A hold of 1 that is created at [`NOW`] and expires after an hour.
///
/// # Panics
/// Never: the reference is visible ASCII.
#[must_use]
pub fn hold(account_id: AccountId, id: HoldId, meter: Meter) -> Hold {
    Hold {
        id,
        account_id,
        meter,
        quantity: 1,
        occurrence: Occurrence::new(NOW, &Zone::UTC, None),
        expires_at: NOW + SignedDuration::from_hours(1),
        reference: Some(Reference::parse("invite:42").expect("it is visible ASCII")),
        state: HoldState::Held,
        created_at: NOW,
        closed_at: None,
        version: 1,
        created_by: attribution(),
    }
}

/// A catalogue of one plan, `at-most-<limit>`, with this limit for the built-in metrics, for the
/// gauge `projects`, and for the counters `sms_per_day` and `sms_per_month` of the meter `sms`.
///
/// # Panics
/// Never: the metrics fit with each other.
#[must_use]
pub fn metered_catalog(limit: u64) -> PlanCatalog {
    let metric = |key: &str, meter: &str, kind| MetricDef {
        key: key.parse().expect("it is a key"),
        meter: meter.parse().expect("it is a key"),
        kind,
        has_records: true,
    };
    let metrics = vec![
        metric("projects", "projects", Kind::Gauge),
        metric("sms_per_day", "sms", Kind::Counter(Window::Day)),
        metric("sms_per_month", "sms", Kind::Counter(Window::Month)),
    ];
    let with_limit = |plan: Plan, metric: &MetricDef| plan.with_limit(metric.key.clone(), Limit::AtMost(limit));
    let plan = metrics.iter().fold(plan_with(limit), with_limit);
    PlanCatalog::with_metrics(metrics, Vec::new(), vec![plan]).expect("the metrics fit with each other")
}
