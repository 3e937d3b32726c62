//! The use cases on the in-memory store at a fixed time, and one on a fake of ten lines.

use domain::error::{AddStaffMemberError, AdmissionError, BookingError, ChangeError, StorageError, StorageResult};
use domain::ports::{Accounts, ReadAccounts, Store, WriteTx};
use domain::{
    Account, AccountId, ApiKey, Change, EXPIRED_API_KEYS_KEPT_FOR, ExternalId, Faults, Fingerprint, Grant, GrantId,
    IDEMPOTENCY_KEPT_FOR, IdempotencyKey, IdempotencyRecord, Limit, Metric, NewAccount, NewBooking, NewOverride,
    NewStaffMember, Override, PlanCatalog, PlanChange, PlanKey, Session, SignedDuration, StaffMemberPatch, Timestamp,
    use_cases,
};
use testkit::fixtures::{CountingIds, NOW, account, api_key, attribution, choice, instant, session, user};
use testkit::{MemoryStore, block_on};

/// A step of maintenance: removes up to a number of rows that have expired.
type Remove = fn(&mut dyn WriteTx, Timestamp, usize) -> StorageResult<usize>;

/// A store with one account in Kathmandu, on this plan, if any.
fn store_with_account(ids: &CountingIds, plan: Option<&str>) -> (MemoryStore, AccountId) {
    let (store, id) = (MemoryStore::default(), ids.account());
    let new = NewAccount::parse(Some("My Salon"), Some("Asia/Kathmandu")).expect("a good account");
    let owner = user(ids.user(), "ann");
    block_on(store.write(move |tx| {
        tx.insert_user(&owner)?;
        use_cases::open_account(tx, &new, id, owner.id, NOW)
    }))
    .expect("it is opened");
    if let Some(plan) = plan.map(str::to_owned) {
        let (catalog, new) = (PlanCatalog::builtin(), ids.new_change(NOW));
        let change = store.write(move |tx| use_cases::subscribe(tx, &catalog, id, &choice(&plan), false, &new));
        block_on(change).expect("the plan is known");
    }
    (store, id)
}

fn add_staff(store: &MemoryStore, ids: &CountingIds, account: AccountId) -> Result<(), AddStaffMemberError> {
    let (catalog, id) = (PlanCatalog::builtin(), ids.staff());
    let new = NewStaffMember::parse(Some("Ann"), None).expect("a good staff member");
    block_on(store.write(move |tx| use_cases::add_staff_member(tx, &catalog, account, &new, id, &attribution(), NOW)))
        .map(drop)
}

fn book(store: &MemoryStore, ids: &CountingIds, account: AccountId, at: Option<&str>) -> Result<(), BookingError> {
    let (catalog, id) = (PlanCatalog::builtin(), ids.booking());
    let new = NewBooking { starts_at: at.map(instant), ..NewBooking::default() };
    block_on(store.write(move |tx| use_cases::create_booking(tx, &catalog, account, &new, id, &attribution(), NOW)))
        .map(drop)
}

#[test]
fn third_staff_member_on_basic_is_refused_with_pro_suggested() {
    let ids = CountingIds::new(1);
    let (store, account) = store_with_account(&ids, Some("basic"));
    assert_eq!([add_staff(&store, &ids, account), add_staff(&store, &ids, account)], [Ok(()), Ok(())]);
    let Err(AddStaffMemberError::Admission(AdmissionError::LimitExceeded(refusal))) = add_staff(&store, &ids, account)
    else {
        panic!("the third is not refused");
    };
    assert_eq!((refusal.exceeded.usage.used, refusal.exceeded.requested), (2, 1));
    assert_eq!(refusal.plans_that_allow.iter().map(ToString::to_string).collect::<Vec<_>>(), ["pro"]);
    assert_eq!((refusal.window, refusal.next_allowed_day), (None, None));
}

#[test]
fn sixth_booking_on_basic_is_refused_with_the_next_day_suggested() {
    let ids = CountingIds::new(1);
    let (store, account) = store_with_account(&ids, Some("basic"));
    for _ in 0..5 {
        assert_eq!(book(&store, &ids, account, None), Ok(()));
    }
    let Err(BookingError::Admission(AdmissionError::LimitExceeded(refusal))) = book(&store, &ids, account, None) else {
        panic!("the sixth is not refused");
    };
    let window = refusal.window.expect("a booking's limit is about a day");
    assert!(window.span.contains(NOW));
    assert_eq!(refusal.next_allowed_day, Some(window.zone.day_of(window.span.end).date));
    assert_eq!(book(&store, &ids, account, Some(&window.span.end.to_string())), Ok(()));
}

