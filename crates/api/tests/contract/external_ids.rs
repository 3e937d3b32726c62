//! What an account may be opened with: an id of the caller's own, metadata, a plan.

use actix_web::test::TestRequest;
use domain::{Plan, PlanCatalog};
use serde_json::{Value, json};

use crate::house::{bearer, person, start};
use crate::in_process::text;

#[actix_web::test]
async fn an_account_is_found_by_its_external_id() {
    let service = start().await;
    let (ann, bob) = (person(&service).await, person(&service).await);
    let new = json!({"name": "My Salon", "external_id": "cus/42?a=b", "metadata": {"crm": "7"}});
    let opened = ann.post(&service, "/accounts", new).await.expect(201);
    assert_eq!((&opened["external_id"], &opened["metadata"]), (&json!("cus/42?a=b"), &json!({"crm": "7"})));
    let path = format!("/accounts/{}", text(&opened["id"]));
    assert_eq!(ann.get(&service, &path).await.expect(200), opened);
    let list = "/accounts?external_id=cus%2F42%3Fa%3Db";
    assert_eq!(ann.get(&service, list).await.expect(200), json!({"data": [opened], "next_cursor": null}));
    assert_eq!(service.get(list).await.expect(200)["data"], json!([opened]), "an operator sees all");
    let (_, of_account) = ann.api_key(&service, "read", Some(text(&opened["id"]))).await;
    let (_, of_another) = {
        let another = ann.post(&service, "/accounts", json!({"name": "Another"})).await.expect(201);
        ann.api_key(&service, "read", Some(text(&another["id"]))).await
    };
    for (token, count) in [(&of_account, 1), (&of_another, 0), (&bob.login.token, 0)] {
        let answer = service.send(TestRequest::get().uri(list).insert_header(bearer(token))).await.expect(200);
        assert_eq!(answer["data"].as_array().map(Vec::len), Some(count));
    }
    assert_eq!(ann.get(&service, "/accounts?external_id=cus").await.expect(200)["data"], json!([]));
    for wrong in ["", "a%20b", "%C3%A4"] {
        ann.get(&service, &format!("/accounts?external_id={wrong}")).await.refused(400, "invalid_parameter");
    }
    ann.remove(&service, &path).await;
    assert_eq!(ann.get(&service, list).await.expect(200)["data"], json!([]));
    let removed = ann.get(&service, &format!("{list}&include_deleted=true")).await.expect(200);
    assert_eq!(removed["data"][0]["id"], opened["id"]);
}

#[actix_web::test]
async fn an_external_id_is_taken_once() {
    let service = start().await;
    let (ann, bob) = (person(&service).await, person(&service).await);
    let new = json!({"name": "My Salon", "external_id": "cus_42"});
    let opened = ann.post(&service, "/accounts", new.clone()).await.expect(201);
    let before = service.row_counts();
    let refusal = ann.post(&service, "/accounts", new.clone()).await.refused(409, "conflict");
    assert_eq!(refusal["id"], opened["id"]);
    let refusal = bob.post(&service, "/accounts", new.clone()).await.refused(409, "conflict");
    assert_eq!(refusal.get("id"), None, "{refusal}");
    assert_eq!(service.row_counts(), before);
    // A removed account keeps it, to be restored.
    ann.remove(&service, &format!("/accounts/{}", text(&opened["id"]))).await;
    let refusal = ann.post(&service, "/accounts", new).await.refused(409, "conflict");
    assert_eq!(refusal["id"], opened["id"]);
}

#[actix_web::test]
async fn an_account_without_new_fields_has_the_old_body() {
    let service = start().await;
    let opened = service.post("/accounts", json!({"name": "My Salon"})).await.expect(201);
    let names: Vec<_> = opened.as_object().expect("an object").keys().collect();
    assert_eq!(names.len(), 6, "{opened}");
    assert!(opened.get("metadata").is_none() && opened.get("external_id").is_none());
}

