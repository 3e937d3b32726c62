//! A database with rows in every table and with null and other values in every column, and all
//! reads of it.

use domain::error::StorageError;
use domain::ports::{ReadTx, Store, WriteTx};
use domain::{
    Account, AccountId, ApiKey, Booking, BookingFilter, Date, EmailAddress, Erasure, ErasureSubject, ExternalId,
    Fingerprint, IdempotencyKey, IdempotencyRecord, Limit, Metadata, Metric, Notes, Origin, Override, QUANTITY_MAX,
    Requested, Role, ScheduledChange, Scope, SecretHash, SessionId, SignedDuration, StaffId, StaffMember,
    SubscriptionChange, User, UserId, Uuid,
};
use storage::{AnyStore, DatabaseUrl, StoreOptions};
use testkit::block_on;
use testkit::counts::{count_bookings, count_staff};
use testkit::fixtures::{
    CountingIds, NOW, account, api_key, audit_entry, booking, day, name, plan_key, secret, session, staff_member,
    subscription, user, zone,
};

use crate::metered::{add_given, add_metered, read_metered};

/// How many bookings the busiest account has: several pages.
const BOOKINGS: usize = 61;
/// The days of the bookings, in turn.
const DAYS: [&str; 11] = [
    "2026-03-20",
    "2026-03-21",
    "1970-01-01",
    "2026-03-22",
    "2026-03-23",
    "2199-12-31",
    "2026-03-24",
    "2026-03-25",
    "2026-03-26",
    "2026-03-27",
    "2026-03-28",
];

/// The ids that the tests use.
#[derive(Clone, Copy)]
pub(crate) struct Filled {
    pub(crate) busy: AccountId,
    accounts: [AccountId; 3],
    users: [UserId; 2],
    session: SessionId,
}

pub(crate) fn open(url: &DatabaseUrl) -> AnyStore {
    AnyStore::open(url, StoreOptions { connections: 2, ..StoreOptions::default() }).expect("the database opens")
}

/// Fills the database.
pub(crate) fn fill(url: &DatabaseUrl) -> Filled {
    let store = open(url);
    let ids = CountingIds::default();
    let filled = Filled {
        busy: ids.account(),
        accounts: [ids.account(), ids.account(), ids.account()],
        users: [ids.user(), ids.user()],
        session: ids.session(),
    };
    let filled = Filled { accounts: [filled.busy, filled.accounts[1], filled.accounts[2]], ..filled };
    let write = move |tx: &mut dyn WriteTx| {
        let ids = CountingIds::new(1);
        add_users(tx, &filled)?;
        add_accounts(tx, &filled, &ids)?;
        let staff = add_staff(tx, &filled, &ids)?;
        add_bookings(tx, &filled, &ids, staff)?;
        add_metered(tx, [filled.busy, filled.accounts[1]], &ids)?;
        add_given(tx, [filled.busy, filled.accounts[1]], &ids)?;
        add_credentials(tx, &filled, &ids)?;
        add_audit(tx, &filled, &ids)
    };
    block_on(store.write::<_, StorageError>(write)).expect("the write succeeds");
    assert_eq!(block_on(store.verify()), Ok(Vec::new()));
    store.close();
    filled
}

fn notes(text: &str) -> Notes {
    Notes::parse(text).expect("good notes")
}

fn add_users(tx: &mut dyn WriteTx, filled: &Filled) -> Result<(), StorageError> {
    let [ann, bob] = filled.users;
    tx.insert_user(&User { is_operator: true, ..user(ann, "ann") })?;
    tx.insert_user(&User { is_disabled: true, ..user(bob, "bob") })
}