#[test]
fn creation_requires_a_plan() {
    let ids = CountingIds::new(1);
    let (store, account) = store_with_account(&ids, None);
    assert!(matches!(
        add_staff(&store, &ids, account),
        Err(AddStaffMemberError::Admission(AdmissionError::SubscriptionRequired(_)))
    ));
    assert!(matches!(
        book(&store, &ids, account, None),
        Err(BookingError::Admission(AdmissionError::SubscriptionRequired(_)))
    ));
}

#[test]
fn an_unknown_account_is_reported_first() {
    let ids = CountingIds::new(1);
    let (store, unknown) = (MemoryStore::default(), ids.account());
    assert_eq!(add_staff(&store, &ids, unknown), Err(AddStaffMemberError::NotFound));
    assert_eq!(book(&store, &ids, unknown, None), Err(BookingError::NotFound));
}

#[test]
fn a_smaller_plan_removes_nothing_and_admits_nothing() {
    let ids = CountingIds::new(1);
    let (store, account) = store_with_account(&ids, Some("pro"));
    for _ in 0..3 {
        assert_eq!(add_staff(&store, &ids, account), Ok(()));
    }
    let (catalog, new) = (PlanCatalog::builtin(), ids.new_change(NOW));
    let change =
        block_on(store.write(move |tx| use_cases::subscribe(tx, &catalog, account, &choice("basic"), false, &new)));
    assert!(matches!(change, Ok(PlanChange::Changed(_))));
    let Err(AddStaffMemberError::Admission(AdmissionError::LimitExceeded(refusal))) = add_staff(&store, &ids, account)
    else {
        panic!("a fourth is not refused");
    };
    assert_eq!((refusal.exceeded.usage.used, refusal.exceeded.usage.over_by()), (3, 1));
}

#[test]
fn each_field_of_a_staff_member_changes_alone() {
    let ids = CountingIds::new(1);
    let (store, account) = store_with_account(&ids, Some("basic"));
    let (catalog, id) = (PlanCatalog::builtin(), ids.staff());
    let new = NewStaffMember::parse(Some("Ann"), Some("ann@example.com")).expect("the fields are valid");
    block_on(store.write(move |tx| use_cases::add_staff_member(tx, &catalog, account, &new, id, &attribution(), NOW)))
        .expect("the plan permits it");
    for (name, email, expected) in [
        (None, Change::Set("ann@example.org"), ("Ann", Some("ann@example.org"), true)),
        (Some("Anna"), Change::Keep, ("Anna", Some("ann@example.org"), true)),
        (Some("Anna"), Change::Set("ann@example.org"), ("Anna", Some("ann@example.org"), false)),
        (None, Change::Clear, ("Anna", None, true)),
    ] {
        let patch = StaffMemberPatch::parse(name, email).expect("the fields are valid");
        let change = store.write(move |tx| use_cases::change_staff_member(tx, account, id, &patch, |_| true));
        let (member, has_changed) = block_on(change).expect("the staff member exists");
        let email = member.email.as_ref().map(ToString::to_string);
        assert_eq!((member.name.as_str(), email.as_deref(), has_changed), expected);
    }
}

#[test]
fn removing_an_override_says_whether_it_existed() {
    let ids = CountingIds::new(1);
    let (store, account) = store_with_account(&ids, Some("basic"));
    let (operator, new) = (ids.user(), NewOverride::parse(Ok(Limit::AtMost(9)), Some("Add-on"), None));
    let new = new.expect("the fields are valid");
    let put = store.write(move |tx| use_cases::put_override(tx, account, &Metric::STAFF, &new, operator, NOW));
    block_on(put).expect("the account exists");
    for (metric, existed) in [(Metric::BOOKINGS_PER_DAY, false), (Metric::STAFF, true), (Metric::STAFF, false)] {
        let removed = block_on(store.write(move |tx| use_cases::remove_override(tx, account, &metric)));
        assert_eq!(removed, Ok(existed));
    }
}

