//! What can be asked of Headroom, as data, and sequences of it made up at random.

use domain::{Date, STARTS_AT_MAX, STARTS_AT_MIN, Timestamp};
use jiff::SignedDuration;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

use crate::fixtures::{day, zone};

/// One thing asked for one account.
#[derive(Clone, Debug)]
pub struct Command {
    /// The account's number; there may be none of that number.
    pub account: u64,
    /// What is asked.
    pub wish: Wish,
}

/// What is asked for an account. Staff members and bookings are numbered in the order in which a sequence asks for
/// them, those that are refused too: a number may name something of another account, or nothing at all.
#[derive(Clone, Copy, Debug)]
pub enum Wish {
    /// To open it, which it may be already.
    Open {
        /// The IANA name of its time zone.
        zone: &'static str,
    },
    /// To put it on a plan.
    Subscribe {
        /// The plan, which the catalogue may not have.
        plan: &'static str,
    },
    /// To add the next staff member.
    AddStaffMember,
    /// To make the next booking.
    CreateBooking {
        /// The number of the staff member it is for.
        staff: Option<u64>,
        /// When it begins; now, if left out.
        starts_at: Option<Timestamp>,
    },
    /// To look it up.
    FindAccount,
    /// To look up its subscription.
    FindSubscription,
    /// To look up the staff member of that number.
    FindStaffMember(u64),
    /// To look up the booking of that number.
    FindBooking(u64),
    /// To count its active staff members.
    CountActiveStaff,
    /// To count its bookings on that day.
    CountBookingsOn(Date),
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
    let begun =
        (open(), subscribe()).prop_map(|(open, subscribe)| [open, subscribe].map(|wish| Command { account: 0, wish }));
    // Most of it for one account, so that it meets its limits.
    let account = prop_oneof![3 => Just(0), 1 => 0..4_u64];
    let command = (account, wish()).prop_map(|(account, wish)| Command { account, wish });
    (begun, vec(command, 0..60)).prop_map(|(begun, rest)| begun.into_iter().chain(rest).collect())
}

fn wish() -> impl Strategy<Value = Wish> {
    let staff = 0..6_u64;
    let booking = 0..20_u64;
    prop_oneof![
        2 => open(),
        3 => subscribe(),
        4 => Just(Wish::AddStaffMember),
        12 => (option::weighted(0.3, staff.clone()), option::of(starts_at()))
            .prop_map(|(staff, starts_at)| Wish::CreateBooking { staff, starts_at }),
        1 => Just(Wish::FindAccount),
        1 => Just(Wish::FindSubscription),
        1 => staff.prop_map(Wish::FindStaffMember),
        1 => booking.prop_map(Wish::FindBooking),
        1 => Just(Wish::CountActiveStaff),
        1 => select(&DAYS).prop_map(|(_, on)| Wish::CountBookingsOn(day(on))),
    ]
}

fn open() -> impl Strategy<Value = Wish> {
    select(&DAYS).prop_map(|(zone, _)| Wish::Open { zone })
}

fn subscribe() -> impl Strategy<Value = Wish> {
    select(&PLANS).prop_map(|plan| Wish::Subscribe { plan })
}

/// An instant at a midnight, just before it, at noon, or at an end of what can be booked.
fn starts_at() -> impl Strategy<Value = Timestamp> {
    let offset = select(&[-1, 0, 1, 12 * 3_600_000_000_i64]).prop_map(SignedDuration::from_micros);
    let around_midnight =
        (select(&DAYS), offset).prop_map(|((name, on), offset)| zone(name).day(day(on)).start + offset);
    let end = any::<bool>()
        .prop_map(|first| if first { STARTS_AT_MIN } else { STARTS_AT_MAX - SignedDuration::from_micros(1) });
    prop_oneof![9 => around_midnight, 1 => end]
}
