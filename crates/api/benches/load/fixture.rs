//! The databases: 100,000 accounts on the largest plan, and as many bookings as a run wants to find in the file.

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;

use actix_web::rt::System;
use api::clock::{SystemClock, UuidV7Generator};
use domain::error::StorageError;
use domain::ports::{Clock, IdGenerator, Store, WriteTx};
use domain::{
    AccountId, Booking, BookingId, Credential, Date, NewAccount, NewChange, PasswordHash, PlanCatalog, PlanChoice,
    Session, SessionId, SignedDuration, SubscriptionChangeId, SubscriptionId, Timestamp, User, UserId, Username, Uuid,
    Wish, Zone, use_cases,
};
use storage::{SqliteOptions, SqliteStore};

use crate::servers::Kind;

pub(crate) const ACCOUNTS: u64 = 100_000;
const UNIT: u64 = 20_000;
/// What to step through the accounts by: prime to their number, so that each comes once before any comes again, and
/// far enough that neighbours in time are none in the file.
const STRIDE: u64 = 61_803;

#[derive(Clone)]
pub(crate) struct Fixture {
    accounts: Rc<Vec<AccountId>>,
    /// Whoever owns the accounts.
    pub(crate) owner: Credential,
    next: Rc<Cell<u64>>,
}

impl Fixture {
    /// The account that a fifth of the bookings are of.
    pub(crate) fn largest_account(&self) -> AccountId {
        self.accounts[0]
    }

    /// Another account each time, until each has come once.
    pub(crate) fn next_account(&self) -> AccountId {
        let next = self.next.get();
        self.next.set((next + STRIDE) % ACCOUNTS);
        self.accounts[next as usize]
    }

    /// An endless stream of requests, each for another account.
    pub(crate) fn requests(&self, kind: Kind, token: &str) -> impl Fn() -> Vec<u8> + 'static {
        let (fixture, token) = (self.clone(), token.to_owned());
        move || {
            let account = fixture.next_account();
            let path = if kind == Kind::Ceiling { "/constant/" } else { "/accounts/" };
            format!(
                "POST {path}{account}/bookings HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
                 Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
            )
            .into_bytes()
        }
    }
}

/// The first and the last of seven days in the middle of those that bookings were made for.
pub(crate) fn week() -> (Date, Date) {
    let day = |days: i64| Zone::UTC.day_of(SystemClock.now() - SignedDuration::from_hours(24 * days)).date;
    (day(365), day(359))
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

/// Makes the database.
pub(crate) fn fill(database: &Path, bookings: u64) -> Fixture {
    let store = SqliteStore::open(database, SqliteOptions::default()).expect("a new database");
    let accounts: Vec<AccountId> = (0..ACCOUNTS).map(|_| AccountId::from_uuid(UuidV7Generator.next_uuid())).collect();
    let owner = Owner::new();
    System::new().block_on(async {
        store.write(move |tx| owner.register(tx)).await.expect("the owner");
        for unit in accounts.chunks(UNIT as usize) {
            let unit = unit.to_vec();
            store.write(move |tx| open(tx, owner.user, &unit)).await.expect("accounts");
        }
        for first in (0..bookings).step_by(UNIT as usize) {
            let accounts = accounts.clone();
            let unit = first..(first + UNIT).min(bookings);
            let insert = move |tx: &mut dyn WriteTx| {
                unit.clone().try_for_each(|number| tx.insert_booking(&past_booking(&accounts, number, bookings)))
            };
            store.write(insert).await.expect("bookings");
        }
    });
    store.close();
    let owner = Credential::Session { id: owner.session, user_id: owner.user };
    Fixture { accounts: Rc::new(accounts), owner, next: Rc::default() }
}

/// Somebody who has registered and logged in.
#[derive(Clone, Copy)]
struct Owner {
    user: UserId,
    session: SessionId,
}

impl Owner {
    fn new() -> Self {
        Self {
            user: UserId::from_uuid(UuidV7Generator.next_uuid()),
            session: SessionId::from_uuid(UuidV7Generator.next_uuid()),
        }
    }

    fn register(self, tx: &mut dyn WriteTx) -> Result<(), StorageError> {
        let now = SystemClock.now();
        tx.insert_user(&User {
            id: self.user,
            username: Username::parse("bench").expect("a good name"),
            password: PasswordHash::from_phc("no password lets them in".to_owned()),
            is_operator: false,
            is_disabled: false,
            created_at: now,
        })?;
        let expires_at = now + SignedDuration::from_hours(24);
        tx.insert_session(&Session { id: self.session, user_id: self.user, created_at: now, expires_at })
    }
}

fn open(tx: &mut dyn WriteTx, owner: UserId, accounts: &[AccountId]) -> Result<(), StorageError> {
    let catalog = PlanCatalog::builtin();
    let now = SystemClock.now();
    let new = NewAccount::parse(Some("Bench Salon"), None).expect("a good name");
    let pro = PlanChoice::parse(Some("pro"), None, None, None).expect("a good choice");
    for &account in accounts {
        use_cases::open_account(tx, &new, account, owner, now)?;
        let new = NewChange {
            subscription_id: SubscriptionId::from_uuid(UuidV7Generator.next_uuid()),
            id: SubscriptionChangeId::from_uuid(UuidV7Generator.next_uuid()),
            wish: Wish { by: owner, at: now, reason: None },
        };
        use_cases::subscribe(tx, &catalog, account, &pro, &new).expect("a plan that there is");
    }
    Ok(())
}

/// The booking of this number among the bookings of the last two years, each made up to 30 days ahead.
fn past_booking(accounts: &[AccountId], number: u64, of: u64) -> Booking {
    const TWO_YEARS: u64 = 2 * 365 * 86_400;
    let age = TWO_YEARS - number * TWO_YEARS / of;
    let made = SystemClock.now().as_second() - age as i64 - 86_400;
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    let starts = made + (mixed % 30 * 86_400) as i64;
    let instant = |second| Timestamp::from_second(second).expect("a time of our days");
    Booking {
        id: BookingId::from_uuid(uuid(made as u64 * 1000 + number % 1000, number)),
        // A fifth of them are of one account, the others of all in turn.
        account_id: accounts
            [if number.is_multiple_of(5) { 0 } else { ((number - number / 5) * STRIDE % ACCOUNTS) as usize }],
        day: Zone::UTC.day_of(instant(starts)).date,
        starts_at: instant(starts),
        customer_name: None,
        staff_id: None,
        notes: None,
        created_at: instant(made),
        deleted_at: None,
    }
}

/// A `UUIDv7` of that millisecond.
fn uuid(millisecond: u64, number: u64) -> Uuid {
    let random = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let bits = u128::from(millisecond & 0xffff_ffff_ffff) << 80 | 0x7 << 76 | u128::from(number & 0xfff) << 64;
    Uuid::from_u128(bits | 0x8000_0000_0000_0000 | u128::from(random >> 2))
}