#[test]
fn maintenance_removes_what_has_expired_and_counts_it() {
    let (store, ids) = (MemoryStore::default(), CountingIds::new(1));
    let (ann, microsecond) = (user(ids.user(), "ann"), SignedDuration::from_micros(1));
    let sessions: Vec<_> = (1..=3).map(|hours| (ids.session(), NOW + SignedDuration::from_hours(hours))).collect();
    let keys: Vec<_> = (1..=3).map(|hours| (ids.api_key(), NOW + SignedDuration::from_hours(hours))).collect();
    block_on(store.write(move |tx| {
        tx.insert_user(&ann)?;
        for (number, ((session_id, at), (key_id, _))) in (1..).zip(sessions.iter().zip(&keys)) {
            tx.insert_session(&Session { expires_at: *at, ..session(*session_id, ann.id) })?;
            tx.insert_api_key(&ApiKey { expires_at: Some(*at), ..api_key(*key_id, ann.id) })?;
            let (key, fingerprint) = (IdempotencyKey([number; 32]), Fingerprint([number; 32]));
            tx.put_idempotency_record(&IdempotencyRecord { key, fingerprint, answer: [].into(), created_at: *at })?;
        }
        Ok::<_, StorageError>(())
    }))
    .expect("the rows are new");
    let tasks: [(Remove, SignedDuration); 3] = [
        (|tx, now, max| use_cases::remove_expired_sessions(tx, now, max), SignedDuration::ZERO),
        (|tx, now, max| use_cases::remove_expired_api_keys(tx, now, max), EXPIRED_API_KEYS_KEPT_FOR),
        (|tx, now, max| use_cases::remove_expired_idempotency_records(tx, now, max), IDEMPOTENCY_KEPT_FOR),
    ];
    for (number, (remove, kept_for)) in tasks.into_iter().enumerate() {
        let remove = |now: Timestamp, max| block_on(store.write(move |tx| remove(tx, now, max)));
        let first = NOW + SignedDuration::from_hours(1) + kept_for;
        let last = NOW + SignedDuration::from_hours(3) + kept_for;
        let removed = [(first - microsecond, 9), (first, 9), (last, 1), (last, 9), (last, 9)]
            .map(|(now, max)| remove(now, max).expect("the store is available"));
        assert_eq!(removed, [0, 1, 1, 1, 0], "task {number}");
    }
}

#[test]
fn all_faults_of_an_input_are_reported_together() {
    let faults: Faults = NewAccount::parse(Some(" "), Some("Mars/Base")).expect_err("both are faulty");
    assert_eq!(
        faults.iter().map(|fault| (fault.field, fault.reason.code())).collect::<Vec<_>>(),
        [("name", "blank"), ("time_zone", "unknown_time_zone"),]
    );
}

/// A store with one account that cannot write: all that `remove_account` needs.
struct ReadOnly(Account);

impl ReadAccounts for ReadOnly {
    fn find_account(&mut self, id: AccountId) -> Result<Option<Account>, StorageError> {
        Ok(Some(self.0.clone()).filter(|account| account.id == id))
    }

    fn find_account_by_external_id(&mut self, _: &ExternalId) -> Result<Option<AccountId>, StorageError> {
        Ok(None)
    }

    fn account_exists(&mut self, id: AccountId) -> Result<bool, StorageError> {
        Ok(self.find_account(id)?.is_some_and(|account| account.deleted_at.is_none()))
    }

    fn list_plans_in_use(&mut self) -> Result<Vec<PlanKey>, StorageError> {
        Err(StorageError::Unavailable("it cannot list".into()))
    }

    fn list_accounts_on(&mut self, _: &PlanKey, _: usize) -> Result<Vec<AccountId>, StorageError> {
        Err(StorageError::Unavailable("it cannot list".into()))
    }
}

impl Accounts for ReadOnly {
    fn lock_account(&mut self, id: AccountId) -> Result<Option<Account>, StorageError> {
        self.find_account(id)
    }

    fn insert_account(&mut self, _: &Account) -> Result<(), StorageError> {
        Err(StorageError::Unavailable("read only".into()))
    }

    fn update_account(&mut self, _: &Account) -> Result<(), StorageError> {
        Err(StorageError::Unavailable("read only".into()))
    }

    fn put_override(&mut self, _: AccountId, _: &Override) -> Result<(), StorageError> {
        Err(StorageError::Unavailable("read only".into()))
    }

    fn delete_override(&mut self, _: AccountId, _: &Metric) -> Result<(), StorageError> {
        Err(StorageError::Unavailable("read only".into()))
    }

    fn insert_grant(&mut self, _: AccountId, _: &Grant) -> Result<(), StorageError> {
        Err(StorageError::Unavailable("read only".into()))
    }

    fn delete_grant(&mut self, _: AccountId, _: GrantId) -> Result<(), StorageError> {
        Err(StorageError::Unavailable("read only".into()))
    }
}

#[test]
fn a_use_case_runs_on_a_minimal_fake_and_returns_its_error() {
    let ids = CountingIds::new(1);
    let mut tx = ReadOnly(account(ids.account()));
    let id = tx.0.id;
    let mut remove = |account, is_expected| use_cases::remove_account(&mut tx, account, |_| is_expected, NOW);
    assert_eq!(remove(ids.account(), true), Err(ChangeError::NotFound));
    assert_eq!(remove(id, false), Err(ChangeError::PreconditionFailed));
    assert_eq!(remove(id, true), Err(ChangeError::Storage(StorageError::Unavailable("read only".into()))));
}
