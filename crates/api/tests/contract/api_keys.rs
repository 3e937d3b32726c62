//! API keys: shown once, with a scope, for one account or all, until they expire or are revoked.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::rt::time::timeout;
use actix_web::test::TestRequest;
use api::clock::SystemClock;
use domain::ports::Clock;
use domain::{API_KEYS_MAX, SignedDuration};
use serde_json::{Value, json};
use testkit::fixtures::{FixedClock, NOW};

use crate::house::{Tenant, bearer, person, start, start_by};
use crate::in_process::{Answer, Service, text};

async fn get(service: &Service, path: &str, secret: &str) -> Answer {
    service.send(TestRequest::get().uri(path).insert_header(bearer(secret))).await
}

#[actix_web::test]
async fn the_secret_of_an_api_key_is_shown_only_at_creation() {
    let service = start().await;
    let (ann, ben) = (person(&service).await, person(&service).await);
    let made = ann.post(&service, "/api-keys", json!({"name": " Web shop ", "scope": "read"})).await;
    let mut key = made.expect(201);
    let secret = text(&key["secret"]).to_owned();
    assert!(secret.starts_with("hr_live_") && secret.len() > 60, "{secret}");
    key.as_object_mut().unwrap().remove("secret");
    assert_eq!((&key["name"], &key["scope"], &key["last_used_at"]), (&json!("Web shop"), &json!("read"), &Value::Null));
    let path = made.header("location").unwrap().to_owned();
    assert_eq!(path, format!("/api-keys/{}", text(&key["id"])));
    let (found, list) = (ann.get(&service, &path).await, ann.get(&service, "/api-keys").await);
    assert_eq!(found.expect(200), key);
    assert_eq!(list.expect(200), json!({"data": [key], "next_cursor": null}));
    assert_eq!(ben.get(&service, "/api-keys").await.expect(200)["data"], json!([]));
    ben.get(&service, &path).await.refused(404, "not_found");
    ben.ask(&service, Method::DELETE, &path).await.refused(404, "not_found");
    assert_eq!(get(&service, "/users/me", &secret).await.expect(200)["username"], ann.name);
    assert_eq!(ann.ask(&service, Method::DELETE, &path).await.status, 204);
    get(&service, "/users/me", &secret).await.refused(401, "invalid_token");
    ann.ask(&service, Method::DELETE, &path).await.refused(404, "not_found");
    let on_disk = service.on_disk();
    assert!(!on_disk.windows(secret.len()).any(|bytes| bytes == secret.as_bytes()), "the secret is on the disk");
}

#[actix_web::test]
async fn the_last_use_of_a_key_is_recorded_after_reads_and_writes() {
    let service = start().await;
    for write in [false, true] {
        let ann = person(&service).await;
        let (id, secret) = ann.api_key(&service, "write", None).await;
        if write {
            let open = TestRequest::post().uri("/accounts").set_json(json!({"name": "My Salon"}));
            service.send(open.insert_header(bearer(&secret))).await.expect(201);
        } else {
            get(&service, "/users/me", &secret).await.expect(200);
        }
        // A read does not wait for this update, which another connection may write.
        let noted = async {
            loop {
                let key = ann.get(&service, &format!("/api-keys/{id}")).await.expect(200);
                if !key["last_used_at"].is_null() {
                    return key;
                }
            }
        };
        let key = timeout(Duration::from_mins(2), noted).await.expect("the use is recorded");
        assert!(text(&key["last_used_at"]) >= text(&key["created_at"]), "{key}");
    }
}

#[actix_web::test]
async fn a_key_for_one_account_sees_only_that_account() {
    let service = start().await;
    let (tenant, other) = (Tenant::open(&service).await, Tenant::open(&service).await);
    let ann = &tenant.owner;
    let another = ann.post(&service, "/accounts", json!({"name": "Another"})).await.expect(201);
    let (_, secret) = ann.api_key(&service, "admin", Some(&tenant.id("account_id"))).await;
    let listed = |list: &Value| -> Vec<String> {
        list["data"].as_array().unwrap().iter().map(|it| text(&it["id"]).to_owned()).collect()
    };
    assert_eq!(listed(&ann.get(&service, "/accounts").await.expect(200)).len(), 2);
    assert_eq!(listed(&get(&service, "/accounts", &secret).await.expect(200)), [tenant.id("account_id")]);
    get(&service, &tenant.account, &secret).await.expect(200);
    get(&service, &format!("/accounts/{}", text(&another["id"])), &secret).await.refused(404, "not_found");
    get(&service, &other.account, &secret).await.refused(404, "not_found");
    let leave = format!("{}/members/{}", tenant.account, ann.name);
    assert_eq!(ann.ask(&service, Method::DELETE, &leave).await.status, 204);
    assert!(listed(&get(&service, "/accounts", &secret).await.expect(200)).is_empty());
    get(&service, &tenant.account, &secret).await.refused(404, "not_found");
}

#[actix_web::test]
async fn api_keys_beyond_the_maximum_are_refused_until_one_ends() {
    let clock = Arc::new(FixedClock::new(NOW));
    let service = start_by(Arc::clone(&clock)).await;
    let (ann, ben) = (person(&service).await, person(&service).await);
    let end = NOW + SignedDuration::from_hours(1);
    let create = async || ann.post(&service, "/api-keys", json!({"name": "Till", "scope": "read"})).await;
    let ending = json!({"name": "Till", "scope": "read", "expires_at": end.to_string()});
    ann.post(&service, "/api-keys", ending).await.expect(201);
    let first = create().await.header("location").expect("a created resource has a Location").to_owned();
    for _ in 2..API_KEYS_MAX {
        create().await.expect(201);
    }
    let before = service.commits();
    let refusal = create().await.refused(409, "conflict");
    assert!(text(&refusal["detail"]).contains("50 API keys"), "{refusal}");
    assert!(service.commits() == before, "something was written");
    // Faults of the body are reported first.
    let faults = ann.post(&service, "/api-keys", json!({"name": "", "scope": "read"})).await.faults();
    assert_eq!(faults, [("/name".to_owned(), "blank".to_owned())]);
    ben.api_key(&service, "read", None).await;
    assert_eq!(ann.ask(&service, Method::DELETE, &first).await.status, 204);
    create().await.expect(201);
    create().await.refused(409, "conflict");
    clock.set(end);
    create().await.expect(201);
    create().await.refused(409, "conflict");
}

#[actix_web::test]
async fn an_invalid_api_key_request_reports_every_fault() {
    let service = start().await;
    let (tenant, other) = (Tenant::open(&service).await, Tenant::open(&service).await);
    let past = (SystemClock.now() - SignedDuration::from_mins(1)).to_string();
    let before = service.commits();
    for (body, expected) in [
        (json!({}), &[("/name", "required"), ("/scope", "required")][..]),
        (
            json!({"name": "", "scope": "all", "account_id": "x", "expires_at": "never"}),
            &[
                ("/name", "blank"),
                ("/scope", "not_one_of"),
                ("/account_id", "unknown_account"),
                ("/expires_at", "not_an_instant"),
            ],
        ),
        (json!({"name": "A", "scope": "read", "expires_at": past}), &[("/expires_at", "in_the_past")]),
        (
            json!({"name": "A", "scope": "read", "account_id": other.id("account_id")}),
            &[("/account_id", "unknown_account")],
        ),
    ] {
        let faults = tenant.owner.post(&service, "/api-keys", body.clone()).await.faults();
        let expected: Vec<_> = expected.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect();
        assert_eq!(faults, expected, "{body}");
    }
    assert!(service.commits() == before, "something was written");
}