fn add_accounts(tx: &mut dyn WriteTx, filled: &Filled, ids: &CountingIds) -> Result<(), StorageError> {
    let ([busy, removed, bare], [ann, bob]) = (filled.accounts, filled.users);
    tx.insert_account(&Account {
        name: name("Žofie’s 💇🏽‍♀️"),
        zone: zone("Pacific/Auckland"),
        external_id: ExternalId::parse("cus_9s6XKzkNRiz8i3").ok(),
        metadata: Metadata::parse([("crm".to_owned(), "\"Žofie\" / 7".to_owned())]).expect("good metadata"),
        ..account(busy)
    })?;
    tx.insert_account(&Account { deleted_at: Some(NOW), ..account(removed) })?;
    tx.insert_account(&account(bare))?;
    let requested = Requested { by: ann, at: NOW, reason: Some(notes("too small")) };
    let at = NOW + SignedDuration::from_hours(999);
    let scheduled = ScheduledChange { id: ids.change(), to: None, at, requested: requested.clone() };
    for (account, scheduled) in [(busy, Some(scheduled)), (removed, None)] {
        let subscription = subscription(ids.subscription(), plan_key("pro"));
        tx.put_subscription(account, Some(&domain::Subscription { scheduled, ..subscription }), 7)?;
        for (from, to, reason) in [(None, Some("pro"), None), (Some("pro"), None, requested.reason.clone())] {
            let (from, to, requested) =
                (from.map(plan_key), to.map(plan_key), Requested { reason, ..requested.clone() });
            tx.append_subscription_change(
                account,
                &SubscriptionChange { id: ids.change(), from, to, at: NOW, requested },
            )?;
        }
    }
    for (metric, limit, expires_at) in
        [(Metric::STAFF, Limit::Unlimited, None), (Metric::BOOKINGS_PER_DAY, Limit::AtMost(QUANTITY_MAX), Some(at))]
    {
        let given = Override { metric, limit, reason: notes("a friend"), expires_at, created_by: ann, created_at: NOW };
        tx.put_override(busy, &given)?;
    }
    for (account, user, role) in [(busy, ann, Role::Owner), (busy, bob, Role::Viewer), (removed, ann, Role::Manager)] {
        tx.put_member(account, user, role, NOW)?;
    }
    tx.put_pending_owner(removed, bob, NOW)
}

/// Adds staff members, active and removed ones. Returns an active one.
fn add_staff(tx: &mut dyn WriteTx, filled: &Filled, ids: &CountingIds) -> Result<StaffId, StorageError> {
    let [active, removed, other_account] = [ids.staff(), ids.staff(), ids.staff()];
    let email = EmailAddress::parse("ann@example.com").ok();
    tx.insert_staff_member(&StaffMember { email, ..staff_member(filled.busy, active) })?;
    tx.insert_staff_member(&StaffMember { deleted_at: Some(NOW), ..staff_member(filled.busy, removed) })?;
    tx.insert_staff_member(&staff_member(filled.accounts[1], other_account))?;
    Ok(active)
}

fn add_bookings(tx: &mut dyn WriteTx, filled: &Filled, ids: &CountingIds, staff: StaffId) -> Result<(), StorageError> {
    for number in 0..BOOKINGS {
        let plain = booking(filled.busy, ids.booking(), day(DAYS[number % DAYS.len()]));
        let made = match number % 3 {
            0 => Booking { staff_id: Some(staff), version: 3, ..plain },
            1 => {
                let period = Some(day("2026-03-20"));
                Booking { customer_name: Some(name("Zoë")), notes: Some(notes("☕, please")), period, ..plain }
            }
            _ => plain,
        };
        tx.insert_booking(&made)?;
        // Before it began, and after.
        for (removed, hours) in [(4, -1), (5, 1)] {
            if number % 10 == removed {
                let deleted_at = Some(made.starts_at + SignedDuration::from_hours(hours));
                tx.update_booking(&Booking { deleted_at, ..made.clone() })?;
            }
        }
    }
    tx.insert_booking(&booking(filled.accounts[1], ids.booking(), day(DAYS[0])))
}

