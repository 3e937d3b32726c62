//! What an operator gives an account, on the in-memory store: grants and overrides of features; and
//! external ids.

use domain::error::{ChangeError, FindError, GrantError, OpenAccountError, StorageError};
use domain::ports::{Store, WriteTx};
use domain::use_cases::{self, Answer, Question, When};
use domain::{
    AccountId, ExternalId, FeatureDef, FeatureType, FeatureValue, GRANTS_MAX, Grant, GrantId, Limit, Metric,
    NewAccount, NewFeatureOverride, NewGrant, NewOverride, Notes, Plan, PlanCatalog, SignedDuration, Timestamp, Uuid,
    Zone,
};
use testkit::fixtures::{CountingIds, NOW, account, choice, new_account};
use testkit::{MemoryStore, block_on};

/// The feature `sso`, which `pro` has, and the built-in plans.
fn catalog() -> PlanCatalog {
    let sso = FeatureDef { key: "sso".parse().expect("a key"), feature_type: FeatureType::Switch };
    let with = |plan: &Plan| {
        let is_on = plan.key.as_str() == "pro";
        Plan { features: [(sso.key.clone(), FeatureValue::Switch(is_on))].into(), ..plan.clone() }
    };
    let plans = PlanCatalog::builtin().iter().map(with).collect();
    PlanCatalog::with_metrics(Vec::new(), vec![sso.clone()], plans).expect("a good catalogue")
}

/// A store with one account on `basic`.
fn store() -> (MemoryStore, CountingIds, AccountId) {
    let (store, ids) = (MemoryStore::default(), CountingIds::new(1));
    let (id, new) = (ids.account(), ids.new_change(NOW));
    write(&store, move |tx| {
        tx.insert_account(&account(id))?;
        Ok::<_, StorageError>(use_cases::subscribe(tx, &catalog(), id, &choice("basic"), false, &new).is_ok())
    })
    .expect("it is subscribed");
    (store, ids, id)
}

fn write<T: Send + 'static, E: From<StorageError> + Send + 'static>(
    store: &MemoryStore,
    work: impl FnMut(&mut dyn WriteTx) -> Result<T, E> + Send + 'static,
) -> Result<T, E> {
    block_on(store.write(work))
}

fn new_grant(expires_at: Option<Timestamp>) -> NewGrant {
    let reason = Notes::parse("Add-on").expect("they are notes");
    NewGrant { metric: Metric::STAFF, quantity: 1, reason, reference: None, expires_at }
}

