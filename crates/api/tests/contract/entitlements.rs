//! Entitlements and checks: both agree with what creating then answers.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::house::{bearer, person, start, start_at};
use crate::in_process::Service;

const DAY: &str = "2026-05-04";
const NOON: &str = "2026-05-04T12:00:00Z";

/// The entitlements of an account; limit, used, remaining and excess of both metrics.
async fn report(service: &Service, account: &str) -> (Value, [Value; 2]) {
    let report = service.get(&format!("{account}/entitlements?on={DAY}")).await.expect(200);
    let of = |index: usize, metric: &str| {
        let it = &report["entitlements"][index];
        assert_eq!((&it["metric"], &it["plan"], &it["override"]), (&json!(metric), &report["plan"], &Value::Null));
        json!(["limit", "used", "remaining", "over_by"].map(|name| &it[name]))
    };
    let usage = [of(0, "staff"), of(1, "bookings_per_day")];
    (report, usage)
}

/// Adds staff members, and bookings on the day.
async fn make(service: &Service, account: &str, staff: u32, bookings: u32) {
    for _ in 0..staff {
        service.post(&format!("{account}/staff"), json!({"name": "Ann"})).await.expect(201);
    }
    for _ in 0..bookings {
        service.post(&format!("{account}/bookings"), json!({"starts_at": NOON})).await.expect(201);
    }
}

async fn subscribe(service: &Service, account: &str, plan: &str) {
    let answer = service.post(&format!("{account}/subscribe"), json!({"plan": plan})).await;
    assert!([200, 201].contains(&answer.status), "{}", answer.text());
}

async fn check(service: &Service, account: &str, question: Value) -> Value {
    service.post(&format!("{account}/check"), question).await.expect(200)
}

#[actix_web::test]
async fn usage_follows_creation_and_changes_of_plan() {
    let service = start().await;
    let account = service.account().await;
    let (whole, usage) = report(&service, &account).await;
    assert_eq!((&whole["plan"], &whole["on"]), (&Value::Null, &json!(DAY)));
    assert_eq!(whole["account_id"], account.trim_start_matches("/accounts/"));
    assert_eq!(usage, [json!([0, 0, 0, 0]), json!([0, 0, 0, 0])], "no plan, no limits");
    assert_eq!(whole["entitlements"][0]["window"], Value::Null);
    let window = json!({"start": "2026-05-04T00:00:00Z", "end": "2026-05-05T00:00:00Z", "time_zone": "UTC"});
    assert_eq!(whole["entitlements"][1]["window"], window);
    for (plan, staff, bookings, expected) in [
        ("basic", 0, 0, [json!([2, 0, 2, 0]), json!([5, 0, 5, 0])]),
        ("basic", 1, 2, [json!([2, 1, 1, 0]), json!([5, 2, 3, 0])]),
        ("basic", 1, 3, [json!([2, 2, 0, 0]), json!([5, 5, 0, 0])]),
        ("pro", 2, 3, [json!([5, 4, 1, 0]), json!([20, 8, 12, 0])]),
        // The excess stays.
        ("basic", 0, 0, [json!([2, 4, 0, 2]), json!([5, 8, 0, 3])]),
    ] {
        subscribe(&service, &account, plan).await;
        make(&service, &account, staff, bookings).await;
        let (whole, usage) = report(&service, &account).await;
        assert_eq!((&whole["plan"], usage), (&json!(plan), expected), "{plan} {staff} {bookings}");
    }
}

#[actix_web::test]
async fn an_invalid_day_is_refused_after_the_permission_check() {
    let service = start().await;
    let (account, stranger) = (service.account().await, person(&service).await);
    for query in [
        "on=",
        "on=today",
        "on=2026-3-29",
        "on=20260329",
        "on=2026-02-29",
        "on=2026-03-29T00:00:00Z",
        "on=%202026-03-29",
        "on=1969-12-31",
        "on=2200-01-01",
        "on=2026-03-29&on=2026-03-30",
        "day=2026-03-29",
        "on=2026-03-29&limit=5",
        "%ff",
    ] {
        let path = format!("{account}/entitlements?{query}");
        service.get(&path).await.refused(400, "invalid_parameter");
        stranger.get(&service, &path).await.refused(404, "not_found");
    }
    for on in ["1970-01-01", "2028-02-29", "2199-12-31"] {
        assert_eq!(service.get(&format!("{account}/entitlements?on={on}")).await.expect(200)["on"], on);
    }
}

