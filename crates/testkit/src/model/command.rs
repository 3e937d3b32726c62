//! What can be asked of Headroom, as data, and sequences of it made up at random.

use domain::{
    Change, Date, Limit, Metric, OverLimit, STARTS_AT_MAX, STARTS_AT_MIN, Subscription, SubscriptionId, Timestamp,
    Timing, Uuid,
};
use jiff::SignedDuration;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

use crate::fixtures::{day, instant, plan_key, subscription, zone};

/// One thing asked for one account.
#[derive(Clone, Debug)]
pub struct Command {
    /// What the clock shows: it was set back, if that is before the command that came before.
    pub at: Timestamp,
    /// The account's number; there may be none of that number.
    pub account: u64,
    /// What is asked.
    pub operation: Operation,
}

/// What is asked for an account. Staff members and bookings are numbered in the order in which a sequence asks for
/// them, those that are refused too: a number may name something of another account, or nothing at all.
#[derive(Clone, Copy, Debug)]
pub enum Operation {
    /// To open it, which it may be already.
    Open {
        /// The IANA name of its time zone.
        zone: &'static str,
    },
    /// To give it another time zone, of this IANA name.
    ChangeZone(&'static str),
    /// To remove it.
    Remove,
    /// To take it back.
    Restore,
    /// To put it on a plan.
    Subscribe {
        /// The plan, which the catalogue may not have.
        plan: &'static str,
        /// When.
        timing: Timing,
        /// What if there is more than it permits.
        over_limit: OverLimit,
    },
    /// To tell what putting it on a plan would mean.
    Preview {
        /// The plan, which the catalogue may not have.
        plan: &'static str,
        /// When.
        timing: Timing,
    },
    /// To take it off its plan.
    Unsubscribe(Timing),
    /// To take back what was scheduled for its subscription.
    CancelScheduledChange,
    /// To give it a limit of its own.
    PutOverride {
        /// What is limited.
        metric: Metric,
        /// How much of it is permitted.
        limit: Limit,
        /// How long it counts; for good, if left out.
        lasts: Option<SignedDuration>,
    },
    /// To take the limit of its own from it.
    RemoveOverride(Metric),
    /// To add the next staff member.
    AddStaffMember,
    /// To remove the staff member of that number.
    RemoveStaffMember(u64),
    /// To take back the staff member of that number.
    RestoreStaffMember(u64),
    /// To make the next booking.
    CreateBooking {
        /// The number of the staff member it is for.
        staff: Option<u64>,
        /// When it begins; now, if left out.
        starts_at: Option<Moment>,
    },
    /// To change the booking of that number.
    ChangeBooking {
        /// The booking's number.
        booking: u64,
        /// The number of the staff member it is for from then on.
        staff: Change<u64>,
        /// When it begins from then on, if that changes.
        starts_at: Option<Moment>,
    },
    /// To remove the booking of that number.
    RemoveBooking(u64),
    /// To take back the booking of that number.
    RestoreBooking(u64),
    /// To look something up.
    Find(Sought),
    /// To tell what it may still do, on that day or today.
    Entitlements(Option<Date>),
    /// To tell whether so many more would be admitted.
    Check {
        /// More of what.
        metric: Metric,
        /// How many.
        requested: u32,
        /// On which day; today, if left out.
        on: Option<Date>,
    },
}

/// What is looked up.
#[derive(Clone, Copy, Debug)]
pub enum Sought {
    /// The account, and whether it exists.
    Account,
    /// Its subscription.
    Subscription,
    /// How its subscription has changed.
    History,
    /// The staff member of that number.
    StaffMember(u64),
    /// The booking of that number.
    Booking(u64),
    /// All accounts, and the account's staff and bookings, from the first day or the staff member of that number on.
    Lists {
        /// Whether what was removed is wanted too.
        include_deleted: bool,
        /// The first day of the bookings that are wanted.
        from: Option<Date>,
        /// The number of the staff member whose bookings are wanted.
        staff: Option<u64>,
    },
    /// How many active staff members it has, and bookings on that day and on each day of a year before and after it.
    Counts(Date),
}

/// When a booking begins.
#[derive(Clone, Copy, Debug)]
pub enum Moment {
    /// At this instant.
    At(Timestamp),
    /// So long after it is asked for, or before.
    In(SignedDuration),
}

impl Moment {
    /// The instant, for whoever asks at `now`.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(instant) => instant,
            Self::In(duration) => now + duration,
        }
    }
}

/// Midnights that are easy to get wrong, but for the first: a leap day, 23 and 25 hours, half an hour, a midnight that
/// never came, one that came twice, a day that was skipped, an offset that is no whole hour.
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

/// Every plan of [`super::run::catalog`], in several spellings, and some that it has not.
const PLANS: [&str; 9] =
    ["at-most-0", "at-most-2", "AT-MOST-2", " At-Most-4 ", "at-most-4", "unlimited", "UNLIMITED", "gold", ""];

/// Any sequence of commands; it opens an account and subscribes it to begin with, so that most of it is to the point.
pub fn commands() -> impl Strategy<Value = Vec<Command>> {
    let begun = (select(&DAYS), subscribe()).prop_map(|((zone, _), begin)| (zone, [Operation::Open { zone }, begin]));
    // Most of it for one account, so that it meets its limits.
    let account = prop_oneof![3 => Just(0), 1 => 0..4_u64];
    (begun, vec((step(), account, operation()), 0..80)).prop_map(|((zone_name, begun), rest)| {
        // Three hours before a midnight in Berlin after which the clocks go forward, so that a sequence runs past it.
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

/// How far the clock goes from one command to the next.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// So far, or back.
    By(SignedDuration),
    /// To when a month of the first subscription ends, and so far past that.
    ToPeriodEnd(SignedDuration),
}

/// Most often a little, sometimes past a month, sometimes back, sometimes to the very instant of a scheduled change.
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
    let limit = prop_oneof![3 => (0..5_u32).prop_map(Limit::AtMost), 1 => Just(Limit::Unlimited)];
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
        2 => (metric(), 0..4_u32, on()).prop_map(|(metric, requested, on)| Operation::Check { metric, requested, on }),
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
    select(&[Metric::Staff, Metric::BookingsPerDay])
}

fn staff() -> impl Strategy<Value = u64> {
    0..6_u64
}

fn booking() -> impl Strategy<Value = u64> {
    0..15_u64
}

/// Hours from now, or an instant at a midnight, just before it, at noon, or at an end of what can be booked.
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
