//! Commands as data, and random sequences of them.

use domain::{
    Change, Date, Limit, Metric, OverLimit, STARTS_AT_MAX, STARTS_AT_MIN, Subscription, SubscriptionId, Timestamp,
    Timing, Uuid,
};
use jiff::SignedDuration;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

use super::catalog::monthly;
use crate::fixtures::{day, instant, plan_key, subscription, zone};

/// A command for one account.
#[derive(Clone, Debug)]
pub struct Command {
    /// The time of the command. It is before that of the last command if the clock was set back.
    pub at: Timestamp,
    /// The number of the account, which may not exist.
    pub account: u64,
    /// The operation.
    pub operation: Operation,
}

/// An operation on an account. Staff members and bookings are numbered in the order of their
/// requests, including refused ones. So a number may belong to another account, or to nothing.
#[derive(Clone, Debug)]
pub enum Operation {
    /// Open the account, which may exist already.
    Open {
        /// The IANA name of its time zone.
        zone: &'static str,
    },
    /// Change the time zone to one with this IANA name.
    ChangeZone(&'static str),
    /// Remove the account.
    Remove,
    /// Restore the account.
    Restore,
    /// Subscribe to a plan.
    Subscribe {
        /// The plan, which may not be in the catalogue.
        plan: &'static str,
        /// The timing.
        timing: Timing,
        /// What to do if usage is above the limits.
        over_limit: OverLimit,
    },
    /// Preview a change of plan.
    Preview {
        /// The plan, which may not be in the catalogue.
        plan: &'static str,
        /// The timing.
        timing: Timing,
    },
    /// End the subscription.
    Unsubscribe(Timing),
    /// Cancel the scheduled change.
    CancelScheduledChange,
    /// Put an override.
    PutOverride {
        /// The metric.
        metric: Metric,
        /// The limit.
        limit: Limit,
        /// Its lifetime; `None` for no expiry.
        lasts: Option<SignedDuration>,
    },
    /// Remove an override.
    RemoveOverride(Metric),
    /// Add the next staff member.
    AddStaffMember,
    /// Remove the staff member with this number.
    RemoveStaffMember(u64),
    /// Restore the staff member with this number.
    RestoreStaffMember(u64),
    /// Create the next booking.
    CreateBooking {
        /// The number of the staff member.
        staff: Option<u64>,
        /// When it begins; `None` for now.
        starts_at: Option<Moment>,
    },
    /// Change the booking with this number.
    ChangeBooking {
        /// The number of the booking.
        booking: u64,
        /// The number of the new staff member.
        staff: Change<u64>,
        /// The new beginning, if it changes.
        starts_at: Option<Moment>,
    },
    /// Remove the booking with this number.
    RemoveBooking(u64),
    /// Restore the booking with this number.
    RestoreBooking(u64),
    /// Look something up.
    Find(Sought),
    /// List the entitlements, on this day or today.
    Entitlements(Option<Date>),
    /// Check whether more would be admitted.
    Check {
        /// The metric.
        metric: Metric,
        /// How many more.
        requested: u64,
        /// The day; `None` for today.
        on: Option<Date>,
    },
}

/// The object of a lookup.
#[derive(Clone, Copy, Debug)]
pub enum Sought {
    /// The account, and whether it exists.
    Account,
    /// Its subscription.
    Subscription,
    /// The history of its subscription.
    History,
    /// The staff member with this number.
    StaffMember(u64),
    /// The booking with this number.
    Booking(u64),
    /// All accounts, and the staff members and bookings of the account.
    Lists {
        /// Whether removed ones are listed.
        include_deleted: bool,
        /// The first day of the bookings.
        from: Option<Date>,
        /// The number of the staff member of the bookings.
        staff: Option<u64>,
    },
    /// The counters: active staff members, and bookings on this day and on each day of a year
    /// before and after it.
    Counts(Date),
}

/// When a booking begins.
#[derive(Clone, Copy, Debug)]
pub enum Moment {
    /// At this instant.
    At(Timestamp),
    /// At this offset from the time of the command, which may be negative.
    In(SignedDuration),
}

impl Moment {
    /// The instant, for a command at `now`.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(instant) => instant,
            Self::In(duration) => now + duration,
        }
    }
}

