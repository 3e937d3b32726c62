//! The databases: accounts on the largest plan, and as many bookings as a run wants to find there.

use std::cell::Cell;
use std::net::Ipv4Addr;
use std::ops::Range;
use std::rc::Rc;

use actix_web::rt::System;
use api::clock::{SystemClock, UuidV7Generator};
use domain::error::StorageError;
use domain::ports::{Clock, IdGenerator, Store, WriteTx};
use domain::{
    AccountId, Attribution, Booking, BookingId, Credential, Date, Name, NewAccount, NewChange, Origin, PasswordHash,
    PlanCatalog, PlanChoice, Session, SessionId, SignedDuration, StaffId, StaffMember, SubscriptionChangeId,
    SubscriptionId, Timestamp, User, UserId, Username, Uuid, Wish, Zone, use_cases,
};
use storage::{AnyStore, StoreOptions};

use crate::servers::Kind;

/// Whoever owns the accounts, and has logged in.
pub(crate) const USER: &str = "00000000-0000-7000-8000-a00000000001";
pub(crate) const SESSION: &str = "00000000-0000-7000-8000-a00000000002";
const STAFF_MEMBER: &str = "00000000-0000-7000-8000-a00000000003";
const UNIT: u64 = 20_000;
/// What to step through the accounts by: prime to their number, so that each comes once before any comes again, and
/// far enough that neighbours in time are none in the file.
const STRIDE: u64 = 61_803;

/// The account of this number.
pub(crate) fn account(number: u64) -> AccountId {
    AccountId::from_uuid(parsed(&format!("00000000-0000-7000-8000-{number:012}")))
}

fn parsed(uuid: &str) -> Uuid {
    uuid.parse().expect("a UUID")
}

fn user() -> UserId {
    UserId::from_uuid(parsed(USER))
}

fn session() -> SessionId {
    SessionId::from_uuid(parsed(SESSION))
}

/// What whoever owns the accounts shows.
pub(crate) fn owner() -> Credential {
    Credential::Session { id: session(), user_id: user() }
}

#[derive(Clone)]
pub(crate) struct Fixture {
    pub(crate) accounts: u64,
    next: Rc<Cell<u64>>,
    /// What is asked for.
    body: String,
}

impl Fixture {
    /// So many accounts, of which the first comes first.
    pub(crate) fn of(accounts: u64) -> Self {
        Self::from(accounts, 0)
    }

    /// So many accounts, of which this one comes first.
    pub(crate) fn from(accounts: u64, first: u64) -> Self {
        Self { accounts, next: Rc::new(Cell::new(first % accounts)), body: "{}".to_owned() }
    }

    /// The number of an account that comes half a round after the next.
    pub(crate) fn half_way(&self) -> u64 {
        self.next.get() + self.accounts / 2
    }

