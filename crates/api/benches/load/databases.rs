//! The databases: accounts on the largest plan, users, and as many earlier bookings as a run needs.

use std::sync::Arc;

use actix_web::rt::System;
use api::clock::{SystemClock, UuidV7Generator};
use domain::error::StorageError;
use domain::ports::{Clock, IdGenerator, Store, WriteTx};
use domain::{
    AccountId, Booking, BookingId, Limit, Metric, Name, NewAccount, NewChange, Notes, Override, PasswordHash,
    PlanCatalog, PlanChoice, Requested, Session, SignedDuration, StaffMember, SubscriptionChangeId, SubscriptionId,
    Timestamp, User, UserId, Username, Uuid, Zone, use_cases,
};
use storage::{AnyStore, StoreOptions};

use crate::fixture::{FULL, STRIDE, Special, account, attribution, in_days, session, staff_member, user};

/// How many rows are inserted in one unit of work.
const UNIT: u64 = 20_000;
/// How many bookings a day the plan permits.
const BOOKINGS_PER_DAY: u64 = 20;

/// Inserts rows `0..count`, [`UNIT`] of them in one unit of work.
async fn insert_all(
    store: &AnyStore,
    count: u64,
    insert: impl Fn(&mut dyn WriteTx, u64) -> Result<(), StorageError> + Clone + Send + 'static,
) {
    for first in (0..count).step_by(UNIT as usize) {
        let (rows, insert) = (first..(first + UNIT).min(count), insert.clone());
        let unit = move |tx: &mut dyn WriteTx| rows.clone().try_for_each(|number| insert(tx, number));
        store.write(unit).await.expect("the rows can be inserted");
    }
}

fn with_store(url: &str, fill: impl AsyncFnOnce(&AnyStore)) {
    let store = AnyStore::open(&url.parse().expect("a good URL"), StoreOptions::default()).expect("a database");
    System::new().block_on(fill(&store));
    store.close();
}

/// Creates the database at `url`: the owner, so many accounts and users, and the special accounts.
pub(crate) fn fill(url: &str, accounts: u64) {
    let first_full = accounts + Special::Full as u64;
    with_store(url, async |store| {
        store.write(insert_owner).await.expect("the owner");
        let catalog = Arc::new(PlanCatalog::builtin());
        insert_all(store, first_full + FULL, move |tx, number| insert_account(tx, &catalog, account(number))).await;
        insert_all(store, accounts, |tx, number| insert_user(tx, number)).await;
        let [many, unlimited] = [Special::Many, Special::Unlimited].map(|special| account(accounts + special as u64));
        store.write(move |tx| insert_staff_member(tx, many)).await.expect("a staff member");
        store.write(move |tx| tx.put_override(unlimited, &no_limit())).await.expect("an override");
        insert_all(store, FULL * BOOKINGS_PER_DAY, move |tx, number| {
            let id = UuidV7Generator.next_uuid();
            tx.insert_booking(&booking(id, account(first_full + number % FULL), SystemClock.now(), in_days(1)))
        })
        .await;
    });
}

/// Adds so many bookings of the last two years to a database with so many accounts.
pub(crate) fn add_earlier_bookings(url: &str, accounts: u64, bookings: u64) {
    with_store(url, async |store| {
        insert_all(store, bookings, move |tx, number| tx.insert_booking(&earlier_booking(accounts, number, bookings)))
            .await;
    });
}

fn insert_owner(tx: &mut dyn WriteTx) -> Result<(), StorageError> {
    let now = SystemClock.now();
    tx.insert_user(&new_user(user(), "bench", now))?;
    let expires_at = now + SignedDuration::from_hours(24);
    tx.insert_session(&Session { id: session(), user_id: user(), created_at: now, expires_at })
}