/// An ordinary midnight, and difficult ones: a leap day, days of 23 and 25 hours, a change of half
/// an hour, a skipped midnight, a repeated one, a skipped day, an offset that is not a whole hour.
const DAYS: [(&str, &str); 8] = [
    ("UTC", "2028-02-29"),
    ("Europe/Berlin", "2026-03-29"),
    ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("America/Sao_Paulo", "2015-10-18"),
    ("America/St_Johns", "2010-11-07"),
    ("Pacific/Apia", "2011-12-31"),
    ("Asia/Kathmandu", "2026-03-29"),
];

/// The plans of [`super::catalog::catalog`], in several spellings, and unknown ones.
const PLANS: [&str; 9] =
    ["at-most-0", "at-most-2", "AT-MOST-2", " At-Most-4 ", "at-most-4", "unlimited", "UNLIMITED", "gold", ""];

/// Random sequences of commands. They begin by opening an account and subscribing it, so that most
/// later commands have an effect.
pub fn commands() -> impl Strategy<Value = Vec<Command>> {
    let begun = (select(&DAYS), subscribe()).prop_map(|((zone, _), begin)| (zone, [Operation::Open { zone }, begin]));
    // Most commands are for one account, so that it reaches its limits.
    let account = prop_oneof![3 => Just(0), 1 => 0..4_u64];
    (begun, vec((step(), account, operation()), 0..80)).prop_map(|((zone_name, begun), rest)| {
        // Three hours before a midnight in Berlin after which the clocks go forward, so that
        // sequences pass it.
        let begins = instant("2026-03-28T20:00:00Z");
        let (mut at, first) = (begins, subscription(SubscriptionId::from_uuid(Uuid::nil()), plan_key("any")));
        let first = Subscription { created_at: begins, ..first };
        let begun = begun.into_iter().map(|operation| (Step::By(SignedDuration::ZERO), 0, operation));
        let command = |(step, account, operation)| {
            at = match step {
                Step::By(duration) => at + duration,
                Step::ToPeriodEnd(offset) => first.period_at(&zone(zone_name), at).end + offset,
            };
            Command { at, account, operation }
        };
        begun.chain(rest).map(command).collect()
    })
}

/// The advance of the clock from one command to the next.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// By this much, which may be negative.
    By(SignedDuration),
    /// To the end of a billing period of the first subscription, and this much further.
    ToPeriodEnd(SignedDuration),
}

/// Usually a little, sometimes past a month, back, or to the exact instant of a scheduled change.
fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0..30_i64).prop_map(|seconds| Step::By(SignedDuration::from_secs(seconds))),
        4 => (0..120_i64).prop_map(|minutes| Step::By(SignedDuration::from_mins(minutes))),
        2 => (-30..60_i64).prop_map(|hours| Step::By(SignedDuration::from_hours(hours))),
        1 => (-45..70_i64).prop_map(|days| Step::By(SignedDuration::from_hours(24 * days))),
        1 => select(&[-1, 0, 0]).prop_map(|offset| Step::ToPeriodEnd(SignedDuration::from_micros(offset))),
    ]
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        4 => account_operation(),
        4 => plan_operation(),
        5 => staff_operation(),
        18 => booking_operation(),
        5 => question(),
    ]
}

fn account_operation() -> impl Strategy<Value = Operation> {
    let limit = prop_oneof![3 => (0..5_u64).prop_map(Limit::AtMost), 1 => Just(Limit::Unlimited)];
    let lasts = option::of((-2..100_i64).prop_map(SignedDuration::from_hours));
    prop_oneof![
        3 => open(),
        2 => select(&DAYS).prop_map(|(zone, _)| Operation::ChangeZone(zone)),
        1 => Just(Operation::Remove),
        3 => Just(Operation::Restore),
        3 => (metric(), limit, lasts).prop_map(|(metric, limit, lasts)| Operation::PutOverride { metric, limit, lasts }),
        1 => metric().prop_map(Operation::RemoveOverride),
    ]
}

