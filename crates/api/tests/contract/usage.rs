//! Usage of custom metrics: recorded exactly, as a whole or not at all, and given back once.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use domain::{Kind, Limit, PlanCatalog, Window};
use serde_json::{Value, json};

use crate::house::{bearer, start};
use crate::idempotency::assert_same;
use crate::in_process::{Answer, Service, text};
use crate::own_metrics::{catalog_with, metric};

/// A time in the future.
pub(crate) const NOON: &str = "2031-05-05T12:00:00Z";
const NEXT_NOON: &str = "2031-05-06T12:00:00Z";

/// Five SMS a day and seven a month, three calls a minute without records, and projects.
fn catalog() -> PlanCatalog {
    let counter = Kind::Counter;
    catalog_with(vec![
        (metric("sms_per_day", "sms", counter(Window::Day), true), Limit::AtMost(5)),
        (metric("sms_per_month", "sms", counter(Window::Month), true), Limit::AtMost(7)),
        (metric("calls_per_minute", "calls", counter(Window::Minute), false), Limit::AtMost(3)),
        (metric("tokens", "tokens", counter(Window::Lifetime), true), Limit::Unlimited),
        (metric("projects", "projects", Kind::Gauge, true), Limit::AtMost(1)),
    ])
}

/// The service, and an account on `pro`.
pub(crate) async fn start_with_account() -> (Service, String) {
    let service = start().await;
    service.state.catalog.set(catalog());
    let account = service.account_on("pro").await;
    (service, account)
}

/// Records usage.
pub(crate) async fn record(service: &Service, account: &str, body: Value) -> Answer {
    service.post(&format!("{account}/usage"), body).await
}

/// A body: usage of `sms` at a time.
pub(crate) fn sms(quantity: u64, at: &str) -> Value {
    json!({"meter": "sms", "quantity": quantity, "at": at})
}

async fn remove(service: &Service, path: &str) -> Answer {
    service.send(service.authorised(Method::DELETE, path)).await
}

/// The ids in the list of usage records.
async fn listed(service: &Service, account: &str, query: &str) -> Vec<String> {
    let list = service.get(&format!("{account}/usage{query}")).await.expect(200);
    let records = list["data"].as_array().expect("a list");
    records.iter().map(|record| text(&record["id"]).to_owned()).collect()
}

/// The usage of a counter at [`NOON`].
async fn used(service: &Service, account: &str, metric: &str) -> Value {
    let path = format!("{account}/usage/history?metric={metric}&from={NOON}&to={NOON}");
    service.get(&path).await.expect(200)["data"][0]["used"].clone()
}

#[actix_web::test]
async fn usage_is_recorded_and_found_at_its_location() {
    let (service, account) = start_with_account().await;
    let answer = record(&service, &account, json!({"meter": "sms", "at": "2031-05-05T14:00:00+02:00"})).await;
    let new = answer.expect(201);
    assert_eq!(json!([new["meter"], new["quantity"], new["at"]]), json!(["sms", 1, NOON]));
    assert!(text(&new["id"]).starts_with("use_") && text(&new["created_by"]).starts_with("user_"), "{new}");
    assert_eq!(
        (answer.header("location"), answer.header("etag")),
        (Some(&*format!("{account}/usage/{}", text(&new["id"]))), None)
    );
    assert_eq!(service.get(answer.header("location").unwrap()).await.expect(200), new);
    assert_eq!(listed(&service, &account, "").await, [text(&new["id"])]);
    let now =
        record(&service, &account, json!({"meter": "tokens", "quantity": 9_007_199_254_740_991_u64})).await.expect(201);
    assert_eq!(now["at"], now["created_at"]);
    // The counter is full: 2^53 - 1 is the most, also without a limit.
    record(&service, &account, json!({"meter": "tokens"})).await.refused(403, "limit_exceeded");
}

#[actix_web::test]
async fn usage_reaches_every_limit_of_its_meter_exactly() {
    let (service, account) = start_with_account().await;
    for (quantity, at, refused_by) in [
        (6, NOON, Some(("sms_per_day", 0))),
        (4, NOON, None),
        (2, NOON, Some(("sms_per_day", 4))),
        (1, NOON, None),
        (1, NOON, Some(("sms_per_day", 5))),
        (3, NEXT_NOON, Some(("sms_per_month", 5))),
        (2, NEXT_NOON, None),
        (1, NEXT_NOON, Some(("sms_per_month", 7))),
        (5, "2031-06-01T00:00:00Z", None),
    ] {
        let answer = record(&service, &account, sms(quantity, at)).await;
        match refused_by {
            None => drop(answer.expect(201)),
            Some((metric, used)) => {
                let problem = answer.refused(403, "limit_exceeded");
                assert_eq!(
                    json!([problem["metric"], problem["used"], problem["requested"]]),
                    json!([metric, used, quantity])
                );
            }
        }
    }
    assert_eq!(
        json!([used(&service, &account, "sms_per_day").await, used(&service, &account, "sms_per_month").await]),
        json!([5, 7])
    );
}

