//! The feature `serde`: what is serialized is the text form, and what is deserialized is parsed.
#![cfg(feature = "serde")]

use std::fmt::Debug;

use domain::{
    AccountId, BusinessDay, Entitlement, Limit, Metric, Name, Notes, Override, PlanCatalog, PlanKey, Role,
    Subscription, SubscriptionId, Timestamp, Usage, UserId, Uuid, Zone,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, from_value, json, to_value};

#[track_caller]
fn assert_json<T: Debug + DeserializeOwned + PartialEq + Serialize>(value: &T, expected: Value) {
    assert_eq!(to_value(value).expect("the value serializes"), expected);
    assert_eq!(from_value::<T>(expected).expect("the JSON is of this type"), *value);
}

#[track_caller]
fn assert_refused<T: Debug + DeserializeOwned>(json: Value, message: &str) {
    let error = from_value::<T>(json).expect_err("the JSON is refused").to_string();
    assert!(error.contains(message), "{error}");
}

#[test]
fn ids_keys_and_names_are_their_text() {
    assert_json(&AccountId::from_uuid(Uuid::nil()), json!("acct_00000000000000000000000000"));
    assert_json(&"pro".parse::<PlanKey>().unwrap(), json!("pro"));
    assert_json(&Name::parse("My Salon").unwrap(), json!("My Salon"));
    assert_json(&Metric::BookingsPerDay, json!("bookings_per_day"));
    assert_json(&Role::Owner, json!("owner"));
    assert_json(&Zone::parse("Europe/Berlin").unwrap(), json!("Europe/Berlin"));
}

#[test]
fn a_text_that_does_not_parse_is_refused() {
    assert_refused::<AccountId>(json!("user_00000000000000000000000000"), "not an id of this kind");
    assert_refused::<PlanKey>(json!("a b"), "a plan key is");
    assert_refused::<Name>(json!(" "), "at least one visible character");
    assert_refused::<Metric>(json!("storage"), "not one of the known names");
    assert_refused::<Zone>(json!("Europe/Atlantis"), "IANA time zone");
}

#[test]
fn a_limit_is_a_number_or_unlimited() {
    assert_json(&Limit::AtMost(0), json!(0));
    assert_json(&Limit::AtMost(u32::MAX), json!(u32::MAX));
    assert_json(&Limit::Unlimited, json!("unlimited"));
    for json in [json!(-1), json!(u64::from(u32::MAX) + 1), json!("none"), json!(null), json!(1.5)] {
        assert!(from_value::<Limit>(json.clone()).is_err(), "{json}");
    }
}

#[test]
fn a_catalogue_is_a_list_of_plans() {
    assert_json(
        &PlanCatalog::builtin(),
        json!([
            { "key": "basic", "name": "Basic", "description": "For a small team.", "replaces": [], "staff": 2, "bookings_per_day": 5 },
            { "key": "pro", "name": "Pro", "description": "For a growing team.", "replaces": [], "staff": 5, "bookings_per_day": 20 },
        ]),
    );
    let solo = json!({ "key": "solo", "name": "Solo", "description": "", "staff": 1, "bookings_per_day": "unlimited" });
    assert!(from_value::<PlanCatalog>(json!([solo])).is_ok());
    assert_refused::<PlanCatalog>(json!([solo, solo]), "the key solo is used twice");
    assert_refused::<PlanCatalog>(json!([]), "there is no plan");
}

#[test]
fn an_entitlement_is_its_fields() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let entitlement = Entitlement {
        metric: Metric::BookingsPerDay,
        usage: Usage { used: 3, limit: Limit::AtMost(8) },
        window: Some(Zone::UTC.day_of(at("2026-03-29T12:00:00Z"))),
        plan: Some("basic".parse().unwrap()),
        given: Some(Override {
            metric: Metric::BookingsPerDay,
            limit: Limit::AtMost(8),
            reason: Notes::parse("Trade fair").unwrap(),
            expires_at: None,
            created_by: UserId::from_uuid(Uuid::nil()),
            created_at: at("2026-03-01T00:00:00Z"),
        }),
    };
    let expected = json!({
        "metric": "bookings_per_day",
        "usage": { "used": 3, "limit": 8 },
        "window": { "date": "2026-03-29", "zone": "UTC" },
        "plan": "basic",
        "given": {
            "metric": "bookings_per_day",
            "limit": 8,
            "reason": "Trade fair",
            "expires_at": null,
            "created_by": "user_00000000000000000000000000",
            "created_at": "2026-03-01T00:00:00Z",
        },
    });
    assert_json(&entitlement, expected);
}

#[test]
fn a_business_day_is_computed_from_its_date_and_zone() {
    let day: BusinessDay = from_value(json!({ "date": "2026-03-29", "zone": "Europe/Berlin" })).unwrap();
    assert_eq!(day.end.duration_since(day.start).as_hours(), 23);
}

#[test]
fn a_subscription_is_its_fields() {
    let at = Timestamp::UNIX_EPOCH;
    let (id, plan) = (SubscriptionId::from_uuid(Uuid::nil()), "pro".parse().unwrap());
    assert_json(
        &Subscription { id, plan, created_at: at, plan_since: at, scheduled: None },
        json!({
            "id": "sub_00000000000000000000000000",
            "plan": "pro",
            "created_at": "1970-01-01T00:00:00Z",
            "plan_since": "1970-01-01T00:00:00Z",
            "scheduled": null,
        }),
    );
}
