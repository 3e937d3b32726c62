//! Erasure of accounts and users: no personal data is left, and counters and the audit log stay.

use core::net::{IpAddr, Ipv4Addr};

use domain::ports::{Store, WriteTx};
use domain::{
    Account, AccountId, Attribution, AuditEntry, BookingFilter, BookingId, Charge, ERASED, ErasureCounts,
    ErasureSubject, HoldId, Metric, Origin, Role, SignedDuration, StaffId, UNBOUNDED, UsageFilter, UsageRecordId, User,
    use_cases, window_of_day,
};

use super::{assert_consistent, commit, look, open, register};
use crate::block_on;
use crate::fixtures::{
    CountingIds, NOW, account, allocation, allocation_key, attribution, audit_entry, booking, day, feature_override,
    grant, hold, meter_key, metric_key, secret, session, staff_member, usage_record,
};

/// An account with rows in every table, and where they are.
struct Filled {
    account: Account,
    staff: StaffId,
    booking: BookingId,
    usage: UsageRecordId,
    hold: HoldId,
}

fn origin() -> Origin {
    Origin { address: Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7))), request_id: "the request".into() }
}

fn erased_origin() -> Origin {
    Origin { address: None, request_id: ERASED.into() }
}

fn by(user: &User) -> Attribution {
    Attribution { user_id: user.id, origin: origin(), ..attribution() }
}

/// Opens an account with rows that `user` created.
fn fill(store: &impl Store, ids: &CountingIds, user: &User) -> Filled {
    let opened = open(store, ids.account());
    let id = opened.id;
    let member = domain::StaffMember { created_by: by(user), ..staff_member(id, ids.staff()) };
    let on = day("2026-03-20");
    let booked = domain::Booking {
        staff_id: Some(member.id),
        customer_name: Some(crate::fixtures::name("Ben")),
        created_by: by(user),
        ..booking(id, ids.booking(), on)
    };
    let record = domain::UsageRecord { created_by: by(user), ..usage_record(id, ids.usage_record(), "sms", 3) };
    let held = domain::Hold { created_by: by(user), ..hold(id, ids.hold(), "sms", 1) };
    let allocated = domain::Allocation { created_by: by(user), ..allocation(id, "projects", "ann@example.com", 2) };
    let granted = grant(ids.grant(), metric_key("sms"), 5);
    let entry = AuditEntry { origin: origin(), ..audit_entry(ids.audit_entry(), Some(id), user.id) };
    let filled = Filled { account: opened, staff: member.id, booking: booked.id, usage: record.id, hold: held.id };
    let user = user.id;
    commit(store, move |tx| {
        tx.insert_staff_member(&member)?;
        tx.insert_booking(&booked)?;
        tx.insert_usage_record(&record)?;
        let charge = Charge { metric: metric_key("sms"), window_start: NOW, quantity: 3 };
        tx.charge(id, record.id.uuid(), &[charge], true)?;
        tx.insert_hold(&held)?;
        tx.put_allocation(&allocated)?;
        tx.insert_grant(id, &granted)?;
        tx.put_feature_override(id, &feature_override("sso", domain::FeatureValue::Switch(true)))?;
        tx.put_member(id, user, Role::Owner, NOW)?;
        tx.append_audit(&entry)
    });
    filled
}

/// Runs all steps of all erasures, of `max` rows each.
fn finish(store: &impl Store, max: usize) {
    let mut steps = 0;
    while commit(store, move |tx| tx.continue_erasure(max)) {
        steps += 1;
        assert!(steps < 1_000, "the erasure does not end");
        // The counters are exact at every commit.
        assert_consistent(store);
    }
}

fn erase_account(store: &impl Store, id: AccountId) {
    let at = NOW + SignedDuration::from_secs(1);
    block_on(store.write(move |tx: &mut dyn WriteTx| use_cases::erase_account(tx, id, at))).expect("it exists");
}