#[actix_web::test]
async fn a_batch_is_recorded_as_a_whole_or_not_at_all() {
    let (service, account) = start_with_account().await;
    let before = service.commits();
    for items in [
        json!([sms(3, NOON), sms(3, NOON)]),
        json!([sms(4, NOON), sms(4, NEXT_NOON)]),
        json!([sms(5, NOON), {"meter": "calls", "quantity": 4}]),
    ] {
        record(&service, &account, json!({"items": items})).await.refused(403, "limit_exceeded");
    }
    assert!(service.commits() == before, "something was written");
    let items = json!([sms(3, NOON), {"meter": "calls", "at": NOON}, sms(2, NOON), sms(2, NEXT_NOON)]);
    let answer = record(&service, &account, json!({"items": items})).await;
    let recorded = answer.expect(201);
    assert_eq!(answer.header("location"), Some(&*format!("{account}/usage")));
    let recorded = recorded["items"].as_array().expect("a list");
    let shown: Vec<_> =
        recorded.iter().map(|it| json!([it["meter"], it["quantity"], it["at"], it["id"].is_null()])).collect();
    let expected = json!([
        ["sms", 3, NOON, false],
        ["calls", 1, NOON, true],
        ["sms", 2, NOON, false],
        ["sms", 2, NEXT_NOON, false]
    ]);
    assert_eq!(json!(shown), expected);
    assert_eq!(listed(&service, &account, "").await.len(), 3);
    record(&service, &account, sms(1, NEXT_NOON)).await.refused(403, "limit_exceeded");
    let most = vec![json!({"meter": "tokens"}); 20];
    record(&service, &account, json!({"items": most})).await.expect(201);
}

#[actix_web::test]
async fn usage_requires_a_plan() {
    let (service, _) = start_with_account().await;
    let account = service.account().await;
    record(&service, &account, sms(1, NOON)).await.refused(403, "subscription_required");
    record(&service, &account, json!({"items": [sms(1, NOON)]})).await.refused(403, "subscription_required");
    let without_token = TestRequest::post().uri(&format!("{account}/usage")).set_json(sms(1, NOON));
    service.send(without_token).await.refused(401, "unauthenticated");
}

#[actix_web::test]
async fn a_repeated_request_is_charged_once() {
    let (service, account) = start_with_account().await;
    for (key, body) in [("a", sms(2, NOON)), ("b", json!({"items": [sms(1, NOON), sms(1, NOON)]}))] {
        let post = async |body: &Value| {
            let request = TestRequest::post().uri(&format!("{account}/usage")).insert_header(bearer(&service.token));
            service.send(request.insert_header(("idempotency-key", key)).set_json(body)).await
        };
        let first = post(&body).await;
        for _ in 0..2 {
            assert_same(&post(&body).await, &first);
        }
        post(&sms(3, NOON)).await.refused(422, "idempotency_key_reused");
    }
    assert_eq!(used(&service, &account, "sms_per_month").await, 4);
}

#[actix_web::test]
async fn a_dry_run_of_usage_writes_nothing() {
    let (service, account) = start_with_account().await;
    let before = service.commits();
    let path = format!("{account}/usage?dry_run=true");
    for (body, is_admitted) in [
        (sms(5, NOON), true),
        (sms(6, NOON), false),
        (json!({"items": [sms(5, NOON), sms(2, NEXT_NOON)]}), true),
        (json!({"items": [sms(5, NOON), sms(3, NEXT_NOON)]}), false),
        (json!({"meter": "calls", "quantity": 3}), true),
    ] {
        let answer = service.post(&path, body).await;
        if is_admitted {
            answer.expect(200);
            assert_eq!((answer.header("dry-run"), answer.header("location")), (Some("true"), None));
        } else {
            answer.refused(403, "limit_exceeded");
        }
    }
    assert!(service.commits() == before, "something was written");
}