fn grant(
    store: &MemoryStore,
    ids: &CountingIds,
    account: AccountId,
    number: u64,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<Grant, GrantError> {
    let (id, by, new) = (GrantId::from_uuid(Uuid::from_u64_pair(9, number)), ids.user(), new_grant(expires_at));
    write(store, move |tx| use_cases::create_grant(tx, account, &new, id, by, now))
}

#[test]
fn a_grant_needs_an_account_and_a_time_to_come() {
    let (store, ids, account) = store();
    let instant = SignedDuration::from_micros(1);
    for (end, expected) in [(NOW - instant, false), (NOW, false), (NOW + instant, true)] {
        let made = grant(&store, &ids, account, 1, Some(end), NOW);
        assert_eq!(made.is_ok(), expected, "{made:?}");
        assert!(expected || made == Err(GrantError::InThePast));
    }
    assert_eq!(grant(&store, &ids, ids.account(), 2, None, NOW), Err(GrantError::AccountNotFound));
}

#[test]
fn expired_grants_leave_room_for_more() {
    let (store, ids, account) = store();
    let end = NOW + SignedDuration::from_hours(1);
    let most = GRANTS_MAX as u64;
    for number in 0..most {
        grant(&store, &ids, account, number, Some(end), NOW).expect("there is room");
    }
    let instant = SignedDuration::from_micros(1);
    assert_eq!(grant(&store, &ids, account, most, None, end - instant), Err(GrantError::TooMany));
    grant(&store, &ids, account, most, None, end).expect("the others have expired");
    let newest = write(&store, move |tx| use_cases::list_grants(tx, account, None, 2)).expect("a list");
    let ids_of = |grants: &[Grant]| grants.iter().map(|grant| grant.id.uuid().as_u64_pair().1).collect::<Vec<_>>();
    assert_eq!(ids_of(&newest), [most, most - 1]);
    let after = newest[1].id;
    let next = write(&store, move |tx| use_cases::list_grants(tx, account, Some(after), 1)).expect("a list");
    assert_eq!(ids_of(&next), [most - 2]);
}

#[test]
fn a_grant_is_found_until_it_is_removed_once() {
    let (store, ids, account) = store();
    let id = grant(&store, &ids, account, 1, None, NOW).expect("it is made").id;
    let other = ids.account();
    for (of, existed) in [(other, Err(ChangeError::NotFound)), (account, Ok(true)), (account, Ok(false))] {
        assert_eq!(write(&store, move |tx| use_cases::remove_grant(tx, of, id)), existed);
    }
    assert_eq!(write(&store, move |tx| use_cases::find_grant(tx, account, id)), Err(FindError::NotFound));
}

#[test]
fn overrides_are_listed_by_key_and_removed_though_the_key_is_retired() {
    let (store, ids, account) = store();
    let by = ids.user();
    let reason = || Notes::parse("A pilot").expect("they are notes");
    write(&store, move |tx| {
        let limit = NewOverride { limit: Limit::AtMost(9), reason: reason(), expires_at: None };
        use_cases::put_override(tx, account, &Metric::STAFF, &limit, by, NOW)?;
        let value = NewFeatureOverride { value: FeatureValue::Switch(true), reason: reason(), expires_at: None };
        use_cases::put_feature_override(tx, account, &"sso".parse().expect("a key"), &value, by, NOW)
    })
    .expect("they are put");
    let keys = |after: Option<&str>| {
        let after = after.map(|key| key.parse().expect("a key"));
        let listed = write(&store, move |tx| use_cases::list_overrides(tx, account, after.as_ref(), 9));
        listed.expect("a list").iter().map(|it| it.key().to_string()).collect::<Vec<_>>()
    };
    assert_eq!((keys(None), keys(Some("sso"))), (vec!["sso".to_owned(), "staff".to_owned()], vec!["staff".to_owned()]));
    // The built-in catalogue has no such feature.
    for (key, removed) in
        [("sso", Ok(true)), ("sso", Err(ChangeError::NotFound)), ("staff", Ok(true)), ("staff", Ok(false))]
    {
        let (catalog, key) = (PlanCatalog::builtin(), key.parse().expect("a key"));
        assert_eq!(write(&store, move |tx| use_cases::remove_override(tx, &catalog, account, &key)), removed);
    }
}

#[test]
fn a_feature_is_checked_with_its_overrides_and_plans() {
    let (store, ids, account) = store();
    let ask = || {
        let questions = [
            Question::Feature(catalog().feature("sso").expect("a feature").clone()),
            Question::Limit {
                metrics: catalog().metrics_of(&domain::Meter::STAFF).cloned().collect(),
                requested: 3,
                when: When::Now,
            },
        ];
        write(&store, move |tx| use_cases::check(tx, &catalog(), account, &questions, NOW)).expect("answers")
    };
    let answers = ask();
    let [Answer::Feature(feature), Answer::Limit(limit)] = answers.as_slice() else { panic!("{answers:?}") };
    assert!(!feature.entitlement.value.is_present() && limit.refusal.is_some() && limit.is_extended);
    assert_eq!(feature.plans_that_allow.iter().map(domain::PlanKey::as_str).collect::<Vec<_>>(), ["pro"]);
    let (by, reason) = (ids.user(), Notes::parse("A pilot").expect("they are notes"));
    let value = NewFeatureOverride { value: FeatureValue::Switch(true), reason, expires_at: None };
    let sso = "sso".parse().expect("a key");
    write(&store, move |tx| use_cases::put_feature_override(tx, account, &sso, &value, by, NOW)).expect("it is put");
    grant(&store, &ids, account, 1, None, NOW).expect("it is made");
    let answers = ask();
    let [Answer::Feature(feature), Answer::Limit(limit)] = answers.as_slice() else { panic!("{answers:?}") };
    assert!(feature.entitlement.value.is_present() && feature.plans_that_allow.is_empty() && limit.refusal.is_none());
}

#[test]
fn an_external_id_is_of_one_account() {
    let (store, ids, _) = store();
    let external_id = Some(ExternalId::parse("cus_42").expect("an id"));
    let new = NewAccount { external_id, ..new_account(Zone::UTC) };
    let (first, second, owner) = (ids.account(), ids.account(), ids.user());
    let open = |id| {
        let new = new.clone();
        write(&store, move |tx| {
            if tx.find_user(owner)?.is_none() {
                tx.insert_user(&testkit::fixtures::user(owner, "ann"))?;
            }
            use_cases::open_account(tx, &new, id, owner, NOW)
        })
    };
    assert!(open(first).is_ok());
    assert_eq!(open(second).map(|account| account.id), Err(OpenAccountError::ExternalIdTaken(first)));
}
