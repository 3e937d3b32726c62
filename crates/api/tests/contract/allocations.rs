//! Allocations: what exists of a meter of gauges, under keys of the caller's.

use actix_web::http::Method;
use domain::{Kind, Limit, Window};
use serde_json::{Value, json};

use crate::house::{person, start};
use crate::in_process::{Answer, Service, text};
use crate::own_metrics::{catalog_with, metric};

/// Five projects and 1000 MiB are permitted on `pro`, and none on `basic`.
async fn start_metered() -> (Service, String) {
    let service = start().await;
    service.state.catalog.set(catalog_with(vec![
        (metric("projects", "projects", Kind::Gauge, true), Limit::AtMost(5)),
        (metric("storage_mib", "storage", Kind::Gauge, true), Limit::AtMost(1000)),
        (metric("sms", "sms", Kind::Counter(Window::Month), true), Limit::AtMost(5)),
    ]));
    let account = service.account_on("pro").await;
    (service, account)
}

async fn put(service: &Service, path: &str, body: Value) -> Answer {
    service.send(service.authorised(Method::PUT, path).set_json(body)).await
}

async fn remove(service: &Service, path: &str) -> Answer {
    service.send(service.authorised(Method::DELETE, path)).await
}

async fn used(service: &Service, account: &str, metric: &str) -> Value {
    service.post(&format!("{account}/check"), json!({"metric": metric})).await.expect(200)["used"].clone()
}

/// The actions of the audit log, the newest first.
async fn actions(service: &Service, account: &str) -> Vec<(String, String)> {
    let log = service.get(&format!("{account}/audit?limit=100")).await.expect(200);
    let entries = log["data"].as_array().expect("a list").iter();
    let pair = |entry: &Value| (text(&entry["action"]).to_owned(), text(&entry["resource"]).to_owned());
    entries.map(pair).filter(|(action, _)| action.starts_with("allocation")).collect()
}

#[actix_web::test]
async fn an_allocation_is_put_changed_and_removed() {
    let (service, account) = start_metered().await;
    let path = format!("{account}/allocations/storage/file-1");
    service.get(&path).await.refused(404, "not_found");
    let created = put(&service, &path, json!({"quantity": 512})).await;
    let body = created.expect(201);
    assert_eq!(created.header("location"), Some(path.as_str()));
    assert_eq!((&body["meter"], &body["key"], &body["quantity"]), (&json!("storage"), &json!("file-1"), &json!(512)));
    assert_eq!(created.header("etag"), None);
    let before = service.commits();
    let again = put(&service, &path, json!({"quantity": 512})).await;
    assert_eq!((again.expect(200), again.header("location")), (body.clone(), None));
    assert_eq!(service.commits(), before, "something was written");
    for (quantity, used_after) in [(700, 700), (3, 3)] {
        let changed = put(&service, &path, json!({"quantity": quantity})).await.expect(200);
        assert_eq!((&changed["quantity"], &changed["created_at"]), (&json!(quantity), &body["created_at"]));
        assert_eq!(service.get(&path).await.expect(200), changed);
        assert_eq!(used(&service, &account, "storage_mib").await, used_after);
    }
    // Without a quantity it is 1, as for a new one.
    assert_eq!(put(&service, &path, json!({})).await.expect(200)["quantity"], 1);
    for _ in 0..2 {
        assert_eq!(remove(&service, &path).await.status, 204);
        assert_eq!(used(&service, &account, "storage_mib").await, 0);
    }
    service.get(&path).await.refused(404, "not_found");
    let resource = "storage/file-1".to_owned();
    let expected = [("removed", 1), ("changed", 3)].map(|(action, times)| vec![format!("allocation.{action}"); times]);
    assert_eq!(
        actions(&service, &account).await,
        expected.concat().into_iter().map(|it| (it, resource.clone())).collect::<Vec<_>>()
    );
}

#[actix_web::test]
async fn only_an_increase_is_checked_against_the_limit() {
    let (service, account) = start_metered().await;
    let path = |key: &str| format!("{account}/allocations/storage/{key}");
    put(&service, &path("a"), json!({"quantity": 999})).await.expect(201);
    let refusal = put(&service, &path("b"), json!({"quantity": 2})).await.refused(403, "limit_exceeded");
    let parts = ["metric", "used", "requested", "remaining"].map(|part| &refusal[part]);
    assert_eq!(parts, [&json!("storage_mib"), &json!(999), &json!(2), &json!(1)]);
    put(&service, &path("b"), json!({"quantity": 1})).await.expect(201);
    put(&service, &path("b"), json!({"quantity": 2})).await.refused(403, "limit_exceeded");
    service.post(&format!("{account}/subscribe"), json!({"plan": "basic"})).await.expect(200);
    put(&service, &path("a"), json!({"quantity": 999})).await.expect(200);
    put(&service, &path("a"), json!({"quantity": 500})).await.expect(200);
    put(&service, &path("a"), json!({"quantity": 501})).await.refused(403, "limit_exceeded");
    let bare = service.account().await;
    let refused = put(&service, &format!("{bare}/allocations/storage/a"), json!({})).await;
    refused.refused(403, "subscription_required");
}

