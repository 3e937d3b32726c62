//! Replayed responses: none for callers who lost access, and none for guesses.

use std::num::NonZeroU32;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use api::{Allowance, RateLimitSettings, RequestPolicySettings};
use serde_json::json;

use crate::house::{PASSWORD, bearer, fresh_name, person, start, start_behind};
use crate::idempotency::{assert_same, log_in, post};
use crate::in_process::text;

#[actix_web::test]
async fn a_removed_member_gets_no_replayed_account() {
    let service = start().await;
    let (ann, ben) = (person(&service).await, person(&service).await);
    let open = async |token: &str| post(&service, token, "/accounts", "k", &json!({"name": "My Salon"})).await;
    let first = open(&ann.login.token).await;
    let account = format!("/accounts/{}", text(&first.json()["id"]));
    ann.send(&service, Method::PUT, &format!("{account}/members/{}", ben.name), json!({"role": "owner"}))
        .await
        .expect(200);
    ben.accept(&service, &account).await;
    assert_same(&open(&ann.login.token).await, &first);
    assert_eq!(ben.remove(&service, &format!("{account}/members/{}", ann.name)).await.status, 204);
    let before = service.row_counts();
    open(&ann.login.token).await.refused(409, "conflict");
    assert_eq!(service.row_counts(), before);
    ben.send(&service, Method::PUT, &format!("{account}/members/{}", ann.name), json!({"role": "viewer"}))
        .await
        .expect(200);
    assert_same(&open(&ann.login.token).await, &first);
    // An operator sees every account, member or not.
    let first = open(&service.token).await;
    let account = format!("/accounts/{}", text(&first.json()["id"]));
    let member = format!("{account}/members/{}", ben.name);
    service.send(service.authorised(Method::PUT, &member).set_json(json!({"role": "owner"}))).await.expect(200);
    ben.accept(&service, &account).await;
    service.post(&format!("{account}/transfer"), json!({"user": ben.name})).await.expect(200);
    assert_eq!(ben.remove(&service, &format!("{account}/members/user")).await.status, 204);
    assert_same(&open(&service.token).await, &first);
}

#[actix_web::test]
async fn a_reused_username_gets_no_replayed_registration() {
    let service = start().await;
    let register = async |name: &str, key: &str| {
        let request = TestRequest::post().uri("/users").insert_header(("idempotency-key", key));
        service.send(request.set_json(json!({"username": name, "password": "a quiet river"}))).await
    };
    let ann = fresh_name();
    let first = register(&ann, "1").await;
    let token = log_in(&service, &ann, &json!("a quiet river")).await;
    let leave = TestRequest::delete().uri("/users/me").insert_header(bearer(&token));
    assert_eq!(service.send(leave).await.status, 204);
    register(&ann, "1").await.refused(409, "conflict");
    let second = register(&ann, "2").await;
    assert_ne!(second.expect(201)["id"], first.expect(201)["id"]);
    register(&ann, "1").await.refused(409, "conflict");
    assert_same(&register(&ann, "2").await, &second);
}

/// A used key reveals whether a request is the same: with a password in the body, whether the
/// password is the same.
#[actix_web::test]
async fn a_password_guess_with_a_used_key_counts_as_a_failed_login() {
    let two = NonZeroU32::MIN.saturating_add(1);
    let day = NonZeroU32::MIN.saturating_add(86_399);
    let login = Some(Allowance { requests: two, window_seconds: day });
    let rate_limits = RateLimitSettings { login, ..RateLimitSettings::default() };
    let service = start_behind(&RequestPolicySettings { rate_limits, ..RequestPolicySettings::default() }).await;
    let ann = fresh_name();
    let register = async |password: &str| {
        let request = TestRequest::post().uri("/users").insert_header(("idempotency-key", "1"));
        service.send(request.set_json(json!({"username": ann, "password": password}))).await
    };
    let first = register("a quiet river").await;
    for _ in 0..3 {
        assert_same(&register("a quiet river").await, &first);
    }
    let token = log_in(&service, &ann, &json!("a quiet river")).await;
    let change = async |token: &str, password: &str, new: &str| {
        post(&service, token, "/users/me/password", "k", &json!({"password": password, "new_password": new})).await
    };
    for (guess, code) in [
        ("a loud river", "idempotency_key_reused"),
        ("a wide river", "idempotency_key_reused"),
        ("a deep river", "rate_limited"),
    ] {
        assert_eq!(register(guess).await.json()["code"], code, "{guess}");
    }
    register("a quiet river").await.refused(429, "rate_limited");
    change(&token, "a quiet river", "another river").await.refused(429, "rate_limited");

    let (ben, new) = (person(&service).await, "another river");
    assert_eq!(change(&ben.login.token, PASSWORD, new).await.status, 204);
    let token = log_in(&service, &ben.name, &json!(new)).await;
    for code in ["idempotency_key_reused", "idempotency_key_reused", "rate_limited"] {
        assert_eq!(change(&token, "a guess", "a guess at it").await.json()["code"], code);
    }
}