fn insert_user(tx: &mut dyn WriteTx, number: u64) -> Result<(), StorageError> {
    let id = UserId::from_uuid(UuidV7Generator.next_uuid());
    tx.insert_user(&new_user(id, &format!("user-{number}"), SystemClock.now()))
}

fn new_user(id: UserId, username: &str, created_at: Timestamp) -> User {
    let username = Username::parse(username).expect("a good name");
    let password = PasswordHash::from_phc("no password has this hash".to_owned());
    User { id, username, password, is_operator: false, is_disabled: false, created_at }
}

fn insert_account(tx: &mut dyn WriteTx, catalog: &PlanCatalog, account: AccountId) -> Result<(), StorageError> {
    let now = SystemClock.now();
    let new = NewAccount::parse(Some("Bench Salon"), None).expect("a good name");
    use_cases::open_account(tx, &new, account, user(), now)?;
    let pro = PlanChoice::parse(Some("pro"), None, None, None).expect("a good choice");
    let change = NewChange {
        subscription_id: SubscriptionId::from_uuid(UuidV7Generator.next_uuid()),
        id: SubscriptionChangeId::from_uuid(UuidV7Generator.next_uuid()),
        requested: Requested { by: user(), at: now, reason: None },
    };
    use_cases::subscribe(tx, catalog, account, &pro, false, &change).expect("a plan that there is");
    Ok(())
}

fn insert_staff_member(tx: &mut dyn WriteTx, account_id: AccountId) -> Result<(), StorageError> {
    tx.insert_staff_member(&StaffMember {
        id: staff_member(),
        account_id,
        name: Name::parse("Ann").expect("a good name"),
        email: None,
        created_at: SystemClock.now(),
        deleted_at: None,
        version: 1,
        created_by: attribution(),
    })
}

fn no_limit() -> Override {
    Override {
        metric: Metric::BOOKINGS_PER_DAY,
        limit: Limit::Unlimited,
        reason: Notes::parse("The benchmark books for this account alone.").expect("a good reason"),
        expires_at: None,
        created_by: user(),
        created_at: SystemClock.now(),
    }
}

fn booking(id: Uuid, account_id: AccountId, created_at: Timestamp, starts_at: Timestamp) -> Booking {
    Booking {
        id: BookingId::from_uuid(id),
        account_id,
        day: Zone::UTC.day_of(starts_at).date,
        period: None,
        starts_at,
        customer_name: None,
        staff_id: None,
        notes: None,
        created_at,
        deleted_at: None,
        version: 1,
        created_by: attribution(),
    }
}

/// The booking of this number among those of the last two years, each created up to 30 days ahead.
fn earlier_booking(accounts: u64, number: u64, of: u64) -> Booking {
    const TWO_YEARS: u64 = 2 * 365 * 86_400;
    let special = |special| account(accounts + special as u64);
    let account_id = match number {
        _ if number % (of / 5) == of / 10 + 1 => special(Special::Few),
        _ if number.is_multiple_of(5) => special(Special::Many),
        _ => account((number - number / 5) * STRIDE % accounts),
    };
    let created = SystemClock.now().as_second() - (TWO_YEARS - number * TWO_YEARS / of) as i64 - 86_400;
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    let starts = created + (mixed % 30 * 86_400) as i64;
    let instant = |second| Timestamp::from_second(second).expect("a time of our days");
    let id = uuid(created as u64 * 1000 + number % 1000, number);
    let staff_id = Some(staff_member()).filter(|_| number.is_multiple_of(of / 20));
    Booking { staff_id, ..booking(id, account_id, instant(created), instant(starts)) }
}

/// A `UUIDv7` of that millisecond.
fn uuid(millisecond: u64, number: u64) -> Uuid {
    let random = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let bits = u128::from(millisecond & 0xffff_ffff_ffff) << 80 | 0x7 << 76 | u128::from(number & 0xfff) << 64;
    Uuid::from_u128(bits | 0x8000_0000_0000_0000 | u128::from(random >> 2))
}