#[actix_web::test]
async fn a_key_is_any_visible_ascii_percent_encoded() {
    let (service, account) = start_metered().await;
    for (sent, key) in
        [("a%2Fb", "a/b"), ("50%25", "50%"), ("%252F", "%2F"), ("a+b", "a+b"), ("~x.y:z@example", "~x.y:z@example")]
    {
        let path = format!("{account}/allocations/projects/{sent}");
        let created = put(&service, &path, json!({})).await;
        assert_eq!((&created.expect(201)["key"], created.header("location")), (&json!(key), Some(path.as_str())));
        assert_eq!(service.get(&path).await.expect(200)["key"], key);
    }
    let longest = "k".repeat(128);
    put(&service, &format!("{account}/allocations/storage/{longest}"), json!({})).await.expect(201);
    for bad in ["%20", "a%20b", "%C3%A4", "%00", &"k".repeat(129)] {
        put(&service, &format!("{account}/allocations/projects/{bad}"), json!({})).await.refused(404, "not_found");
    }
}

#[actix_web::test]
async fn only_meters_of_gauges_take_allocations() {
    let (service, account) = start_metered().await;
    for meter in ["sms", "staff", "bookings", "storage_mib", "unknown", "Projects"] {
        let meter = format!("{account}/allocations/{meter}");
        let key = format!("{meter}/a");
        service.get(&meter).await.refused(404, "not_found");
        service.get(&key).await.refused(404, "not_found");
        put(&service, &key, json!({})).await.refused(404, "not_found");
        put(&service, &meter, json!({"keys": []})).await.refused(404, "not_found");
        remove(&service, &key).await.refused(404, "not_found");
    }
}

#[actix_web::test]
async fn invalid_quantities_are_refused() {
    let (service, account) = start_metered().await;
    let path = format!("{account}/allocations/storage/a");
    for (quantity, code) in [
        (json!(0), "out_of_range"),
        (json!(-1), "out_of_range"),
        (json!(9_007_199_254_740_992_u64), "out_of_range"),
        (json!(1.5), "wrong_type"),
        (json!("1"), "wrong_type"),
    ] {
        let faults = put(&service, &path, json!({"quantity": quantity})).await.faults();
        assert_eq!(faults, [("/quantity".to_owned(), code.to_owned())]);
    }
    put(&service, &path, json!({"quantities": 1})).await.refused(400, "unknown_field");
}

#[actix_web::test]
async fn allocations_are_listed_by_key_page_by_page() {
    let (service, account) = start_metered().await;
    let path = format!("{account}/allocations/projects");
    let expected = ["B", "a.b", "a/b", "a<b>&c", "z"];
    for sent in ["z", "a.b", "B", "a%2Fb", "a%3Cb%3E%26c"] {
        put(&service, &format!("{path}/{sent}"), json!({})).await.expect(201);
    }
    put(&service, &format!("{account}/allocations/storage/other"), json!({})).await.expect(201);
    for limit in [1, 2, 5, 100] {
        let (mut keys, mut next) = (Vec::new(), Some(format!("{path}?limit={limit}")));
        while let Some(page) = next {
            let answer = service.get(&page).await;
            let list = answer.expect(200);
            keys.extend(list["data"].as_array().expect("a list").iter().map(|it| text(&it["key"]).to_owned()));
            let link = answer.header("link").map(|link| link.trim_start_matches('<').replace(">; rel=\"next\"", ""));
            assert_eq!(link.is_some(), list["next_cursor"].is_string());
            next = link;
        }
        assert_eq!(keys, expected, "{limit}");
    }
    let cursor = service.get(&format!("{path}?limit=1")).await.expect(200)["next_cursor"].clone();
    let other = format!("{account}/allocations/storage?cursor={}", text(&cursor));
    service.get(&other).await.refused(400, "invalid_cursor");
}

