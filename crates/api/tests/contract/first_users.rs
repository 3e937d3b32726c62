//! The first users' requests: six, with minimal bodies, which must work unchanged for ever.

use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE};
use actix_web::test::TestRequest;
use domain::Timestamp;
use serde_json::{Value, json};

use crate::house::start;
use crate::in_process::{Answer, Service, text};

/// Asserts that a resource was created, has the common fields, and is found at its `Location`.
async fn made(service: &Service, answer: &Answer, prefix: &str) -> Value {
    let resource = answer.expect(201);
    let suffix = text(&resource["id"]).strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_'));
    assert_eq!(suffix.map(str::len), Some(26), "{resource}");
    assert!(instant(&resource["created_at"]) > Timestamp::UNIX_EPOCH, "{resource}");
    let location = answer.header("location").expect("a created resource has a Location");
    let found = service.get(location).await;
    assert_eq!((found.status, found.text()), (200, answer.text()), "{location}");
    resource
}

/// An instant in UTC.
fn instant(value: &Value) -> Timestamp {
    assert!(text(value).ends_with('Z'), "{value}");
    text(value).parse().expect("an instant is RFC 3339")
}

#[actix_web::test]
async fn the_six_requests_of_the_first_users_work() {
    let service = start().await;
    let send = |path: &str, body: &'static str, token: &str| {
        let request = TestRequest::post().uri(path).insert_header((CONTENT_TYPE, "application/json")).set_payload(body);
        let bearer = (AUTHORIZATION, format!("Bearer {token}"));
        service.send(if token.is_empty() { request } else { request.insert_header(bearer) })
    };
    let token = send("/token", r#"{"username":"user","password":"user"}"#, "").await.expect(200);
    assert_eq!((&token["token_type"], &token["expires_in"]), (&json!("bearer"), &json!(900)));
    let token = text(&token["access_token"]);

    let account = made(&service, &send("/accounts", r#"{"name":"My Salon"}"#, token).await, "acct").await;
    assert_eq!(account["name"], "My Salon");
    assert_eq!((&account["time_zone"], &account["subscription"]), (&json!("UTC"), &Value::Null));
    let path = |rest: &str| format!("/accounts/{}/{rest}", text(&account["id"]));

    for (rest, body) in [("staff", r#"{"name":"Ann"}"#), ("bookings", "{}")] {
        send(&path(rest), body, token).await.refused(403, "subscription_required");
    }
    let subscription = made(&service, &send(&path("subscribe"), r#"{"plan":"basic"}"#, token).await, "sub").await;
    assert_eq!((&subscription["plan"], &subscription["account_id"]), (&json!("basic"), &account["id"]));
    assert_eq!(subscription["plan_since"], subscription["created_at"]);

    let member = made(&service, &send(&path("staff"), r#"{"name":"Ann"}"#, token).await, "staff").await;
    assert_eq!((&member["name"], &member["account_id"]), (&json!("Ann"), &account["id"]));
    assert_eq!(member["email"], Value::Null);

    let booking = made(&service, &send(&path("bookings"), "{}", token).await, "bkg").await;
    assert_eq!(booking["account_id"], account["id"]);
    for member in ["customer_name", "staff_id", "notes"] {
        assert_eq!(booking[member], Value::Null, "{member}");
    }

    let health = service.send(TestRequest::get().uri("/health")).await.expect(200);
    assert_eq!(health, json!({"status": "ok"}));
}

#[actix_web::test]
async fn every_given_field_is_returned() {
    let service = start().await;
    let new = json!({"name": "Studio", "time_zone": "Europe/Berlin"});
    let account = made(&service, &service.post("/accounts", new).await, "acct").await;
    assert_eq!((&account["name"], &account["time_zone"]), (&json!("Studio"), &json!("Europe/Berlin")));
    let path = |rest: &str| format!("/accounts/{}/{rest}", text(&account["id"]));
    let subscription = service.post(&path("subscribe"), json!({"plan": "pro"})).await.expect(201);
    let account = service.get(path("").trim_end_matches('/')).await.expect(200);
    assert_eq!(account["subscription"], subscription);

    let new = json!({"name": "Ann", "email": "ann@example.com"});
    let member = made(&service, &service.post(&path("staff"), new).await, "staff").await;
    assert_eq!(member["email"], "ann@example.com");
    let new = json!({
        "starts_at": "2026-03-29T10:00:00.123456789+02:00", "customer_name": "Ben", "staff_id": member["id"], "notes": "First visit",
    });
    let booking = made(&service, &service.post(&path("bookings"), new.clone()).await, "bkg").await;
    assert_eq!((&booking["starts_at"], &booking["day"]), (&json!("2026-03-29T08:00:00.123456Z"), &json!("2026-03-29")));
    for member in ["customer_name", "staff_id", "notes"] {
        assert_eq!(booking[member], new[member], "{member}");
    }
}

#[actix_web::test]
async fn plan_names_are_case_insensitive() {
    let service = start().await;
    for (named, key) in [("basic", "basic"), ("BASIC", "basic"), ("Pro", "pro"), (" pRO ", "pro")] {
        let path = format!("{}/subscribe", service.account().await);
        assert_eq!(service.post(&path, json!({"plan": named})).await.expect(201)["plan"], key, "{named}");
    }
    let path = format!("{}/subscribe", service.account().await);
    for unknown in ["gold", "", "basic pro", "bаsic"] {
        service.post(&path, json!({"plan": unknown})).await.refused(422, "unknown_plan");
    }
}

#[actix_web::test]
async fn the_first_plan_creates_the_subscription_and_others_change_it() {
    let service = start().await;
    let account = service.account().await;
    let path = format!("{account}/subscribe");
    service.get(&format!("{account}/subscription")).await.refused(404, "not_found");
    let first = service.post(&path, json!({"plan": "basic"})).await;
    let again = service.post(&path, json!({"plan": "Basic"})).await;
    assert_eq!((first.status, again.status), (201, 200));
    assert_eq!(first.text(), again.text());
    let (first, changed) = (first.json(), service.post(&path, json!({"plan": "pro"})).await.expect(200));
    assert_eq!((&changed["id"], &changed["created_at"]), (&first["id"], &first["created_at"]));
    assert_eq!(changed["plan"], "pro");
    assert!(instant(&changed["plan_since"]) > instant(&first["plan_since"]), "{changed}");
    assert_eq!(service.get(&format!("{account}/subscription")).await.expect(200), changed);
}

#[actix_web::test]
async fn plans_are_listed_with_their_limits() {
    let service = start().await;
    let plans = service.send(TestRequest::get().uri("/plans")).await.expect(200);
    let plan = |key, name, description, staff, bookings| {
        let limits = json!({"staff": staff, "bookings_per_day": bookings});
        json!({"key": key, "name": name, "description": description, "limits": limits})
    };
    let (basic, pro) =
        (plan("basic", "Basic", "For a small team.", 2, 5), plan("pro", "Pro", "For a growing team.", 5, 20));
    assert_eq!(plans, json!({"data": [basic, pro], "next_cursor": null}));
}