fn add_credentials(tx: &mut dyn WriteTx, filled: &Filled, ids: &CountingIds) -> Result<(), StorageError> {
    let [ann, bob] = filled.users;
    tx.insert_session(&session(filled.session, ann))?;
    for hash in [1, 2] {
        tx.insert_refresh_token(filled.session, &secret(hash))?;
    }
    tx.use_refresh_token(&secret(1), NOW)?;
    tx.insert_api_key(&api_key(ids.api_key(), bob))?;
    let (account_id, expires_at) = (Some(filled.busy), Some(NOW + SignedDuration::from_hours(1)));
    let last_used_at = Some(NOW);
    tx.insert_api_key(&ApiKey {
        scope: Scope::Read,
        account_id,
        expires_at,
        last_used_at,
        ..api_key(ids.api_key(), ann)
    })?;
    for key in [0, 255] {
        let subject = ErasureSubject::User(UserId::from_uuid(Uuid::from_u128(key.into())));
        let (key, answer) = (IdempotencyKey([key; 32]), (0..key).collect());
        tx.insert_erasure(&Erasure { subject, requested_at: NOW })?;
        tx.put_idempotency_record(&IdempotencyRecord {
            key,
            fingerprint: Fingerprint([7; 32]),
            answer,
            created_at: NOW,
        })?;
    }
    Ok(())
}

fn add_audit(tx: &mut dyn WriteTx, filled: &Filled, ids: &CountingIds) -> Result<(), StorageError> {
    for account in [Some(filled.busy), None, Some(filled.accounts[1]), Some(filled.busy), Some(filled.busy)] {
        let mut entry = audit_entry(ids.audit_entry(), account, filled.users[0]);
        if account.is_none() {
            entry.api_key = Some(ids.api_key());
            entry.origin = Origin { address: "2001:db8::1".parse().ok(), request_id: "another".into() };
        }
        tx.append_audit(&entry)?;
    }
    Ok(())
}

/// All reads of a store, as lines of text.
pub(crate) fn contents(url: &DatabaseUrl, filled: Filled) -> Vec<String> {
    let store = open(url);
    assert_eq!(block_on(store.verify()), Ok(Vec::new()));
    let contents = block_on(store.read::<_, StorageError>(move |tx| read_all(tx, &filled))).expect("the read succeeds");
    store.close();
    contents
}

fn read_all(tx: &mut dyn ReadTx, filled: &Filled) -> Result<Vec<String>, StorageError> {
    let mut lines = vec![format!("{:?} {:?}", tx.list_users(None, 99)?, tx.list_plans_in_use()?)];
    for account in filled.accounts {
        lines.push(format!("{:?}", tx.find_account(account)?));
        lines.push(format!("{:?} {:?}", tx.list_staff(account, true, None, 99)?, count_staff(tx, account)?));
        lines.push(format!("{:?}", tx.list_subscription_changes(account, None, 99)?));
        lines.push(format!("{:?} {:?}", tx.list_members(account, None, 99)?, tx.list_audit(account, None, 99)?));
        for day in DAYS.map(day) {
            lines.push(format!("{day} {}", count_bookings(tx, account, day)?));
        }
        for include_deleted in [false, true] {
            lines.push(pages(tx, account, &BookingFilter { include_deleted, ..BookingFilter::default() })?);
        }
        lines.push(read_metered(tx, account)?);
        let to: Option<Date> = Some(day("2026-03-22"));
        lines.push(pages(tx, account, &BookingFilter { to, ..BookingFilter::default() })?);
    }
    lines.push(format!(
        "{:?}",
        tx.find_account_by_external_id(&ExternalId::parse("cus_9s6XKzkNRiz8i3").expect("an id"))?
    ));
    for user in filled.users {
        lines.push(format!(
            "{:?} {:?}",
            tx.list_api_keys(user, None, 99)?,
            tx.list_accounts(Some(user), true, None, 99)?
        ));
    }
    lines.push(format!("{:?}", tx.find_session(filled.session)?));
    for hash in [SecretHash([1; 32]), secret(2)] {
        lines.push(format!("{:?}", tx.find_refresh_token(&hash)?));
    }
    for key in [0, 255] {
        lines.push(format!("{:?}", tx.find_idempotency_record(&IdempotencyKey([key; 32]))?));
    }
    Ok(lines)
}

/// A list of bookings, page by page.
fn pages(tx: &mut dyn ReadTx, account: AccountId, filter: &BookingFilter) -> Result<String, StorageError> {
    let (mut lines, mut after) = (Vec::new(), None);
    loop {
        let page = tx.list_bookings(account, filter, after, 7)?;
        lines.push(format!("{page:?}"));
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(lines.join("\n")),
        }
    }
}
