//! Which bookings are asked for, and the accounts that they are for.

use std::cell::Cell;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::sync::LazyLock;

use api::clock::SystemClock;
use domain::ports::Clock;
use domain::{
    AccountId, Attribution, Credential, Date, Origin, SessionId, SignedDuration, StaffId, Timestamp, UserId, Uuid, Zone,
};

/// The user who owns the accounts, and their session.
const USER: &str = "00000000-0000-7000-8000-a00000000001";
const SESSION: &str = "00000000-0000-7000-8000-a00000000002";
const STAFF_MEMBER: &str = "00000000-0000-7000-8000-a00000000003";
/// What to step through the accounts by: prime to their number, so that each comes once before any
/// comes again, and so large that accounts that follow each other are no neighbours in the file.
pub(crate) const STRIDE: u64 = 61_803;
/// How many days ahead bookings are spread over: prime to the number of accounts, so that each
/// account has all of them.
const DAYS_AHEAD: i64 = 31;
/// How many accounts have a day that is full.
pub(crate) const FULL: u64 = 2_000;

/// Accounts that the load does not book for. Their numbers come after those that it does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Special {
    /// A fifth of all earlier bookings.
    Many,
    /// Five bookings in two years.
    Few,
    /// No booking.
    NoBookings,
    /// No limit: the load may book for this account alone.
    Unlimited,
    /// The first of [`FULL`] accounts for which tomorrow is full.
    Full,
}

/// The account of this number.
pub(crate) fn account(number: u64) -> AccountId {
    AccountId::from_uuid(parsed(&format!("00000000-0000-7000-8000-{number:012}")))
}

fn parsed(uuid: &str) -> Uuid {
    uuid.parse().expect("a UUID")
}

pub(crate) fn user() -> UserId {
    UserId::from_uuid(parsed(USER))
}

pub(crate) fn session() -> SessionId {
    SessionId::from_uuid(parsed(SESSION))
}

/// What the owner of the accounts authenticates with.
pub(crate) fn owner() -> Credential {
    Credential::Session { id: session(), user_id: user() }
}

/// Where the rows say that they come from.
pub(crate) fn attribution() -> Attribution {
    let origin =
        Origin { address: Some(Ipv4Addr::LOCALHOST.into()), request_id: "0195b1e0c5f27a4e8a3f6d2b9c1e7f04".into() };
    Attribution { user_id: user(), api_key: None, origin }
}

/// The staff member of [`Special::Many`], who has 20 of its bookings, from the first to the last.
pub(crate) fn staff_member() -> StaffId {
    StaffId::from_uuid(parsed(STAFF_MEMBER))
}

/// The first and the last day of a month in the middle of those that have earlier bookings.
pub(crate) fn month() -> (Date, Date) {
    let day = |ago: i64| Zone::UTC.day_of(in_days(-ago)).date;
    (day(380), day(351))
}

/// An instant some days after the run began: tomorrow stays the same day if midnight passes during
/// the run.
pub(crate) fn in_days(days: i64) -> Timestamp {
    static BEGIN: LazyLock<Timestamp> = LazyLock::new(|| SystemClock.now());
    *BEGIN + SignedDuration::from_hours(24 * days)
}

/// A stream of bookings: for which accounts, and when.
#[derive(Clone)]
pub(crate) struct Fixture {
    /// How many accounts the load books for in the whole database.
    accounts: u64,
    /// Of which accounts this stream is: their first number, and how many they are.
    first: u64,
    count: u64,
    next: Rc<Cell<u64>>,
    /// The times when the bookings begin, in turn; now if empty.
    starts: Vec<Timestamp>,
    turn: Rc<Cell<usize>>,
}

impl Fixture {
    /// Bookings for today, for each of so many accounts in turn.
    pub(crate) fn of(accounts: u64) -> Self {
        Self::from(accounts, 0)
    }

    /// The same, of which this account comes first.
    pub(crate) fn from(accounts: u64, next: u64) -> Self {
        let (next, turn) = (Rc::new(Cell::new(next % accounts)), Rc::default());
        Self { accounts, first: 0, count: accounts, next, starts: Vec::new(), turn }
    }

    /// The same accounts, the days spread over the next [`DAYS_AHEAD`].
    pub(crate) fn spread(&self) -> Self {
        Self { starts: (1..=DAYS_AHEAD).map(in_days).collect(), ..self.clone() }
    }

    /// The same accounts, tomorrow.
    pub(crate) fn tomorrow(&self) -> Self {
        Self { starts: vec![in_days(1)], ..self.clone() }
    }

    /// Bookings that are refused, because the day is full.
    pub(crate) fn refused(&self) -> Self {
        Self { first: self.accounts + Special::Full as u64, count: FULL, next: Rc::default(), ..self.tomorrow() }
    }

    /// Bookings for tomorrow, for the one account without a limit.
    pub(crate) fn one_account(&self) -> Self {
        Self { first: self.special_number(Special::Unlimited), count: 1, next: Rc::default(), ..self.tomorrow() }
    }

    /// The number of an account that comes half a round after the next.
    pub(crate) fn half_way(&self) -> u64 {
        self.next.get() + self.count / 2
    }

    pub(crate) fn special(&self, special: Special) -> AccountId {
        account(self.special_number(special))
    }

    pub(crate) fn special_number(&self, special: Special) -> u64 {
        self.accounts + special as u64
    }

    /// Another account each time, until each has come once.
    pub(crate) fn next_account(&self) -> AccountId {
        let next = self.next.get();
        self.next.set((next + STRIDE) % self.count);
        account(self.first + next)
    }

    /// When the next booking starts, if it is not now.
    pub(crate) fn next_start(&self) -> Option<Timestamp> {
        let turn = self.turn.get();
        self.turn.set(turn + 1);
        self.starts.get(turn % self.starts.len().max(1)).copied()
    }

    /// An endless stream of requests to `POST {before}{account}/bookings`.
    pub(crate) fn requests(&self, before: &'static str, token: &str) -> impl Fn() -> Vec<u8> + 'static + use<> {
        let (fixture, token) = (self.clone(), token.to_owned());
        move || {
            let account = fixture.next_account();
            let body = match fixture.next_start() {
                None => "{}".to_owned(),
                Some(start) => format!(r#"{{"starts_at":"{start}"}}"#),
            };
            let length = body.len();
            format!(
                "POST {before}{account}/bookings HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
                 Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
            )
            .into_bytes()
        }
    }
}
