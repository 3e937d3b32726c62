//! Admission with custom metrics, on the in-memory store at a fixed time.

mod bookings;
mod limits;
mod refusals;

use domain::error::{AddStaffMemberError, AdmissionError, BookingError, LimitRefusal, StorageError};
use domain::ports::{Store, WriteTx};
use domain::{
    Account, AccountId, Booking, BookingPatch, Hold, Limit, Metric, NewBooking, NewStaffMember, Occurrence, Plan,
    PlanCatalog, StaffMember, Timestamp, UNBOUNDED, Window, use_cases, window_of_day,
};
use testkit::fixtures::{
    CountingIds, NOW, account, attribution, choice, counter, day, hold, instant, metric_key, name, plan_key, zone,
};
use testkit::{MemoryStore, block_on};

/// The time zone of the account: 5 h 45 min ahead of UTC.
const ZONE: &str = "Asia/Kathmandu";

/// Bookings are limited by day, by month and in all. Of each plan: the limits of staff, and of
/// bookings by day, by month and in all.
fn catalog() -> PlanCatalog {
    let plan = |key, limits: [u64; 4]| {
        let metrics =
            [Metric::STAFF, Metric::BOOKINGS_PER_DAY, metric_key("bookings_per_month"), metric_key("bookings_ever")];
        let limits = metrics.into_iter().zip(limits.map(Limit::AtMost));
        limits.fold(Plan::new(plan_key(key), key), |plan, (metric, limit)| plan.with_limit(metric, limit))
    };
    let metrics = vec![
        counter("bookings_per_month", "bookings", Window::Month),
        counter("bookings_ever", "bookings", Window::Lifetime),
    ];
    let plans = vec![
        plan("small", [2, 2, 3, 100]),
        plan("medium", [2, 2, 5, 100]),
        plan("large", [9, 5, 10, 100]),
        Plan { is_self_service: false, ..plan("custom", [9, 9, 99, 999]) },
    ];
    PlanCatalog::with_metrics(metrics, Vec::new(), plans).expect("the test wrote a catalogue")
}

/// An account in a store of its own, with a catalogue that may change.
struct Salon {
    store: MemoryStore,
    ids: CountingIds,
    account: AccountId,
    catalog: PlanCatalog,
}

impl Salon {
    /// Subscribed to the plan at [`NOW`].
    fn on(plan: &str) -> Self {
        let (store, ids) = (MemoryStore::default(), CountingIds::default());
        let salon = Self { account: ids.account(), store, ids, catalog: catalog() };
        salon
            .write(|tx, _, id| tx.insert_account(&Account { zone: zone(ZONE), ..account(id) }))
            .expect("it is the first");
        let (choice, new) = (choice(plan), salon.ids.new_change(NOW));
        salon
            .write(move |tx, catalog, id| use_cases::subscribe(tx, catalog, id, &choice, false, &new))
            .expect("the catalogue has the plan");
        salon
    }

    fn write<T: Send + 'static, E: From<StorageError> + Send + 'static>(
        &self,
        mut work: impl FnMut(&mut dyn WriteTx, &PlanCatalog, AccountId) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let (catalog, account) = (self.catalog.clone(), self.account);
        let result = block_on(self.store.write(move |tx| work(tx, &catalog, account)));
        assert_eq!(block_on(self.store.verify()), Ok(Vec::new()));
        result
    }

    fn try_to_book(&self, starts_at: &str, now: Timestamp) -> Result<Booking, BookingError> {
        let (new, id) =
            (NewBooking { starts_at: Some(instant(starts_at)), ..NewBooking::default() }, self.ids.booking());
        self.write(move |tx, catalog, account| {
            use_cases::create_booking(tx, catalog, account, &new, id, &attribution(), now)
        })
    }

    fn book(&self, starts_at: &str) -> Booking {
        self.try_to_book(starts_at, NOW).expect("there is room")
    }

    /// Books hours of 2026, such as `03-25T12`.
    fn book_all(&self, hours: &[&str]) {
        for hour in hours {
            self.book(&format!("2026-{hour}:00:00Z"));
        }
    }

    fn move_to(&self, booking: &Booking, starts_at: &str) -> Result<(Booking, bool), BookingError> {
        let patch = BookingPatch { starts_at: Some(instant(starts_at)), ..BookingPatch::default() };
        let id = booking.id;
        self.write(move |tx, catalog, account| {
            use_cases::change_booking(tx, catalog, account, id, &patch, |_| true, NOW)
        })
    }

    fn remove(&self, booking: &Booking, now: Timestamp) {
        let id = booking.id;
        let removed = self.write(move |tx, _, account| use_cases::remove_booking(tx, account, id, |_| true, now));
        assert_eq!(removed, Ok(true));
    }

    fn restore(&self, booking: &Booking) -> Result<(Booking, bool), BookingError> {
        let id = booking.id;
        self.write(move |tx, catalog, account| use_cases::restore_booking(tx, catalog, account, id, NOW))
    }

    fn employ(&self, now: Timestamp) -> Result<StaffMember, AddStaffMemberError> {
        let (new, id) = (NewStaffMember { name: name("Ann"), email: None, hold_id: None }, self.ids.staff());
        self.write(move |tx, catalog, account| {
            use_cases::add_staff_member(tx, catalog, account, &new, id, &attribution(), now)
        })
    }

    /// Holds a quantity of the meter at `at`, until `expires_at`.
    fn hold(&self, meter: &'static str, quantity: u64, at: &str, expires_at: Timestamp) -> Hold {
        let hold = Hold {
            occurrence: Occurrence::new(instant(at), &zone(ZONE), None),
            expires_at,
            ..hold(self.account, self.ids.hold(), meter, quantity)
        };
        let inserted = hold.clone();
        self.write(move |tx, _, _| tx.insert_hold(&inserted)).expect("it is new");
        hold
    }

    /// The counters of a day, of its month, and of all time.
    fn counted(&self, on: &str) -> [u64; 3] {
        let windows = [
            (Metric::BOOKINGS_PER_DAY, window_of_day(day(on))),
            (metric_key("bookings_per_month"), window_of_day(day(on).first_of_month())),
            (metric_key("bookings_ever"), UNBOUNDED),
        ];
        windows.map(|(metric, window)| {
            self.write(move |tx, _, account| tx.used(account, &metric, window)).expect("it can be read")
        })
    }
}

/// The refusal of a booking.
fn refusal<T: std::fmt::Debug>(outcome: Result<T, BookingError>) -> LimitRefusal {
    match outcome {
        Err(BookingError::Admission(AdmissionError::LimitExceeded(refusal))) => *refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// The metrics that refuse: the described one first.
fn metrics(refusal: &LimitRefusal) -> Vec<&str> {
    std::iter::once(refusal).chain(&refusal.others).map(|it| it.exceeded.metric.as_str()).collect()
}

fn plans(refusal: &LimitRefusal) -> Vec<&str> {
    refusal.plans_that_allow.iter().map(domain::PlanKey::as_str).collect()
}