/// A limited resource: its collection, a body, and the check that corresponds to it.
fn kinds() -> [(&'static str, Value, Value); 2] {
    [
        ("staff", json!({"name": "Ann"}), json!({"metric": "staff"})),
        ("bookings", json!({"starts_at": NOON}), json!({"metric": "bookings_per_day", "on": DAY})),
    ]
}

#[actix_web::test]
async fn a_check_agrees_with_creation_and_reserves_nothing() {
    let service = start().await;
    for (collection, new, question) in kinds() {
        let account = service.account().await;
        let mut refusals = Vec::new();
        for (plan, creations) in [(None, 1), (Some("basic"), 6), (Some("pro"), 16), (Some("basic"), 1)] {
            if let Some(plan) = plan {
                subscribe(&service, &account, plan).await;
            }
            for _ in 0..creations {
                let before = service.row_counts();
                let checked = check(&service, &account, question.clone()).await;
                assert_eq!(check(&service, &account, question.clone()).await, checked);
                assert_eq!(service.row_counts(), before);
                let (whole, _) = report(&service, &account).await;
                let reported = whole["entitlements"].as_array().expect("a list").iter();
                let reported = reported.filter(|it| it["metric"] == checked["metric"]).collect::<Vec<_>>();
                for member in ["plan", "limit", "used", "remaining", "window"] {
                    assert_eq!(checked[member], reported[0][member], "{member}: {checked}");
                }
                let created = service.post(&format!("{account}/{collection}"), new.clone()).await;
                assert_eq!(
                    (&checked["allowed"], &checked["quantity"]),
                    (&json!(created.status == 201), &json!(1)),
                    "{checked}"
                );
                if created.status == 201 {
                    assert_eq!((&checked["code"], &checked["plans_that_allow"]), (&Value::Null, &json!([])));
                    continue;
                }
                let refusal = created.expect(403);
                assert_eq!(checked["code"], refusal["code"]);
                refusals.push(refusal["code"].clone());
                if refusal["code"] == "subscription_required" {
                    assert_eq!(json!([checked["plan"], checked["limit"], checked["remaining"]]), json!([null, 0, 0]));
                    continue;
                }
                let members = ["plan", "metric", "limit", "used", "remaining", "window", "next_allowed_day"];
                for member in members.into_iter().chain(["plans_that_allow"]) {
                    assert!(
                        checked.get(member).is_some() && checked[member] == refusal[member],
                        "{member}: {checked} {refusal}"
                    );
                }
            }
        }
        refusals.dedup();
        assert_eq!(refusals.len(), 2, "{refusals:?}");
    }
}

#[actix_web::test]
async fn a_check_of_a_quantity_is_for_all_of_it() {
    let service = start().await;
    let account = service.account_on("basic").await;
    make(&service, &account, 1, 3).await;
    for (metric, quantity, expected) in [
        ("staff", 1, json!([true, null, null, []])),
        ("staff", 2, json!([false, "staff_limit_exceeded", null, ["pro"]])),
        ("staff", 5, json!([false, "staff_limit_exceeded", null, []])),
        ("bookings_per_day", 2, json!([true, null, null, []])),
        ("bookings_per_day", 3, json!([false, "booking_limit_exceeded", "2026-05-05", ["pro"]])),
        // No day has room for six on this plan.
        ("bookings_per_day", 6, json!([false, "booking_limit_exceeded", null, ["pro"]])),
        ("bookings_per_day", u32::MAX, json!([false, "booking_limit_exceeded", null, []])),
    ] {
        let mut question = json!({"metric": metric, "quantity": quantity});
        if metric != "staff" {
            question["on"] = json!(DAY);
        }
        let checked = check(&service, &account, question).await;
        let answer = json!(["allowed", "code", "next_allowed_day", "plans_that_allow"].map(|name| &checked[name]));
        assert_eq!((answer, &checked["quantity"]), (expected, &json!(quantity)), "{metric} {quantity}");
    }
}

#[actix_web::test]
async fn an_invalid_check_reports_every_fault() {
    let service = start().await;
    let account = service.account_on("basic").await;
    let bookings = |question: Value| {
        let mut question = question;
        question["metric"] = json!("bookings_per_day");
        question
    };
    for (question, expected) in [
        (json!({}), &[("/metric", "required")][..]),
        (json!({"metric": null}), &[("/metric", "required")]),
        (json!({"metric": "Staff"}), &[("/metric", "not_one_of")]),
        (json!({"metric": "rooms", "quantity": 0}), &[("/metric", "not_one_of"), ("/quantity", "out_of_range")]),
        (bookings(json!({"quantity": -1})), &[("/quantity", "out_of_range")]),
        (bookings(json!({"quantity": 9_007_199_254_740_992_u64})), &[("/quantity", "out_of_range")]),
        (bookings(json!({"quantity": u64::MAX})), &[("/quantity", "out_of_range")]),
        (bookings(json!({"quantity": 1e300})), &[("/quantity", "out_of_range")]),
        (bookings(json!({"quantity": -1e300})), &[("/quantity", "out_of_range")]),
        (bookings(json!({"quantity": 1.5})), &[("/quantity", "wrong_type")]),
        (bookings(json!({"quantity": "1"})), &[("/quantity", "wrong_type")]),
        (bookings(json!({"on": "today"})), &[("/on", "not_a_day")]),
        (bookings(json!({"on": "2200-01-01"})), &[("/on", "not_a_day")]),
        (bookings(json!({"on": 7, "quantity": []})), &[("/on", "wrong_type"), ("/quantity", "wrong_type")]),
        (json!({"metric": "staff", "on": DAY}), &[("/on", "not_by_day")]),
        (json!({"metric": "staff", "on": "x"}), &[("/on", "not_by_day")]),
    ] {
        let mut faults = service.post(&format!("{account}/check"), question.clone()).await.faults();
        let mut expected: Vec<_> = expected.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect();
        faults.sort();
        expected.sort();
        assert_eq!(faults, expected, "{question}");
    }
    for quantity in [json!(1), json!(1.0), json!(null)] {
        let question = json!({"metric": "staff", "quantity": quantity, "on": null});
        assert_eq!(check(&service, &account, question).await["quantity"], 1);
    }
}

#[actix_web::test]
async fn a_check_ignores_its_idempotency_key() {
    let service = start().await;
    let account = service.account_on("basic").await;
    let ask = async || {
        let request = TestRequest::post().uri(&format!("{account}/check")).insert_header(bearer(&service.token));
        let request = request.insert_header(("idempotency-key", "k")).set_json(json!({"metric": "staff"}));
        let answer = service.send(request).await;
        assert_eq!(answer.header("idempotency-replayed"), None);
        answer.expect(200)["used"].clone()
    };
    assert_eq!(ask().await, 0);
    make(&service, &account, 1, 0).await;
    assert_eq!(ask().await, 1);
}

#[actix_web::test]
async fn today_is_in_the_accounts_time_zone() {
    let service = start_at("2026-01-01T10:30:00Z".parse().expect("an instant")).await;
    for (zone, day) in
        [("Pacific/Kiritimati", "2026-01-02"), ("UTC", "2026-01-01"), ("Pacific/Pago_Pago", "2025-12-31")]
    {
        let new = service.post("/accounts", json!({"name": "My Salon", "time_zone": zone})).await.expect(201);
        let account = format!("/accounts/{}", new["id"].as_str().expect("an id is a string"));
        let report = service.get(&format!("{account}/entitlements")).await.expect(200);
        assert_eq!(report["on"], day, "{zone}");
        let question = json!({"metric": "bookings_per_day"});
        let checked = check(&service, &account, question).await;
        assert_eq!(checked["window"], report["entitlements"][1]["window"], "{zone}");
    }
}