#[actix_web::test]
async fn metadata_is_replaced_and_cleared() {
    let service = start().await;
    let opened = service.post("/accounts", json!({"name": "My Salon", "metadata": {"a": "1"}})).await.expect(201);
    let path = format!("/accounts/{}", text(&opened["id"]));
    let patch = async |body: Value| {
        service.send(service.authorised(actix_web::http::Method::PATCH, &path).set_json(body)).await
    };
    let first = patch(json!({"metadata": {"b": "2", "c": ""}})).await;
    assert_eq!(first.expect(200)["metadata"], json!({"b": "2", "c": ""}));
    let renamed = patch(json!({"name": "Ours"})).await;
    assert_eq!(renamed.expect(200)["metadata"], json!({"b": "2", "c": ""}), "it stays");
    assert_ne!(first.header("etag"), renamed.header("etag"));
    assert_eq!(patch(json!({"metadata": null})).await.expect(200).get("metadata"), None);
    let many: serde_json::Map<_, _> = (0..21).map(|number| (number.to_string(), json!(""))).collect();
    for (wrong, code) in [
        (json!("a"), "wrong_type"),
        (json!([]), "wrong_type"),
        (json!({"a": 1}), "not_metadata"),
        (json!({"": "a"}), "not_metadata"),
        (json!({"a b": "a"}), "not_metadata"),
        (json!({"a": "a".repeat(501)}), "not_metadata"),
        (json!(many), "not_metadata"),
    ] {
        let faults = patch(json!({"metadata": wrong})).await.faults();
        assert_eq!(faults, [("/metadata".to_owned(), code.to_owned())], "{wrong}");
    }
    let twice = service.post_text("/accounts", r#"{"name":"A","metadata":{"a":"1","a":"2"}}"#).await;
    assert_eq!(twice.faults(), [("/metadata".to_owned(), "not_metadata".to_owned())]);
    let wrong = json!({"name": "", "external_id": "a b", "metadata": 7, "plan": 7});
    let mut faults: Vec<_> = service.post("/accounts", wrong).await.faults().into_iter().map(|(at, _)| at).collect();
    faults.sort();
    assert_eq!(faults, ["/external_id", "/metadata", "/name", "/plan"]);
}

#[actix_web::test]
async fn an_account_is_opened_on_a_plan_or_not_at_all() {
    let service = start().await;
    let special = Plan { is_self_service: false, ..Plan::new("special".parse().expect("a key"), "Special") };
    let plans: Vec<Plan> = PlanCatalog::builtin().iter().cloned().chain([special]).collect();
    service.state.catalog.set(PlanCatalog::new(plans).expect("a good catalogue"));
    let ann = person(&service).await;
    let opened = ann.post(&service, "/accounts", json!({"name": "My Salon", "plan": "BASIC"})).await.expect(201);
    assert_eq!(opened["subscription"]["plan"], "basic");
    let path = format!("/accounts/{}", text(&opened["id"]));
    assert_eq!(ann.get(&service, &path).await.expect(200), opened);
    let history = ann.get(&service, &format!("{path}/subscription/history")).await.expect(200);
    assert_eq!(history["data"].as_array().map(Vec::len), Some(1));
    let audit = ann.get(&service, &format!("{path}/audit")).await.expect(200);
    let entries: Vec<_> = audit["data"].as_array().expect("a list").iter().map(|it| text(&it["action"])).collect();
    assert_eq!(entries, ["subscription.plan_changed", "account.opened"]);
    let before = service.row_counts();
    let with_plan = |plan: &str| json!({"name": "My Salon", "plan": plan});
    ann.post(&service, "/accounts", with_plan("gold")).await.refused(422, "unknown_plan");
    ann.post(&service, "/accounts", with_plan("special")).await.refused(403, "forbidden");
    assert_eq!(service.row_counts(), before, "nothing was written");
    let special = service.post("/accounts", with_plan("special")).await.expect(201);
    assert_eq!(special["subscription"]["plan"], "special", "an operator may");
}