#[actix_web::test]
async fn the_allocations_of_a_meter_are_replaced() {
    let (service, account) = start_metered().await;
    let path = format!("{account}/allocations/projects");
    put(&service, &format!("{path}/a"), json!({"quantity": 2})).await.expect(201);
    put(&service, &format!("{path}/b"), json!({"quantity": 2})).await.expect(201);
    let wanted = json!({"keys": ["c", "a", "d", "c"]});
    let expected = json!({"added": ["c", "d"], "removed": ["b"], "unchanged": ["a"]});
    let before = service.commits();
    let tried = put(&service, &format!("{path}?dry_run=true"), wanted.clone()).await;
    assert_eq!((tried.expect(200), tried.header("dry-run")), (expected.clone(), Some("true")));
    assert_eq!(service.commits(), before, "something was written");
    assert_eq!(put(&service, &path, wanted.clone()).await.expect(200), expected);
    // The one that stays keeps its quantity.
    assert_eq!(used(&service, &account, "projects").await, 4);
    let before = service.commits();
    let unchanged = json!({"added": [], "removed": [], "unchanged": ["a", "c", "d"]});
    assert_eq!(put(&service, &path, wanted).await.expect(200), unchanged);
    assert_eq!(service.commits(), before, "something was written");
    let all = json!({"added": [], "removed": ["a", "c", "d"], "unchanged": []});
    assert_eq!(put(&service, &path, json!({"keys": []})).await.expect(200), all);
    assert_eq!(used(&service, &account, "projects").await, 0);
    let replaced = ("allocations.replaced".to_owned(), "projects".to_owned());
    assert_eq!(actions(&service, &account).await, [replaced.clone(), replaced]);
}

#[actix_web::test]
async fn a_replacement_over_the_limit_changes_nothing() {
    let (service, account) = start_metered().await;
    let path = format!("{account}/allocations/projects");
    put(&service, &path, json!({"keys": ["a", "b"]})).await.expect(200);
    let before = service.commits();
    let six = json!({"keys": ["b", "c", "d", "e", "f", "g"]});
    for path in [&path, &format!("{path}?dry_run=true")] {
        let refusal = put(&service, path, six.clone()).await.refused(403, "limit_exceeded");
        // Five more, in the place of one.
        assert_eq!((&refusal["used"], &refusal["requested"]), (&json!(2), &json!(4)));
    }
    assert_eq!(service.commits(), before, "something was written");
    put(&service, &path, json!({"keys": ["b", "c", "d", "e", "f"]})).await.expect(200);
    assert_eq!(used(&service, &account, "projects").await, 5);
    // As many as are removed are always admitted.
    put(&service, &path, json!({"keys": ["1", "2", "3", "4", "5"]})).await.expect(200);
}

#[actix_web::test]
async fn invalid_lists_of_keys_are_refused_with_every_fault() {
    let (service, account) = start_metered().await;
    let path = format!("{account}/allocations/storage");
    let many: Vec<String> = (0..1001).map(|key| key.to_string()).collect();
    for (keys, expected) in [
        (Value::Null, &[("/keys", "required")][..]),
        (json!("a"), &[("/keys", "wrong_type")]),
        (json!(many), &[("/keys", "item_count_out_of_range")]),
        (
            json!(["a", "", 7, "a b"]),
            &[("/keys/1", "not_visible"), ("/keys/2", "wrong_type"), ("/keys/3", "not_visible")],
        ),
    ] {
        let expected: Vec<_> = expected.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect();
        assert_eq!(put(&service, &path, json!({"keys": keys})).await.faults(), expected);
    }
    let stranger = person(&service).await;
    let refused = stranger.send(&service, Method::PUT, &path, json!({"keys": 7})).await;
    refused.refused(404, "not_found");
}

#[actix_web::test]
async fn a_thousand_long_keys_fit_into_one_request() {
    let (service, account) = start_metered().await;
    let path = format!("{account}/allocations/storage");
    let keys = |from: usize| (from..from + 1000).map(|key| format!("{key:0128}")).collect::<Vec<_>>();
    let replaced = put(&service, &path, json!({"keys": keys(0)})).await.expect(200);
    assert_eq!(replaced["added"].as_array().map(Vec::len), Some(1000));
    assert_eq!(used(&service, &account, "storage_mib").await, 1000);
    put(&service, &path, json!({"keys": keys(0)})).await.expect(200);
    let replaced = put(&service, &path, json!({"keys": keys(1)})).await.expect(200);
    assert_eq!([&replaced["added"], &replaced["removed"]].map(|keys| keys.as_array().map(Vec::len)), [Some(1); 2]);
}