/// Members, bookings, usage, holds, allocations and grants are gone; staff members are without name
/// and address. Another account keeps everything.
pub fn nothing_personal_is_left_of_an_erased_account(store: &impl Store) {
    let ids = CountingIds::default();
    let ann = register(store, &ids);
    let (erased, kept) = (fill(store, &ids, &ann), fill(store, &ids, &ann));
    erase_account(store, erased.account.id);
    for max in [1, 2, 100] {
        finish(store, max);
    }
    for (filled, is_erased) in [(&erased, true), (&kept, false)] {
        let (id, Filled { staff, booking, usage, hold, .. }) = (filled.account.id, filled);
        let (staff, booking, usage, hold) = (*staff, *booking, *usage, *hold);
        let found = look(store, move |tx| {
            let all = BookingFilter { include_deleted: true, ..BookingFilter::default() };
            assert_eq!(tx.list_bookings(id, &all, None, 9)?.items.is_empty(), is_erased);
            assert_eq!(tx.list_usage_records(id, &UsageFilter::default(), None, 9)?.items.is_empty(), is_erased);
            assert_eq!(tx.list_members(id, None, 9)?.is_empty(), is_erased);
            assert_eq!(tx.list_feature_overrides(id)?.is_empty(), is_erased);
            let key = allocation_key("ann@example.com");
            Ok([
                tx.find_booking(id, booking)?.is_none(),
                tx.find_usage_record(id, usage)?.is_none(),
                tx.find_hold(id, hold)?.is_none(),
                tx.find_allocation(id, &meter_key("projects"), &key)?.is_none(),
                tx.find_account(id)?.is_none_or(|account| account.grants.is_empty()),
                tx.find_staff_member(id, staff)?.is_some_and(|it| it.name.as_str() == ERASED && it.email.is_none()),
                tx.find_staff_member(id, staff)?.is_some_and(|it| it.created_by.origin == erased_origin()),
            ])
        });
        assert_eq!(found, [is_erased; 7]);
    }
}

/// Name, metadata and subscription are gone at once, and the external id is free. The account is in
/// no list, and cannot be erased again.
pub fn an_erased_account_is_not_found_from_the_first_unit_on(store: &impl Store) {
    let ids = CountingIds::default();
    let external_id = domain::ExternalId::parse("cus_42").expect("an external id");
    let opened = Account { external_id: Some(external_id.clone()), ..account(ids.account()) };
    let (id, inserted) = (opened.id, opened.clone());
    commit(store, move |tx| tx.insert_account(&inserted));
    erase_account(store, id);
    let again = move |tx: &mut dyn WriteTx| use_cases::erase_account(tx, id, NOW);
    assert_eq!(block_on(store.write(again)), Err(domain::error::FindError::NotFound));
    let stored = look(store, move |tx| tx.find_account(id)).expect("its row stays");
    assert_eq!((stored.name.as_str(), stored.external_id, stored.subscription), (ERASED, None, None));
    assert!(stored.erased_at.is_some() && stored.deleted_at == stored.erased_at);
    assert_eq!(look(store, |tx| tx.list_accounts(None, true, None, 9)).items, []);
    let other = Account { external_id: Some(external_id), ..account(ids.account()) };
    commit(store, move |tx| tx.insert_account(&other));
    finish(store, 10);
}

/// Their values, also after the rows that they counted are gone.
pub fn the_counters_of_an_erased_account_stay(store: &impl Store) {
    let ids = CountingIds::default();
    let ann = register(store, &ids);
    let id = fill(store, &ids, &ann).account.id;
    let used = move |store: &_| {
        look(store, move |tx| {
            let on = window_of_day(day("2026-03-20"));
            Ok([
                tx.used(id, &Metric::BOOKINGS_PER_DAY, on)?,
                tx.used(id, &Metric::STAFF, UNBOUNDED)?,
                tx.used(id, &metric_key("projects"), UNBOUNDED)?,
            ])
        })
    };
    let before = used(store);
    assert_eq!(before, [1, 1, 2]);
    erase_account(store, id);
    finish(store, 1);
    assert_eq!(used(store), before);
}