#[actix_web::test]
async fn usage_without_records_is_counted_and_has_no_id() {
    let (service, account) = start_with_account().await;
    let answer = record(&service, &account, json!({"meter": "calls", "quantity": 2, "at": NOON})).await;
    assert_eq!(
        (&answer.expect(201)["id"], answer.header("location")),
        (&Value::Null, Some(&*format!("{account}/usage")))
    );
    let calls = |quantity: u64, at: &str| json!({"meter": "calls", "quantity": quantity, "at": at});
    record(&service, &account, calls(2, "2031-05-05T12:00:59Z")).await.refused(403, "limit_exceeded");
    record(&service, &account, calls(1, "2031-05-05T12:00:59Z")).await.expect(201);
    record(&service, &account, calls(3, "2031-05-05T12:01:00Z")).await.expect(201);
    assert_eq!(listed(&service, &account, "").await, [""; 0]);
    assert_eq!(used(&service, &account, "calls_per_minute").await, 3);
}

#[actix_web::test]
async fn removed_usage_is_given_back_once_in_its_own_windows() {
    let (service, account) = start_with_account().await;
    let first = record(&service, &account, sms(3, NOON)).await.expect(201);
    record(&service, &account, sms(2, NOON)).await.expect(201);
    // At noon in UTC it is the next day there.
    let zone = service.authorised(Method::PATCH, &account).set_json(json!({"time_zone": "Pacific/Kiritimati"}));
    service.send(zone).await.expect(200);
    let path = format!("{account}/usage/{}", text(&first["id"]));
    for _ in 0..2 {
        assert_eq!(remove(&service, &path).await.status, 204);
        service.get(&path).await.refused(404, "not_found");
        let day =
            service.get(&format!("{account}/usage/history?metric=sms_per_day&from=2031-05-05&to=2031-05-06")).await;
        let day = day.expect(200);
        assert_eq!(json!([day["data"][0]["used"], day["data"][1]["used"]]), json!([2, 0]));
    }
    assert_eq!(listed(&service, &account, "").await.len(), 1);
    let audit = service.get(&format!("{account}/audit")).await.expect(200);
    let of_usage = audit["data"].as_array().expect("a list").iter().filter(|it| it["action"] == "usage.removed");
    let resources: Vec<_> = of_usage.map(|it| it["resource"].clone()).collect();
    assert_eq!(resources, [first["id"].clone()], "one entry, and none for creations");
    let other = service.account_on("pro").await;
    for path in [
        format!("{account}/usage/use_00000000000000000000000000"),
        format!("{account}/usage/{}", text(&first["created_by"])),
        format!("{other}/usage/{}", text(&first["id"])),
    ] {
        remove(&service, &path).await.refused(404, "not_found");
        service.get(&path).await.refused(404, "not_found");
    }
}

#[actix_web::test]
async fn usage_is_listed_by_day_and_filtered() {
    let (service, account) = start_with_account().await;
    let mut ids = Vec::new();
    for (meter, at) in [("sms", NEXT_NOON), ("tokens", NOON), ("sms", NOON), ("tokens", "2031-05-04T23:59:59Z")] {
        let new = record(&service, &account, json!({"meter": meter, "at": at})).await.expect(201);
        ids.push(text(&new["id"]).to_owned());
    }
    let pick = |indexes: &[usize]| indexes.iter().map(|index| ids[*index].clone()).collect::<Vec<_>>();
    for (query, expected) in [
        ("", &[0, 2, 1, 3][..]),
        ("?meter=sms", &[0, 2]),
        ("?meter=faxes", &[]),
        ("?from=2031-05-05", &[0, 2, 1]),
        ("?from=2031-05-05&to=2031-05-05", &[2, 1]),
        ("?to=2031-05-04", &[3]),
        ("?meter=tokens&to=2031-05-05", &[1, 3]),
    ] {
        assert_eq!(listed(&service, &account, query).await, pick(expected), "{query}");
    }
    let (mut seen, mut path) = (Vec::new(), format!("{account}/usage?limit=1"));
    loop {
        let page = service.get(&path).await.expect(200);
        seen.extend(page["data"].as_array().expect("a list").iter().map(|it| text(&it["id"]).to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("{account}/usage?limit=1&cursor={cursor}");
    }
    assert_eq!(seen, pick(&[0, 2, 1, 3]));
    for query in ["meter=SMS", "meter=", "from=today", "from=2031-05-06&to=2031-05-05", "metric=sms", "to=2031-5-5"] {
        service.get(&format!("{account}/usage?{query}")).await.refused(400, "invalid_parameter");
    }
}

#[actix_web::test]
async fn the_built_in_catalogue_has_no_meter_for_usage() {
    let service = start().await;
    let account = service.account_on("pro").await;
    let faults = record(&service, &account, sms(1, NOON)).await.faults();
    assert_eq!(faults, [("/meter".to_owned(), "unknown_key".to_owned())]);
    assert_eq!(listed(&service, &account, "").await, [""; 0]);
}
