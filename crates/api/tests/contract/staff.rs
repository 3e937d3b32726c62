//! The life of a staff member: added, changed, removed, restored, and counted while they exist.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::house::{Person, bearer, person, start};
use crate::in_process::{Answer, Service, text};

/// The path of an account on a plan, and its owner.
async fn account_on(service: &Service, plan: &str) -> (Person, String) {
    let owner = person(service).await;
    let account = owner.post(service, "/accounts", json!({"name": "My Salon"})).await.expect(201);
    let account = format!("/accounts/{}", text(&account["id"]));
    owner.post(service, &format!("{account}/subscribe"), json!({"plan": plan})).await.expect(201);
    (owner, account)
}

/// Adds a staff member; the path and the body.
async fn add(service: &Service, owner: &Person, account: &str, body: Value) -> (String, Value) {
    let answer = owner.post(service, &format!("{account}/staff"), body).await;
    let member = answer.expect(201);
    (answer.header("location").expect("a created resource has a Location").to_owned(), member)
}

/// Sends a request with `If-Match`.
async fn send_if(
    service: &Service,
    who: &Person,
    method: Method,
    path: &str,
    tag: &str,
    body: Option<Value>,
) -> Answer {
    let request = TestRequest::with_uri(path).method(method).insert_header(bearer(&who.login.token));
    let request = request.insert_header(("if-match", tag));
    service.send(if let Some(body) = body { request.set_json(body) } else { request }).await
}

async fn audited(service: &Service, owner: &Person, account: &str) -> Vec<String> {
    let audit = owner.get(service, &format!("{account}/audit?limit=100")).await.expect(200);
    let entries = audit["data"].as_array().expect("a list has data").iter();
    entries.map(|entry| text(&entry["action"]).to_owned()).collect()
}

#[actix_web::test]
async fn a_staff_patch_changes_named_fields_and_null_clears_the_email() {
    let service = start().await;
    let (ann, account) = account_on(&service, "basic").await;
    let (path, member) = add(&service, &ann, &account, json!({"name": "Ben", "email": "ben@example.com"})).await;
    let expected = |name: &str, email: Value| {
        let mut expected = member.clone();
        expected["name"] = json!(name);
        expected["email"] = email;
        expected
    };
    for (patch, name, email) in [
        (json!({}), "Ben", json!("ben@example.com")),
        (json!({"name": " Benno "}), "Benno", json!("ben@example.com")),
        (json!({"email": null}), "Benno", Value::Null),
        (json!({"name": "Ben", "email": "b@example.com"}), "Ben", json!("b@example.com")),
    ] {
        let changed = ann.patch(&service, &path, patch.clone()).await;
        assert_eq!(changed.expect(200), expected(name, email), "{patch}");
        let found = ann.get(&service, &path).await;
        assert_eq!((found.json(), found.header("etag")), (changed.json(), changed.header("etag")), "{patch}");
    }
}

#[actix_web::test]
async fn an_invalid_staff_patch_reports_every_fault() {
    let service = start().await;
    let (ann, account) = account_on(&service, "basic").await;
    let (path, member) = add(&service, &ann, &account, json!({"name": "Ben"})).await;
    for (patch, expected) in [
        (json!({"name": null}), &[("/name", "required")][..]),
        (json!({"name": " "}), &[("/name", "blank")]),
        (json!({"name": 7, "email": "x"}), &[("/name", "wrong_type"), ("/email", "not_an_email_address")]),
    ] {
        let faults = ann.patch(&service, &path, patch).await.faults();
        assert_eq!(faults, expected.iter().map(|(at, code)| ((*at).into(), (*code).into())).collect::<Vec<_>>());
    }
    ann.patch(&service, &path, json!({"nmae": "Ben"})).await.refused(400, "unknown_field");
    assert_eq!(ann.get(&service, &path).await.expect(200), member);
}

