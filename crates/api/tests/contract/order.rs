//! The order of refusals: an invalid request never gets "upgrade your plan".

use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE};
use actix_web::test::TestRequest;
use serde_json::json;

use crate::document::operations;
use crate::house::{Tenant, start};
use crate::in_process::Answer;

const MISSING: &str = "/accounts/acct_00000000000000000000000000";
/// Faulty bodies: media type, body, and the refusal where nothing comes before it.
const FAULTY_BODIES: [(&str, &str, u16, &str); 7] = [
    ("application/json", "{", 400, "invalid_json"),
    ("application/json", "", 400, "invalid_json"),
    ("application/json", r#"{"nmae":"Ann"}"#, 400, "unknown_field"),
    ("application/json", "7", 422, "validation_failed"),
    ("application/json", r#"{"name":7,"plan":7,"notes":7}"#, 400, "unknown_field"),
    ("text/plain", "{}", 415, "unsupported_media_type"),
    ("application/json", TOO_LARGE, 413, "payload_too_large"),
];
const TOO_LARGE: &str = match std::str::from_utf8(&[b' '; 16 * 1024 + 1]) {
    Ok(blanks) => blanks,
    Err(_) => panic!("blanks are UTF-8"),
};
/// For each collection of an account, a body with faults in its fields.
const FAULTY_FIELDS: [(&str, &str); 5] =
    [("staff", "{}"), ("bookings", r#"{"notes":7}"#), ("usage", "{}"), ("subscribe", "{}"), ("check", "{}")];

/// Asserts the refusal of a POST.
fn assert_refused(answer: &Answer, status: u16, code: &str, context: &str) {
    assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some(code)), "{context}: {}", answer.text());
}

#[actix_web::test]
async fn authentication_is_checked_before_everything() {
    let service = start().await;
    for operation in operations().iter().filter(|operation| operation.is_secured()) {
        let path = operation.path.replace("/accounts/{account_id}", MISSING);
        for (media_type, body, ..) in FAULTY_BODIES {
            let method: Method = operation.method.parse().unwrap();
            let request = TestRequest::with_uri(&path).method(method).insert_header((CONTENT_TYPE, media_type));
            let answer = service.send(request.set_payload(body)).await;
            assert_refused(&answer, 401, "unauthenticated", &format!("{path} {body:.40}"));
        }
    }
}

#[actix_web::test]
async fn the_account_is_checked_before_the_body_and_the_plan() {
    let service = start().await;
    let account = service.account().await;
    let token = format!("Bearer {}", service.token);
    for (collection, faulty_fields) in FAULTY_FIELDS {
        let fields = ("application/json", faulty_fields, 422, "validation_failed");
        for (media_type, body, status, code) in FAULTY_BODIES.into_iter().chain([fields]) {
            for (account, status, code) in [(MISSING, 404, "not_found"), (&account, status, code)] {
                let path = format!("{account}/{collection}");
                let request = TestRequest::post().uri(&path).insert_header((CONTENT_TYPE, media_type));
                let request = request.insert_header((AUTHORIZATION, token.as_str())).set_payload(body);
                assert_refused(&service.send(request).await, status, code, &format!("{path} {body:.40}"));
            }
        }
    }
}

#[actix_web::test]
async fn references_are_checked_before_the_plan() {
    let service = start().await;
    let (tenant, stranger) = (service.account().await, Tenant::open(&service).await);
    for staff_id in ["", "Ann", "staff_00000000000000000000000000", &stranger.staff, &stranger.booking] {
        let body = json!({"staff_id": staff_id});
        let faults = service.post(&format!("{tenant}/bookings"), body.clone()).await.faults();
        assert_eq!(faults, [("/staff_id".to_owned(), "unknown_staff_member".to_owned())], "{staff_id}");
        service.post(&format!("{MISSING}/bookings"), body).await.refused(404, "not_found");
    }
    service.post(&format!("{MISSING}/subscribe"), json!({"plan": "gold"})).await.refused(404, "not_found");
}

#[actix_web::test]
async fn faults_are_reported_before_limits() {
    let service = start().await;
    let account = service.account_on("basic").await;
    let (staff, bookings) = (format!("{account}/staff"), format!("{account}/bookings"));
    for _ in 0..2 {
        service.post(&staff, json!({"name": "Ann"})).await.expect(201);
    }
    let booking = json!({"starts_at": "2026-05-04T12:00:00Z"});
    for _ in 0..5 {
        service.post(&bookings, booking.clone()).await.expect(201);
    }
    service.post(&staff, json!({"name": "Ann"})).await.refused(403, "staff_limit_exceeded");
    service.post(&staff, json!({"name": ""})).await.refused(422, "validation_failed");
    service.post(&staff, json!({"nmae": "Ann"})).await.refused(400, "unknown_field");
    service.post(&bookings, booking.clone()).await.refused(403, "booking_limit_exceeded");
    let unknown = json!({"starts_at": booking["starts_at"], "staff_id": "staff_00000000000000000000000000"});
    service.post(&bookings, unknown).await.refused(422, "validation_failed");
    service.post_text(&bookings, "{").await.refused(400, "invalid_json");
}
