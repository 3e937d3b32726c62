//! Idempotent requests: a repetition with the same `Idempotency-Key` gets the same response and
//! writes nothing.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use domain::{IDEMPOTENCY_KEPT_FOR, SignedDuration};
use serde_json::{Value, json};
use testkit::fixtures::{FixedClock, NOW};

use crate::document::{Operation, operations};
use crate::house::{PASSWORD, Person, Tenant, bearer, fresh_name, person, start, start_by};
use crate::in_process::{Answer, Service, text};

/// POSTs JSON with a key.
pub(crate) async fn post(service: &Service, token: &str, path: &str, key: &str, body: &Value) -> Answer {
    let request = TestRequest::post().uri(path).insert_header(bearer(token)).insert_header(("idempotency-key", key));
    service.send(request.set_json(body)).await
}

pub(crate) async fn log_in(service: &Service, name: &str, password: &Value) -> String {
    let credentials = json!({"username": name, "password": password});
    let answer = service.send(TestRequest::post().uri("/token").set_json(credentials)).await;
    text(&answer.expect(200)["access_token"]).to_owned()
}

fn is_replayed(answer: &Answer) -> bool {
    let replayed = answer.header("idempotency-replayed");
    assert!([None, Some("true")].contains(&replayed), "{answer:?}");
    replayed.is_some()
}

/// Asserts that `again` replays the first response.
#[track_caller]
pub(crate) fn assert_same(again: &Answer, first: &Answer) {
    assert!((200..300).contains(&first.status) && !is_replayed(first), "{first:?}");
    assert!(is_replayed(again), "{again:?}");
    let parts = |answer: &Answer| {
        let headers = ["location", "content-type", "cache-control"];
        (answer.status, answer.body.clone(), headers.map(|name| answer.header(name).map(str::to_owned)))
    };
    assert_eq!(parts(again), parts(first));
}

/// Every operation that takes a key.
fn with_key() -> Vec<Operation> {
    let takes_a_key = |operation: &Operation| {
        let parameters = operation.description["parameters"].as_array();
        parameters.is_some_and(|parameters| parameters.iter().any(|it| it["name"] == "Idempotency-Key"))
    };
    let with_key: Vec<_> = operations().into_iter().filter(takes_a_key).collect();
    assert!(with_key.len() > 7, "too few operations");
    with_key
}

#[actix_web::test]
async fn every_repeated_post_gets_the_same_response_and_writes_nothing() {
    let service = start().await;
    for operation in with_key() {
        let tenant = Tenant::open(&service).await;
        let (path, owner) = (tenant.path(&operation), &tenant.owner);
        let body = tenant.body(&operation, owner).unwrap_or_default();
        let permitted = tenant.token(&service, &operation);
        let first = post(&service, permitted, &path, "a-key", &body).await;
        let token = match &body["new_password"] {
            // The first request ended all sessions.
            Value::String(new) => log_in(&service, &owner.name, &json!(new)).await,
            _ => permitted.to_owned(),
        };
        let before = service.row_counts();
        for _ in 0..2 {
            assert_same(&post(&service, &token, &path, "a-key", &body).await, &first);
        }
        assert_eq!(service.row_counts(), before, "{path}");
        // Equality is by bytes, not by meaning.
        let request = TestRequest::post().uri(&path).insert_header(("content-type", "application/json"));
        let request = request.insert_header(bearer(&token)).insert_header(("idempotency-key", "a-key"));
        // A former owner may not transfer the account again.
        let transferred = path.ends_with("/transfer");
        let (status, code) = if transferred { (403, "forbidden") } else { (422, "idempotency_key_reused") };
        let answer = service.send(request.set_payload(format!("{body} "))).await;
        if operation.takes_a_body() {
            answer.refused(status, code);
        }
        // Where dry runs are not supported, the parameter must not turn into a real request.
        let (status, code) =
            if operation.takes("dry_run") || transferred { (status, code) } else { (400, "invalid_parameter") };
        let otherwise = format!("{path}?dry_run=false");
        post(&service, &token, &otherwise, "a-key", &body).await.refused(status, code);
        assert_eq!(service.row_counts(), before, "{path}");
    }
}