#[actix_web::test]
async fn removing_a_staff_member_frees_a_place_and_is_idempotent() {
    let service = start().await;
    let (ann, account) = account_on(&service, "basic").await;
    let (first, _) = add(&service, &ann, &account, json!({"name": "Ben"})).await;
    add(&service, &ann, &account, json!({"name": "Cleo"})).await;
    let another = json!({"name": "Dan"});
    ann.post(&service, &format!("{account}/staff"), another.clone()).await.refused(403, "staff_limit_exceeded");
    for _ in 0..2 {
        assert_eq!(ann.remove(&service, &first).await.status, 204);
        ann.get(&service, &first).await.refused(404, "not_found");
        ann.patch(&service, &first, json!({"name": "Bo"})).await.refused(404, "not_found");
    }
    add(&service, &ann, &account, another.clone()).await;
    ann.post(&service, &format!("{account}/staff"), another).await.refused(403, "staff_limit_exceeded");
    ann.remove(&service, &format!("{account}/staff/staff_00000000000000000000000000")).await.refused(404, "not_found");
}

#[actix_web::test]
async fn a_staff_member_is_restored_only_while_the_plan_has_room() {
    let service = start().await;
    let (ann, account) = account_on(&service, "basic").await;
    let (path, member) = add(&service, &ann, &account, json!({"name": "Ben"})).await;
    let (other, _) = add(&service, &ann, &account, json!({"name": "Cleo"})).await;
    assert_eq!(ann.restore(&service, &path).await.expect(200), member, "the staff member was not removed");
    assert_eq!(ann.remove(&service, &path).await.status, 204);
    add(&service, &ann, &account, json!({"name": "Dan"})).await;
    let problem = ann.restore(&service, &path).await.refused(403, "staff_limit_exceeded");
    assert_eq!((&problem["limit"], &problem["used"]), (&json!(2), &json!(2)));
    assert_eq!(ann.remove(&service, &other).await.status, 204);
    let restored = ann.restore(&service, &path).await;
    assert_eq!(restored.expect(200), member);
    assert_eq!(restored.header("etag"), ann.get(&service, &path).await.header("etag"));
    let unknown = format!("{account}/staff/staff_00000000000000000000000000");
    ann.restore(&service, &unknown).await.refused(404, "not_found");
    let query = format!("{path}/restore?dry_run=true");
    ann.ask(&service, Method::POST, &query).await.refused(400, "invalid_parameter");
}

#[actix_web::test]
async fn a_staff_patch_with_an_outdated_if_match_is_refused() {
    let service = start().await;
    let (ann, account) = account_on(&service, "basic").await;
    let (path, _) = add(&service, &ann, &account, json!({"name": "Ben"})).await;
    let seen = ann.get(&service, &path).await.header("etag").expect("it has a version").to_owned();
    let patch = |name: &str| Some(json!({"name": name}));
    let changed = send_if(&service, &ann, Method::PATCH, &path, &seen, patch("Bo")).await;
    changed.expect(200);
    let now = changed.header("etag").expect("it has a version").to_owned();
    assert_ne!(now, seen);
    let weak = format!("W/{now}");
    for tag in [&seen, "\"x\"", &weak] {
        send_if(&service, &ann, Method::PATCH, &path, tag, patch("Bob")).await.refused(412, "precondition_failed");
        send_if(&service, &ann, Method::DELETE, &path, tag, None).await.refused(412, "precondition_failed");
    }
    assert_eq!(ann.get(&service, &path).await.expect(200)["name"], "Bo");
    let several = format!("\"x\", {now}");
    send_if(&service, &ann, Method::PATCH, &path, &several, patch("Bob")).await.expect(200);
    send_if(&service, &ann, Method::PATCH, &path, "*", patch("Ben")).await.expect(200);
    // The content is the old one again, but the version is a new one.
    send_if(&service, &ann, Method::DELETE, &path, &seen, None).await.refused(412, "precondition_failed");
}

#[actix_web::test]
async fn staff_changes_are_audited_and_no_ops_are_not() {
    let service = start().await;
    let (ann, account) = account_on(&service, "basic").await;
    let (path, _) = add(&service, &ann, &account, json!({"name": "Ben"})).await;
    for _ in 0..2 {
        ann.patch(&service, &path, json!({"name": "Bo"})).await.expect(200);
    }
    for _ in 0..2 {
        assert_eq!(ann.remove(&service, &path).await.status, 204);
    }
    for _ in 0..2 {
        ann.restore(&service, &path).await.expect(200);
    }
    let expected =
        ["staff_member.restored", "staff_member.removed", "staff_member.changed", "subscription.plan_changed"];
    assert_eq!(audited(&service, &ann, &account).await[..4], expected);
}
