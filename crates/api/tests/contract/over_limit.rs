//! Usage above the limit after a downgrade: everything works except what would increase it.

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::house::start;
use crate::in_process::{Service, text};

const FULL: &str = "2031-05-05T10:00:00Z";
const FULL_LATER: &str = "2031-05-05T15:00:00Z";
const FREE: &str = "2031-05-06T10:00:00Z";

/// Creates `count` resources and returns their paths.
async fn make(service: &Service, collection: &str, body: &Value, count: usize) -> Vec<String> {
    let mut paths = Vec::new();
    for _ in 0..count {
        let made = service.post(collection, body.clone()).await;
        made.expect(201);
        paths.push(made.header("location").expect("a created resource has a Location").to_owned());
    }
    paths
}

async fn patch(service: &Service, path: &str, body: Value) -> Value {
    service.send(service.authorised(Method::PATCH, path).set_json(body)).await.expect(200)
}

/// Asserts that a resource is found and listed.
async fn assert_listed(service: &Service, collection: &str, path: &str) {
    let found = service.get(path).await.expect(200);
    let list = service.get(&format!("{collection}?limit=100")).await.expect(200);
    let listed = list["data"].as_array().expect("a list has data");
    assert!(listed.contains(&found), "{list}");
}

/// A tenant on `pro` that creates `count` resources and is downgraded to `basic`; the paths.
async fn downgraded(service: &Service, things: &str, body: &Value, count: usize) -> (String, Vec<String>) {
    let account = service.account_on("pro").await;
    let collection = format!("{account}/{things}");
    let paths = make(service, &collection, body, count).await;
    service.post(&format!("{account}/subscribe"), json!({"plan": "basic"})).await.expect(200);
    (collection, paths)
}

#[actix_web::test]
async fn creation_and_restoration_wait_until_usage_is_below_the_limit() {
    let service = start().await;
    for (things, body, count, limit, code) in [
        ("staff", json!({"name": "Ann"}), 4, 2, "staff_limit_exceeded"),
        ("bookings", json!({"starts_at": FULL}), 7, 5, "booking_limit_exceeded"),
    ] {
        let (collection, paths) = downgraded(&service, things, &body, count).await;
        for (removed, path) in paths.iter().enumerate() {
            let used = count - removed;
            if used < limit {
                break;
            }
            for path in [collection.clone(), format!("{collection}?dry_run=true")] {
                let problem = service.post(&path, body.clone()).await.refused(403, code);
                assert_eq!((&problem["limit"], &problem["used"]), (&json!(limit), &json!(used)), "{problem}");
            }
            assert_listed(&service, &collection, path).await;
            assert_eq!(service.send(service.authorised(Method::DELETE, path)).await.status, 204);
            let back = service.authorised(Method::POST, &format!("{path}/restore"));
            let back = service.send(back).await;
            if used - 1 < limit {
                back.expect(200);
                assert_eq!(service.send(service.authorised(Method::DELETE, path)).await.status, 204);
            } else {
                back.refused(403, code);
            }
        }
        make(&service, &collection, &body, 1).await;
        service.post(&collection, body).await.refused(403, code);
    }
}

#[actix_web::test]
async fn resources_over_the_limit_can_be_changed_and_moved() {
    let service = start().await;
    let (staff, members) = downgraded(&service, "staff", &json!({"name": "Ann"}), 4).await;
    for member in &members {
        assert_eq!(text(&patch(&service, member, json!({"name": "Anna"})).await["name"]), "Anna");
        assert_listed(&service, &staff, member).await;
    }
    let (bookings, paths) = downgraded(&service, "bookings", &json!({"starts_at": FULL}), 7).await;
    let free = make(&service, &bookings, &json!({"starts_at": FREE}), 1).await.remove(0);
    for path in &paths {
        assert_eq!(patch(&service, path, json!({"starts_at": FULL_LATER, "notes": "Late"})).await["day"], "2031-05-05");
        assert_listed(&service, &bookings, path).await;
    }
    let into_it = |body: Value| service.authorised(Method::PATCH, &free).set_json(body);
    for (path, used) in paths.iter().zip([7, 6, 5]) {
        let problem = service.send(into_it(json!({"starts_at": FULL}))).await.refused(403, "booking_limit_exceeded");
        assert_eq!(problem["used"], used);
        assert_eq!(patch(&service, path, json!({"starts_at": FREE})).await["day"], "2031-05-06");
    }
    service.send(into_it(json!({"starts_at": FULL}))).await.expect(200);
}