    /// The same, for tomorrow: after so many bookings that today might be full.
    pub(crate) fn tomorrow(&self) -> Self {
        let tomorrow = SystemClock.now() + SignedDuration::from_hours(24);
        Self { body: format!(r#"{{"starts_at":"{tomorrow}"}}"#), ..self.clone() }
    }

    /// Another account each time, until each has come once.
    pub(crate) fn next_account(&self) -> AccountId {
        let next = self.next.get();
        self.next.set((next + STRIDE) % self.accounts);
        account(next)
    }

    /// An endless stream of requests, each for another account.
    pub(crate) fn requests(&self, kind: Kind, token: &str) -> impl Fn() -> Vec<u8> + 'static {
        let (fixture, token) = (self.clone(), token.to_owned());
        move || {
            let account = fixture.next_account();
            let path = if kind == Kind::Ceiling { "/constant/" } else { "/accounts/" };
            let (body, length) = (&fixture.body, fixture.body.len());
            format!(
                "POST {path}{account}/bookings HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
                 Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
            )
            .into_bytes()
        }
    }
}

/// The staff member of the account of the number 0, who has 20 of its bookings, from the first to the last.
pub(crate) fn staff_member() -> StaffId {
    StaffId::from_uuid(parsed(STAFF_MEMBER))
}

/// A day up to which a fifth of the bookings of the account of the number 0 were made, all removed; those before them are not.
pub(crate) fn removed_until() -> Date {
    days_ago(150)
}

/// The first and the last of seven days in the middle of those that bookings were made for.
pub(crate) fn week() -> (Date, Date) {
    (days_ago(365), days_ago(359))
}

fn days_ago(days: i64) -> Date {
    Zone::UTC.day_of(SystemClock.now() - SignedDuration::from_hours(24 * days)).date
}

/// A login that costs what every login costs, and is refused, so that nothing piles up.
pub(crate) fn login() -> Vec<u8> {
    let body = r#"{"username":"nobody","password":"not the password"}"#;
    let (host, length) = ("Host: localhost", body.len());
    format!(
        "POST /token HTTP/1.1\r\n{host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Makes the database at `url`, with so many bookings besides the first of each account; a fifth of them are of the
/// account of the number 0.
pub(crate) fn fill(url: &str, accounts: u64, bookings: u64) -> Fixture {
    let store = AnyStore::open(&url.parse().expect("a good URL"), StoreOptions::default()).expect("a new database");
    System::new().block_on(async {
        store.write(register).await.expect("the owner");
        for first in (0..accounts).step_by(UNIT as usize) {
            let unit = first..(first + UNIT).min(accounts);
            store.write(move |tx| open(tx, unit.clone())).await.expect("accounts");
        }
        store.write(hire).await.expect("a staff member");
        for first in (0..bookings).step_by(UNIT as usize) {
            let unit = first..(first + UNIT).min(bookings);
            let insert = move |tx: &mut dyn WriteTx| {
                unit.clone().try_for_each(|number| tx.insert_booking(&listed_booking(accounts, number, bookings)))
            };
            store.write(insert).await.expect("bookings");
        }
    });
    store.close();
    Fixture::of(accounts)
}

/// Somebody registers and logs in.
fn register(tx: &mut dyn WriteTx) -> Result<(), StorageError> {
    let now = SystemClock.now();
    tx.insert_user(&User {
        id: user(),
        username: Username::parse("bench").expect("a good name"),
        password: PasswordHash::from_phc("no password lets them in".to_owned()),
        is_operator: false,
        is_disabled: false,
        created_at: now,
    })?;
    let expires_at = now + SignedDuration::from_hours(24);
    tx.insert_session(&Session { id: session(), user_id: user(), created_at: now, expires_at })
}

fn open(tx: &mut dyn WriteTx, accounts: Range<u64>) -> Result<(), StorageError> {
    let catalog = PlanCatalog::builtin();
    let now = SystemClock.now();
    let new = NewAccount::parse(Some("Bench Salon"), None).expect("a good name");
    let pro = PlanChoice::parse(Some("pro"), None, None, None).expect("a good choice");
    for account in accounts.map(account) {
        use_cases::open_account(tx, &new, account, user(), now)?;
        let new = NewChange {
            subscription_id: SubscriptionId::from_uuid(UuidV7Generator.next_uuid()),
            id: SubscriptionChangeId::from_uuid(UuidV7Generator.next_uuid()),
            wish: Wish { by: user(), at: now, reason: None },
        };
        use_cases::subscribe(tx, &catalog, account, &pro, &new).expect("a plan that there is");
    }
    Ok(())
}

fn hire(tx: &mut dyn WriteTx) -> Result<(), StorageError> {
    tx.insert_staff_member(&StaffMember {
        id: staff_member(),
        account_id: account(0),
        name: Name::parse("Ann").expect("a good name"),
        email: None,
        created_at: SystemClock.now(),
        deleted_at: None,
        version: 1,
        created_by: attribution(),
    })
}

/// The booking of this number, as the lists of the account of the number 0 are to have it.
fn listed_booking(accounts: u64, number: u64, of: u64) -> Booking {
    let booking = past_booking(accounts, number, of);
    if booking.account_id != account(0) {
        return booking;
    }
    let is_removed = (of / 10 * 6..of / 10 * 8).contains(&number);
    let (staff_id, deleted_at) = (Some(staff_member()), Some(booking.created_at));
    Booking {
        staff_id: staff_id.filter(|_| number.is_multiple_of(of / 20)),
        deleted_at: deleted_at.filter(|_| is_removed),
        ..booking
    }
}

/// The booking of this number among the bookings of the last two years, each made up to 30 days ahead.
fn past_booking(accounts: u64, number: u64, of: u64) -> Booking {
    const TWO_YEARS: u64 = 2 * 365 * 86_400;
    let age = TWO_YEARS - number * TWO_YEARS / of;
    let made = SystemClock.now().as_second() - age as i64 - 86_400;
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    let starts = made + (mixed % 30 * 86_400) as i64;
    let instant = |second| Timestamp::from_second(second).expect("a time of our days");
    Booking {
        id: BookingId::from_uuid(uuid(made as u64 * 1000 + number % 1000, number)),
        // A fifth of them are of one account, the others of all in turn.
        account_id: account(if number.is_multiple_of(5) { 0 } else { (number - number / 5) * STRIDE % accounts }),
        day: Zone::UTC.day_of(instant(starts)).date,
        starts_at: instant(starts),
        customer_name: None,
        staff_id: None,
        notes: None,
        created_at: instant(made),
        deleted_at: None,
        version: 1,
        created_by: attribution(),
    }
}

/// What a row says of a request by the owner of the accounts.
pub(crate) fn attribution() -> Attribution {
    let origin =
        Origin { address: Some(Ipv4Addr::LOCALHOST.into()), request_id: "0195b1e0c5f27a4e8a3f6d2b9c1e7f04".into() };
    Attribution { user_id: user(), api_key: None, origin }
}

/// A `UUIDv7` of that millisecond.
fn uuid(millisecond: u64, number: u64) -> Uuid {
    let random = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let bits = u128::from(millisecond & 0xffff_ffff_ffff) << 80 | 0x7 << 76 | u128::from(number & 0xfff) << 64;
    Uuid::from_u128(bits | 0x8000_0000_0000_0000 | u128::from(random >> 2))
}