fn plan_operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        6 => subscribe(),
        1 => (select(&PLANS), timing()).prop_map(|(plan, timing)| Operation::Preview { plan, timing }),
        1 => timing().prop_map(Operation::Unsubscribe),
        1 => Just(Operation::CancelScheduledChange),
    ]
}

fn staff_operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        4 => Just(Operation::AddStaffMember),
        2 => staff().prop_map(Operation::RemoveStaffMember),
        2 => staff().prop_map(Operation::RestoreStaffMember),
    ]
}

fn booking_operation() -> impl Strategy<Value = Operation> {
    let staff_change = prop_oneof![
        3 => Just(Change::Keep),
        1 => Just(Change::Clear),
        2 => staff().prop_map(Change::Set),
    ];
    prop_oneof![
        10 => (option::weighted(0.3, staff()), option::weighted(0.7, moment()))
            .prop_map(|(staff, starts_at)| Operation::CreateBooking { staff, starts_at }),
        4 => (booking(), staff_change, option::weighted(0.8, moment()))
            .prop_map(|(booking, staff, starts_at)| Operation::ChangeBooking { booking, staff, starts_at }),
        3 => booking().prop_map(Operation::RemoveBooking),
        3 => booking().prop_map(Operation::RestoreBooking),
    ]
}

fn question() -> impl Strategy<Value = Operation> {
    let on = || option::of(select(&DAYS).prop_map(|(_, on)| day(on)));
    let lists = (any::<bool>(), on(), option::weighted(0.3, staff()))
        .prop_map(|(include_deleted, from, staff)| Sought::Lists { include_deleted, from, staff });
    let sought = prop_oneof![
        Just(Sought::Account),
        Just(Sought::Subscription),
        Just(Sought::History),
        staff().prop_map(Sought::StaffMember),
        booking().prop_map(Sought::Booking),
        lists,
        select(&DAYS).prop_map(|(_, on)| Sought::Counts(day(on))),
    ];
    prop_oneof![
        4 => sought.prop_map(Operation::Find),
        2 => on().prop_map(Operation::Entitlements),
        2 => (metric(), 0..4_u64, on()).prop_map(|(metric, requested, on)| Operation::Check { metric, requested, on }),
    ]
}

fn open() -> impl Strategy<Value = Operation> {
    select(&DAYS).prop_map(|(zone, _)| Operation::Open { zone })
}

fn subscribe() -> impl Strategy<Value = Operation> {
    let over_limit = prop_oneof![2 => Just(OverLimit::Keep), 1 => Just(OverLimit::Reject)];
    (select(&PLANS), timing(), over_limit).prop_map(|(plan, timing, over_limit)| Operation::Subscribe {
        plan,
        timing,
        over_limit,
    })
}

fn timing() -> impl Strategy<Value = Timing> {
    prop_oneof![2 => Just(Timing::Immediate), 1 => Just(Timing::PeriodEnd)]
}

fn metric() -> impl Strategy<Value = Metric> {
    select(vec![Metric::STAFF, Metric::BOOKINGS_PER_DAY, monthly().key])
}

fn staff() -> impl Strategy<Value = u64> {
    0..6_u64
}

fn booking() -> impl Strategy<Value = u64> {
    0..15_u64
}

/// Hours from now, or an instant at midnight, just before it, at noon, or at a bound of the range
/// for bookings.
fn moment() -> impl Strategy<Value = Moment> {
    let offset = select(&[-1, 0, 1, 12 * 3_600_000_000_i64]).prop_map(SignedDuration::from_micros);
    let around_midnight =
        (select(&DAYS), offset).prop_map(|((name, on), offset)| zone(name).day(day(on)).start + offset);
    let end = any::<bool>()
        .prop_map(|first| if first { STARTS_AT_MIN } else { STARTS_AT_MAX - SignedDuration::from_micros(1) });
    prop_oneof![
        10 => (-3..30_i64).prop_map(|hours| Moment::In(SignedDuration::from_hours(hours))),
        9 => around_midnight.prop_map(Moment::At),
        1 => end.prop_map(Moment::At),
    ]
}