#[actix_web::test]
async fn idempotency_keys_are_scoped_to_caller_and_path() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let (ann, ben) = (&tenant.owner, &tenant.other_owner);
    let (_, machine) = ann.api_key(&service, "write", None).await;
    let (_, other_machine) = ann.api_key(&service, "write", None).await;
    let [bookings, staff] = ["bookings", "staff"].map(|things| format!("{}/{things}", tenant.account));
    let another = format!("{}/staff", Tenant::open(&service).await.account);
    let (name, booking) = (json!({"name": "Ann"}), json!({"customer_name": "Ben"}));
    let mut locations = Vec::new();
    for (token, path, body) in [
        (&ann.login.token, &staff, &name),
        (&ann.login.token, &bookings, &booking),
        (&ben.login.token, &staff, &name),
        (&machine, &staff, &name),
        (&other_machine, &staff, &name),
        (&service.token, &another, &name),
    ] {
        let answer = post(&service, token, path, "1", body).await;
        assert!(answer.status == 201 && !is_replayed(&answer), "{answer:?}");
        locations.push(answer.header("location").unwrap().to_owned());
    }
    let same_user = log_in(&service, &ann.name, &json!(PASSWORD)).await;
    let again = post(&service, &same_user, &staff, "1", &name).await;
    assert!(is_replayed(&again), "another session is the same caller: {again:?}");
    assert_eq!(again.header("location"), Some(locations[0].as_str()));
    locations.sort();
    locations.dedup();
    assert_eq!(locations.len(), 6, "{locations:?}");
}

#[actix_web::test]
async fn refusals_are_not_stored() {
    let service = start().await;
    let ann = person(&service).await;
    let account = format!("/accounts/{}", {
        let account = ann.post(&service, "/accounts", json!({"name": "My Salon"})).await.expect(201);
        text(&account["id"]).to_owned()
    });
    let (token, staff) = (&ann.login.token, format!("{account}/staff"));
    let add = async |body: Value| post(&service, token, &staff, "k", &body).await;
    let name = json!({"name": "Ann"});
    add(name.clone()).await.refused(403, "subscription_required");
    add(json!({"name": ""})).await.refused(422, "validation_failed");
    ann.post(&service, &format!("{account}/subscribe"), json!({"plan": "basic"})).await.expect(201);
    let first = add(name.clone()).await;
    assert_same(&add(name.clone()).await, &first);
    // The limit is met now, and the response is still the same; another request is refused, and may
    // succeed after an upgrade.
    ann.post(&service, &staff, name.clone()).await.expect(201);
    assert_same(&add(name.clone()).await, &first);
    let another = async || post(&service, token, &staff, "another", &name).await;
    another().await.refused(403, "staff_limit_exceeded");
    ann.post(&service, &format!("{account}/subscribe"), json!({"plan": "pro"})).await.expect(200);
    let upgraded = another().await;
    assert_same(&another().await, &upgraded);
}

#[actix_web::test]
async fn former_members_get_no_replayed_response() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let (ben, staff) = (&tenant.other_owner, format!("{}/staff", tenant.account));
    let body = json!({"name": "Ann"});
    let add = async |token: &str| post(&service, token, &staff, "k", &body).await;
    let first = add(&ben.login.token).await;
    // A changed role hides nothing that the caller has not seen: a transfer changes the caller's
    // own role.
    tenant.put(&service, ben, "viewer").await;
    assert_same(&add(&ben.login.token).await, &first);
    for (key, name) in [("another", "Ann"), ("k", "Ben")] {
        post(&service, &ben.login.token, &staff, key, &json!({"name": name})).await.refused(403, "forbidden");
    }
    let member = format!("{}/members/{}", tenant.account, ben.name);
    assert_eq!(tenant.owner.ask(&service, Method::DELETE, &member).await.status, 204);
    add(&ben.login.token).await.refused(404, "not_found");
    tenant.put(&service, ben, "owner").await;
    assert_same(&add(&ben.login.token).await, &first);
    service.send(TestRequest::post().uri(&staff).set_json(&body)).await.refused(401, "unauthenticated");
}

#[actix_web::test]
async fn an_idempotency_key_is_1_to_255_visible_characters() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let stranger = person(&service).await;
    let staff = format!("{}/staff", tenant.account);
    let with = |token: &str, keys: &[&str]| {
        let request = TestRequest::post().uri(&staff).insert_header(bearer(token)).set_json(json!({"name": "Ann"}));
        keys.iter().fold(request, |request, key| request.append_header(("idempotency-key", key.as_bytes())))
    };
    let (long, too_long) = ("k".repeat(255), "k".repeat(256));
    let before = service.row_counts();
    for keys in [&[""][..], &[" "], &["a b"], &["a\tb"], &["ä"], &[&too_long], &["a", "b"], &["a", "a"]] {
        for (token, status, code) in [
            (&tenant.owner.login.token, 400, "invalid_parameter"),
            (&stranger.login.token, 404, "not_found"),
            (&"x".to_owned(), 401, "invalid_token"),
        ] {
            service.send(with(token, keys)).await.refused(status, code);
        }
    }
    assert_eq!(service.row_counts(), before);
    for key in ["a", "!\"#,;=\\{|}~", &long] {
        let send = async || service.send(with(&tenant.owner.login.token, &[key])).await;
        let first = send().await;
        assert_same(&send().await, &first);
    }
    // An operation that is idempotent by itself takes no key.
    let put = TestRequest::put().uri(&format!("{}/members/{}", tenant.account, stranger.name));
    let put = put.insert_header(bearer(&tenant.owner.login.token)).insert_header(("idempotency-key", "a b"));
    service.send(put.set_json(json!({"role": "viewer"}))).await.expect(200);
}