/// Ids, actions and times stay; request ids and addresses do not. The entry of the erasure itself
/// stays whole.
pub fn the_audit_log_of_an_erased_account_keeps_its_skeleton(store: &impl Store) {
    let ids = CountingIds::default();
    let ann = register(store, &ids);
    let id = fill(store, &ids, &ann).account.id;
    let allocated = AuditEntry {
        action: domain::Action::AllocationChanged,
        resource: "projects/ann@example.com".into(),
        origin: origin(),
        ..audit_entry(ids.audit_entry(), Some(id), ann.id)
    };
    commit(store, move |tx| tx.append_audit(&allocated));
    let before = look(store, move |tx| tx.list_audit(id, None, 9));
    erase_account(store, id);
    let at = NOW + SignedDuration::from_secs(1);
    let of_erasure =
        AuditEntry { created_at: at, origin: origin(), ..audit_entry(ids.audit_entry(), Some(id), ann.id) };
    let appended = of_erasure.clone();
    commit(store, move |tx| tx.append_audit(&appended));
    finish(store, 1);
    let mut expected = vec![of_erasure];
    expected.extend(before.into_iter().map(|entry| {
        let is_allocation = entry.action == domain::Action::AllocationChanged;
        let resource = if is_allocation { ERASED.into() } else { entry.resource.clone() };
        AuditEntry { origin: erased_origin(), resource, ..entry }
    }));
    assert_eq!(look(store, move |tx| tx.list_audit(id, None, 9)), expected);
}

/// With sessions and memberships. What others created keeps its origin.
pub fn an_erased_user_leaves_no_origin(store: &impl Store) {
    let ids = CountingIds::default();
    let [ann, ben] = [(); 2].map(|()| register(store, &ids));
    let (of_ann, of_ben) = (fill(store, &ids, &ann), fill(store, &ids, &ben));
    let begun = session(ids.session(), ann.id);
    let of_both = of_ann.account.id;
    let other_owner = ben.id;
    commit(store, move |tx| {
        tx.insert_session(&begun)?;
        tx.insert_refresh_token(begun.id, &secret(1))?;
        tx.put_member(of_both, other_owner, Role::Owner, NOW)
    });
    let (id, at) = (ann.id, NOW);
    block_on(store.write(move |tx: &mut dyn WriteTx| use_cases::erase_user(tx, id, at))).expect("there is an owner");
    for max in [2, 100] {
        finish(store, max);
    }
    assert_eq!(look(store, move |tx| tx.find_user(id)), None);
    assert_eq!(look(store, move |tx| tx.list_sessions(id)), []);
    for (filled, expected) in [(&of_ann, erased_origin()), (&of_ben, origin())] {
        let (id, Filled { staff, booking, usage, hold, .. }) = (filled.account.id, filled);
        let (staff, booking, usage, hold) = (*staff, *booking, *usage, *hold);
        let origins = look(store, move |tx| {
            let key = allocation_key("ann@example.com");
            Ok([
                tx.find_staff_member(id, staff)?.map(|it| it.created_by.origin),
                tx.find_booking(id, booking)?.map(|it| it.created_by.origin),
                tx.find_usage_record(id, usage)?.map(|it| it.created_by.origin),
                tx.find_hold(id, hold)?.map(|it| it.created_by.origin),
                tx.find_allocation(id, &meter_key("projects"), &key)?.map(|it| it.created_by.origin),
                tx.list_audit(id, None, 1)?.pop().map(|it| it.origin),
            ])
        });
        assert_eq!(origins, [(); 6].map(|()| Some(expected.clone())));
    }
}

/// Of an account its rows, of a user their credentials.
pub fn what_would_be_erased_is_counted(store: &impl Store) {
    let ids = CountingIds::default();
    let ann = register(store, &ids);
    let id = fill(store, &ids, &ann).account.id;
    fill(store, &ids, &ann);
    let of_account = look(store, move |tx| tx.count_erasable(ErasureSubject::Account(id)));
    let rows = ErasureCounts {
        members: 1,
        staff_members: 1,
        bookings: 1,
        usage_records: 1,
        allocations: 1,
        holds: 1,
        audit_entries: 1,
        ..ErasureCounts::default()
    };
    assert_eq!(of_account, rows);
    let begun = session(ids.session(), ann.id);
    commit(store, move |tx| tx.insert_session(&begun));
    let of_user = look(store, move |tx| tx.count_erasable(ErasureSubject::User(ann.id)));
    assert_eq!(of_user, ErasureCounts { members: 2, sessions: 1, ..ErasureCounts::default() });
}
