//! The feature `serde`: what is serialized is the text form, and what is deserialized is parsed.
#![cfg(feature = "serde")]

use std::fmt::Debug;

use domain::{
    AccountId, BusinessDay, Entitlement, FeatureValue, Kind, Limit, LimitWindow, Metric, MetricDef, Name, Notes,
    Override, PlanCatalog, PlanKey, QUANTITY_MAX, Role, Span, Subscription, SubscriptionId, Timestamp, Usage, UserId,
    Uuid, Window, Zone,
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
    assert_json(&Metric::BOOKINGS_PER_DAY, json!("bookings_per_day"));
    assert_json(&Role::Owner, json!("owner"));
    assert_json(&Zone::parse("Europe/Berlin").unwrap(), json!("Europe/Berlin"));
}

#[test]
fn a_text_that_does_not_parse_is_refused() {
    assert_refused::<AccountId>(json!("user_00000000000000000000000000"), "not an id of this kind");
    assert_refused::<PlanKey>(json!("a b"), "a plan key is");
    assert_refused::<Name>(json!(" "), "at least one visible character");
    assert_refused::<Metric>(json!("Storage"), "a key is 1 to 64 of");
    assert_refused::<Zone>(json!("Europe/Atlantis"), "IANA time zone");
}

#[test]
fn a_limit_is_a_number_or_unlimited() {
    assert_json(&Limit::AtMost(0), json!(0));
    assert_json(&Limit::AtMost(QUANTITY_MAX), json!(QUANTITY_MAX));
    assert_json(&Limit::Unlimited, json!("unlimited"));
    for json in [json!(-1), json!(QUANTITY_MAX + 1), json!("none"), json!(null), json!(1.5)] {
        assert!(from_value::<Limit>(json.clone()).is_err(), "{json}");
    }
}

#[test]
fn a_catalogue_is_its_metrics_features_and_plans() {
    let plan = |key, name, description, staff, bookings_per_day| {
        json!({
            "key": key,
            "name": name,
            "description": description,
            "replaces": [],
            "is_self_service": true,
            "limits": { "staff": staff, "bookings_per_day": bookings_per_day },
            "features": {},
        })
    };
    assert_json(
        &PlanCatalog::builtin(),
        json!({
            "metrics": [],
            "features": [],
            "plans": [
                plan("basic", "Basic", "For a small team.", 2, 5),
                plan("pro", "Pro", "For a growing team.", 5, 20),
            ],
            "default_plan": null,
        }),
    );
    let solo = json!({ "key": "solo", "name": "Solo", "description": "", "limits": { "staff": "unlimited" } });
    let catalog: PlanCatalog = from_value(json!({ "plans": [solo], "default_plan": "solo" })).unwrap();
    let plan = catalog.default_plan().unwrap();
    assert_eq!((plan.limit(&Metric::STAFF), plan.is_self_service), (Limit::Unlimited, true));
    assert_refused::<PlanCatalog>(json!({ "plans": [solo, solo] }), "the key solo is used twice");
    assert_refused::<PlanCatalog>(json!({ "plans": [] }), "there is no plan");
}

#[test]
fn metrics_and_features_of_ones_own_are_kept() {
    let metrics = json!([
        { "key": "sms_per_month", "meter": "sms", "window": "month", "has_records": false },
        { "key": "projects", "meter": "projects", "window": null, "has_records": true },
    ]);
    let features = json!([
        { "key": "sso", "feature_type": "switch" },
        { "key": "seats_included", "feature_type": "number" },
        { "key": "support", "feature_type": "text" },
    ]);
    let plan = json!({
        "key": "team",
        "name": "Team",
        "description": "",
        "replaces": [],
        "is_self_service": false,
        "limits": { "projects": "unlimited", "sms_per_month": 1000 },
        "features": { "seats_included": 3, "sso": true, "support": "by phone" },
    });
    let json = json!({ "metrics": metrics, "features": features, "plans": [plan], "default_plan": "team" });
    let catalog: PlanCatalog = from_value(json.clone()).unwrap();
    assert_json(&catalog, json);
    assert_eq!(catalog.metric("sms_per_month").unwrap().kind, Kind::Counter(Window::Month));
    let gauge: MetricDef = from_value(json!({ "key": "seats", "meter": "seats" })).unwrap();
    assert_eq!((gauge.kind, gauge.has_records), (Kind::Gauge, true));
    assert_json(&FeatureValue::Text("by phone".into()), json!("by phone"));
    let plans = json!([{ "key": "team", "name": "Team", "description": "", "limits": { "fax": 1 } }]);
    assert_refused::<PlanCatalog>(json!({ "plans": plans }), "fax, which is not a metric");
}

#[test]
fn an_entitlement_is_its_fields() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let entitlement = Entitlement {
        metric: Metric::BOOKINGS_PER_DAY,
        usage: Usage { used: 3, limit: Limit::AtMost(8) },
        held: 1,
        granted: 0,
        window: Some(LimitWindow {
            window: Window::Day,
            label: at("2026-03-29T00:00:00Z"),
            span: Span { start: at("2026-03-28T23:00:00Z"), end: at("2026-03-29T22:00:00Z") },
            zone: Zone::parse("Europe/Berlin").unwrap(),
        }),
        plan: Some("basic".parse().unwrap()),
        given: Some(Override {
            metric: Metric::BOOKINGS_PER_DAY,
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
        "held": 1,
        "granted": 0,
        "window": {
            "window": "day",
            "label": "2026-03-29T00:00:00Z",
            "span": { "start": "2026-03-28T23:00:00Z", "end": "2026-03-29T22:00:00Z" },
            "zone": "Europe/Berlin",
        },
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