#[actix_web::test]
async fn an_idempotency_key_expires_after_24_hours() {
    let clock = Arc::new(FixedClock::new(NOW));
    let service = start_by(Arc::clone(&clock)).await;
    let account = service.account_on("pro").await;
    let add = async |name: &str| {
        post(&service, &service.token, &format!("{account}/staff"), "k", &json!({"name": name})).await
    };
    let first = add("Ann").await;
    clock.set(NOW + IDEMPOTENCY_KEPT_FOR - SignedDuration::from_micros(1));
    assert_same(&add("Ann").await, &first);
    add("Ben").await.refused(422, "idempotency_key_reused");
    clock.set(NOW + IDEMPOTENCY_KEPT_FOR);
    let ben = add("Ben").await;
    assert_same(&add("Ben").await, &ben);
    assert_eq!(ben.expect(201)["name"], "Ben");
    add("Ann").await.refused(422, "idempotency_key_reused");
}

#[actix_web::test]
async fn stored_responses_are_unreadable_in_the_database() {
    let service = start().await;
    let ann = person(&service).await;
    let (new, key) = (json!({"name": "A web shop of Ann's", "scope": "write"}), "a key of Ann's own");
    let key = key.replace(' ', "-");
    let first = post(&service, &ann.login.token, "/api-keys", &key, &new).await;
    let again = post(&service, &ann.login.token, "/api-keys", &key, &new).await;
    assert_same(&again, &first);
    let secret = text(&again.expect(201)["secret"]).to_owned();
    let me = service.send(TestRequest::get().uri("/users/me").insert_header(bearer(&secret))).await;
    assert_eq!(me.expect(200)["username"], ann.name, "the replayed key works");
    let on_disk = service.on_disk();
    let is_on_disk = |text: &str| on_disk.windows(text.len()).any(|bytes| bytes == text.as_bytes());
    assert!(is_on_disk("A web shop of Ann's"), "the stored content has the name");
    for hidden in [secret.as_str(), &secret[40..], &key, "\"secret\"", "\"body\""] {
        assert!(!is_on_disk(hidden), "{hidden}");
    }
}

#[actix_web::test]
async fn a_request_is_replayed_after_its_expires_at_has_passed() {
    let clock = Arc::new(FixedClock::new(NOW));
    let service = start_by(Arc::clone(&clock)).await;
    let ann = person(&service).await;
    let new = json!({"name": "For a minute", "scope": "read", "expires_at": (NOW + SignedDuration::from_mins(1)).to_string()});
    let make = async || post(&service, &ann.login.token, "/api-keys", "k", &new).await;
    let first = make().await;
    clock.set(NOW + SignedDuration::from_mins(2));
    assert_same(&make().await, &first);
    let faults = ann.post(&service, "/api-keys", new.clone()).await.faults();
    assert_eq!(faults, [("/expires_at".to_owned(), "in_the_past".to_owned())]);
}

/// A registration has no login yet: its key is scoped to the username.
#[actix_web::test]
async fn idempotency_keys_of_registrations_are_scoped_to_the_username() {
    let service = start().await;
    let register = async |name: &str, password: &str| {
        let request = TestRequest::post().uri("/users").insert_header(("idempotency-key", "1"));
        service.send(request.set_json(json!({"username": name, "password": password}))).await
    };
    let (ann, ben) = (fresh_name(), fresh_name());
    let first = register(&ann, "a quiet river").await;
    let other = register(&ben, "a quiet river").await;
    assert!(other.status == 201 && !is_replayed(&other), "{other:?}");
    assert_same(&register(&ann, "a quiet river").await, &first);
    register(&ann, "a wider, quieter river").await.refused(422, "idempotency_key_reused");
    for bad in ["", "a b"] {
        let request = TestRequest::post().uri("/users").insert_header(("idempotency-key", bad));
        let body = json!({"username": fresh_name(), "password": "a quiet river"});
        service.send(request.set_json(body)).await.refused(400, "invalid_parameter");
    }
}

#[actix_web::test]
async fn logins_ignore_idempotency_keys() {
    let service = start().await;
    let Person { name, .. } = person(&service).await;
    let log_in = async || {
        let request = TestRequest::post().uri("/token").insert_header(("idempotency-key", "k"));
        let answer = service.send(request.set_json(json!({"username": name, "password": PASSWORD}))).await;
        assert!(!is_replayed(&answer));
        text(&answer.expect(200)["refresh_token"]).to_owned()
    };
    assert_ne!(log_in().await, log_in().await);
}
