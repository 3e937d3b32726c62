//! Grants of limits, and overrides of features.

use domain::ports::Store;
use domain::{
    Account, AccountId, FeatureOverride, FeatureValue, Grant, Metric, Notes, QUANTITY_MAX, Reference, UserId,
};

use super::accounts::listed;
use super::lookups::found;
use super::{assert_refused, commit, look, open};
use crate::fixtures::{CountingIds, feature_key, feature_override, grant, instant, metric_key, plan_key, subscription};

fn insert(store: &impl Store, account: AccountId, grant: &Grant) {
    let grant = grant.clone();
    commit(store, move |tx| tx.insert_grant(account, &grant));
}

/// Newest first, several of a metric, with every optional field and without; on its own account
/// only, in lists as well.
pub fn grants_are_on_their_account_newest_first(store: &impl Store) {
    let ids = CountingIds::default();
    let [account, other] = [(); 2].map(|()| open(store, ids.account()));
    let id = account.id;
    let first = grant(ids.grant(), Metric::STAFF, 1);
    let second = Grant {
        reason: Notes::parse("Žofie’s 💇🏽‍♀️").expect("they are notes"),
        reference: Reference::parse("INV-2026/7").ok(),
        expires_at: Some(instant("2026-12-31T23:59:59.999999Z")),
        created_by: UserId::from_uuid(domain::Uuid::max()),
        created_at: instant("2026-03-20T09:46:40.000001Z"),
        ..grant(ids.grant(), metric_key(&"m".repeat(64)), QUANTITY_MAX)
    };
    let third = grant(ids.grant(), Metric::STAFF, 2);
    for (inserted, expected) in
        [(&second, vec![&second]), (&first, vec![&second, &first]), (&third, vec![&third, &second, &first])]
    {
        insert(store, id, inserted);
        let grants = expected.into_iter().cloned().collect();
        assert_eq!(found(store, id), Some(Account { grants, ..account.clone() }));
    }
    assert_eq!(found(store, other.id), Some(other.clone()));
    let grants = vec![third, second, first];
    let accounts = listed(store, None, false, None, 9, usize::MAX);
    assert_eq!(accounts, [other, Account { grants, ..account }]);
}

/// The second time, there is no grant. One of another account is not deleted.
pub fn a_deleted_grant_is_not_on_the_account(store: &impl Store) {
    let ids = CountingIds::default();
    let [account, other] = [(); 2].map(|()| open(store, ids.account()));
    let [first, second] = [(); 2].map(|()| grant(ids.grant(), Metric::STAFF, 1));
    let of_other = grant(ids.grant(), Metric::STAFF, 1);
    for (id, grant) in [(account.id, &first), (account.id, &second), (other.id, &of_other)] {
        insert(store, id, grant);
    }
    let (id, deleted, not_own) = (account.id, first.id, of_other.id);
    for _ in 0..2 {
        commit(store, move |tx| {
            tx.delete_grant(id, deleted)?;
            tx.delete_grant(id, not_own)
        });
        assert_eq!(found(store, id), Some(Account { grants: vec![second.clone()], ..account.clone() }));
    }
    assert_eq!(found(store, other.id), Some(Account { grants: vec![of_other], ..other }));
}

/// With every change of the account and of its subscription.
pub fn a_grant_outlives_changes_of_the_account(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account());
    let id = account.id;
    let given = grant(ids.grant(), Metric::BOOKINGS_PER_DAY, 3);
    insert(store, id, &given);
    let plan = subscription(ids.subscription(), plan_key("basic"));
    let expected = Account { subscription: Some(plan.clone()), grants: vec![given], version: 3, ..account.clone() };
    let read = commit(store, move |tx| {
        tx.put_subscription(id, Some(&plan), 2)?;
        // Its grants are not written.
        tx.update_account(&Account { version: 3, ..account.clone() })?;
        tx.find_account(id)
    });
    assert_eq!(read, Some(expected.clone()));
    assert_eq!(found(store, id), Some(expected));
}

/// The id is taken, or the account does not exist.
pub fn an_invalid_grant_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account());
    let (id, unknown, known) = (account.id, ids.account(), grant(ids.grant(), Metric::STAFF, 1));
    insert(store, id, &known);
    for (account, bad) in
        [(id, Grant { quantity: 2, ..known.clone() }), (unknown, grant(ids.grant(), Metric::STAFF, 1))]
    {
        assert_refused(store, move |tx| tx.insert_grant(account, &bad));
    }
    assert_eq!(found(store, id), Some(Account { grants: vec![known], ..account }));
}

/// The overrides of the account's features, in a read. A unit of work lists the same.
fn features(store: &impl Store, account: AccountId) -> Vec<FeatureOverride> {
    let read = look(store, move |tx| tx.list_feature_overrides(account));
    assert_eq!(commit(store, move |tx| tx.list_feature_overrides(account)), read);
    read
}

/// A value of every type, and a value of another type in its place; on its own account only.
pub fn a_feature_override_is_put_replaced_and_deleted(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let long: String = "💇".repeat(FeatureValue::CHARACTERS_MAX);
    let values = [
        ("b", FeatureValue::Switch(true)),
        ("c", FeatureValue::Number(QUANTITY_MAX)),
        ("a", FeatureValue::Text(long.into())),
        ("b", FeatureValue::Switch(false)),
        ("c", FeatureValue::Text("on".into())),
        ("a", FeatureValue::Number(0)),
        (&"z".repeat(64), FeatureValue::Text("".into())),
    ];
    let mut expected = std::collections::BTreeMap::new();
    for (number, (feature, value)) in values.into_iter().enumerate() {
        let given = FeatureOverride {
            expires_at: Some(instant("2026-12-31T23:59:59.999999Z")).filter(|_| number % 2 == 0),
            reason: Notes::parse(&format!("Nr. {number}")).expect("they are notes"),
            created_by: ids.user(),
            ..feature_override(feature, value)
        };
        expected.insert(given.feature.clone(), given.clone());
        commit(store, move |tx| tx.put_feature_override(own, &given));
        assert!(features(store, own).iter().eq(expected.values()), "{number}");
    }
    // The second time, there is no override.
    for _ in 0..2 {
        commit(store, move |tx| tx.delete_feature_override(own, &feature_key("b")));
        commit(store, move |tx| tx.delete_feature_override(other, &feature_key("a")));
        expected.remove(&feature_key("b"));
        assert!(features(store, own).iter().eq(expected.values()));
    }
    assert_eq!(features(store, other), []);
}

/// The override is not kept.
pub fn a_feature_override_of_an_unknown_account_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let unknown = ids.account();
    let given = feature_override("sso", FeatureValue::Switch(true));
    assert_refused(store, move |tx| tx.put_feature_override(unknown, &given));
    open(store, unknown);
    assert_eq!(features(store, unknown), []);
}
