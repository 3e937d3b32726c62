//! The list of accounts near a limit: which limits it has, with which values, and for whom.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use domain::{Kind, Limit, SignedDuration, Window};
use serde_json::{Value, json};
use testkit::fixtures::{FixedClock, NOW};

use crate::house::{bearer, person, start, start_by};
use crate::in_process::{Answer, Service, text};
use crate::own_metrics::{catalog_with, metric};

/// The list for these parameters: of each account its path and, of its metrics, key, limit, used and
/// held.
async fn near(service: &Service, query: &str) -> Vec<(String, Vec<Value>)> {
    let list = service.get(&format!("/near-limits?{query}")).await.expect(200);
    let metrics = |it: &Value| {
        let metrics = it["metrics"].as_array().expect("an account has metrics").iter();
        metrics.map(|it| json!([it["metric"], it["limit"], it["used"], it["held"]])).collect()
    };
    let all = list["data"].as_array().expect("a list has data").iter();
    all.map(|it| (format!("/accounts/{}", text(&it["account_id"])), metrics(it))).collect()
}

/// The paths of the listed accounts.
async fn paths(service: &Service, query: &str) -> Vec<String> {
    near(service, query).await.into_iter().map(|(path, _)| path).collect()
}

async fn add_staff(service: &Service, account: &str, count: usize) {
    for _ in 0..count {
        service.post(&format!("{account}/staff"), json!({"name": "Ann"})).await.expect(201);
    }
}

async fn put_override(service: &Service, account: &str, limit: Value) {
    let path = format!("{account}/overrides/staff");
    let given = service.authorised(Method::PUT, &path).set_json(json!({"limit": limit, "reason": "A trial"}));
    service.send(given).await.expect(200);
}

#[actix_web::test]
async fn limits_are_listed_from_the_ratio_on() {
    let service = start().await;
    // 5 staff members are the limit of the plan.
    let mut accounts = Vec::new();
    for staff in [3, 4, 5, 5] {
        let account = service.account_on("pro").await;
        add_staff(&service, &account, staff).await;
        accounts.push(account);
    }
    put_override(&service, &accounts[3], json!(4)).await;
    let staff = |at: usize, limit: u64, used: u64| (accounts[at].clone(), vec![json!(["staff", limit, used, 0])]);
    let expected = [staff(3, 4, 5), staff(2, 5, 5), staff(1, 5, 4)];
    assert_eq!(near(&service, "").await, expected, "the default is 0.8");
    for (ratio, count) in [("0.5", 4), ("0.6", 4), ("0.6001", 3), ("0.8", 3), ("0.8001", 2), ("1", 2), ("1.0", 2)] {
        assert_eq!(near(&service, &format!("ratio={ratio}")).await.len(), count, "{ratio}");
        assert_eq!(near(&service, &format!("ratio={ratio}&metric=staff")).await.len(), count, "{ratio}");
        assert_eq!(near(&service, &format!("ratio={ratio}&metric=bookings_per_day")).await, []);
    }
}

#[actix_web::test]
async fn overrides_grants_and_holds_count_while_they_are_in_force() {
    let clock = Arc::new(FixedClock::new(NOW));
    let service = start_by(Arc::clone(&clock)).await;
    let account = service.account_on("basic").await;
    add_staff(&service, &account, 1).await;
    let staff = |limit: u64, used: u64, held: u64| vec![(account.clone(), vec![json!(["staff", limit, used, held])])];
    assert_eq!(near(&service, "").await, []);
    let hold = json!({"meter": "staff", "expires_in_seconds": 60});
    service.post(&format!("{account}/holds"), hold).await.expect(201);
    assert_eq!(near(&service, "").await, staff(2, 2, 1));
    clock.set(NOW + SignedDuration::from_secs(60));
    assert_eq!(near(&service, "").await, [], "the hold has expired");
    add_staff(&service, &account, 1).await;
    assert_eq!(near(&service, "").await, staff(2, 2, 0));
    let grant =
        |expires_at: &str| json!({"metric": "staff", "quantity": 1, "reason": "Add-on", "expires_at": expires_at});
    let ending = (NOW + SignedDuration::from_mins(2)).to_string();
    service.post(&format!("{account}/grants"), grant(&ending)).await.expect(201);
    assert_eq!(near(&service, "").await, [], "2 of 3");
    assert_eq!(near(&service, "ratio=0.6").await, staff(3, 2, 0));
    clock.set(NOW + SignedDuration::from_mins(2));
    assert_eq!(near(&service, "").await, staff(2, 2, 0), "the grant has expired");
    put_override(&service, &account, json!(3)).await;
    assert_eq!(near(&service, "").await, []);
    put_override(&service, &account, json!(1)).await;
    assert_eq!(near(&service, "").await, staff(1, 2, 0));
    put_override(&service, &account, Value::Null).await;
    assert_eq!(near(&service, "ratio=0.5").await, [], "it is unlimited");
    put_override(&service, &account, json!(0)).await;
    assert_eq!(near(&service, "ratio=1").await, staff(0, 2, 0));
}

#[actix_web::test]
async fn accounts_without_usage_without_a_plan_or_removed_are_not_listed() {
    let service = start().await;
    let unused = service.account_on("basic").await;
    put_override(&service, &unused, json!(0)).await;
    let [left, removed, erased] =
        [service.account_on("basic").await, service.account_on("basic").await, service.account_on("basic").await];
    let kept = service.account_on("basic").await;
    let _never_subscribed = service.account().await;
    for account in [&left, &removed, &erased, &kept] {
        add_staff(&service, account, 2).await;
    }
    assert_eq!(paths(&service, "").await, [&kept, &erased, &removed, &left].map(Clone::clone));
    service.post(&format!("{left}/unsubscribe"), json!({})).await.expect(200);
    assert_eq!(service.send(service.authorised(Method::DELETE, &removed)).await.status, 204);
    service.send(service.authorised(Method::POST, &format!("{erased}/erase"))).await.expect(200);
    assert_eq!(paths(&service, "ratio=0.5").await, [kept]);
}

#[actix_web::test]
async fn counters_are_listed_in_their_windows() {
    let clock = Arc::new(FixedClock::new("2026-05-04T12:00:00Z".parse().expect("an instant")));
    let service = start_by(Arc::clone(&clock)).await;
    let most = Limit::AtMost(10);
    service.state.catalog.set(catalog_with(vec![
        (metric("sms_per_month", "sms", Kind::Counter(Window::Month), true), most),
        (metric("sms_per_minute", "sms", Kind::Counter(Window::Minute), true), Limit::AtMost(9)),
        (metric("sms_ever", "sms", Kind::Counter(Window::Lifetime), true), most),
        (metric("projects", "projects", Kind::Gauge, true), Limit::Unlimited),
    ]));
    let new = json!({"name": "My Salon", "time_zone": "Europe/Berlin", "external_id": "cus_42", "plan": "pro"});
    let id = text(&service.post("/accounts", new).await.expect(201)["id"]).to_owned();
    let account = format!("/accounts/{id}");
    service.post(&format!("{account}/usage"), json!({"meter": "sms", "quantity": 9})).await.expect(201);
    let allocation = format!("{account}/allocations/projects/app");
    service.send(service.authorised(Method::PUT, &allocation).set_json(json!({"quantity": 99}))).await.expect(201);
    let window = |start: &str, end: &str| json!({"start": start, "end": end, "time_zone": "Europe/Berlin"});
    let state = |metric: &str, limit: u64, window: Value| {
        json!({"metric": metric, "meter": "sms", "kind": "counter", "limit": limit, "used": 9, "held": 0, "granted": 0,
            "remaining": limit - 9, "over_by": 0, "resets_at": window["end"], "window": window, "override": null})
    };
    let month = state("sms_per_month", 10, window("2026-04-30T22:00:00Z", "2026-05-31T22:00:00Z"));
    let minute = state("sms_per_minute", 9, window("2026-05-04T12:00:00Z", "2026-05-04T12:01:00Z"));
    let ever = state("sms_ever", 10, Value::Null);
    let item = |metrics: Value| json!({"account_id": id, "name": "My Salon", "external_id": "cus_42", "plan": "pro", "metrics": metrics});
    let list = async |query: &str| service.get(&format!("/near-limits?{query}")).await.expect(200)["data"].clone();
    assert_eq!(list("").await, json!([item(json!([month, minute, ever]))]));
    assert_eq!(list("metric=sms_per_month").await, json!([item(json!([month]))]));
    assert_eq!(list("ratio=0.95").await, json!([item(json!([minute]))]));
    assert_eq!(list("metric=projects").await, json!([]));
    clock.set("2026-05-04T12:01:00Z".parse().expect("an instant"));
    assert_eq!(list("").await, json!([item(json!([month, ever]))]), "another minute");
    clock.set("2026-05-31T22:00:00Z".parse().expect("an instant"));
    assert_eq!(list("").await, json!([item(json!([ever]))]), "another month");
}

fn link(page: &Answer) -> Option<String> {
    let link = page.header("link")?.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
    Some(link.expect("it is a link to the next page").to_owned())
}

#[actix_web::test]
async fn accounts_near_a_limit_are_listed_newest_first_page_by_page() {
    let service = start().await;
    let mut expected = Vec::new();
    for number in 0..7 {
        let account = service.account_on("basic").await;
        if number % 3 != 1 {
            add_staff(&service, &account, 2).await;
            expected.insert(0, account);
        }
    }
    for limit in [1, 2, 3, 5, 100] {
        let (mut all, mut next) = (Vec::new(), Some(format!("/near-limits?limit={limit}&ratio=0.9")));
        while let Some(path) = next {
            let page = service.get(&path).await;
            let items = page.expect(200)["data"].as_array().expect("a list").clone();
            assert!(items.len() <= limit, "{path}");
            all.extend(items.iter().map(|it| format!("/accounts/{}", text(&it["account_id"]))));
            next = link(&page);
            assert_eq!(next.is_some(), page.json()["next_cursor"].is_string());
        }
        assert_eq!(all, expected, "{limit}");
    }
    let page = service.get("/near-limits?limit=1&ratio=0.9").await.expect(200);
    let cursor = text(&page["next_cursor"]);
    for query in ["", "ratio=0.8&", "ratio=0.9&metric=staff&"] {
        service.get(&format!("/near-limits?{query}cursor={cursor}")).await.refused(400, "invalid_cursor");
    }
    service.get(&format!("/accounts?cursor={cursor}")).await.refused(400, "invalid_cursor");
}

#[actix_web::test]
async fn only_operators_list_accounts_near_a_limit() {
    let service = start().await;
    let owner = person(&service).await;
    let id = text(&owner.post(&service, "/accounts", json!({"name": "A", "plan": "basic"})).await.expect(201)["id"])
        .to_owned();
    add_staff(&service, &format!("/accounts/{id}"), 2).await;
    let ask =
        async |token: &str| service.send(TestRequest::get().uri("/near-limits?x=1").insert_header(bearer(token))).await;
    service.send(TestRequest::get().uri("/near-limits")).await.refused(401, "unauthenticated");
    ask("wrong").await.refused(401, "invalid_token");
    let (_, of_owner) = owner.api_key(&service, "admin", None).await;
    for token in [&owner.login.token, &of_owner] {
        ask(token).await.refused(403, "forbidden");
    }
    for (scope, account, is_permitted) in
        [("read", None, true), ("admin", None, true), ("read", Some(&id), false), ("admin", Some(&id), false)]
    {
        let new = json!({"name": "A machine", "scope": scope, "account_id": account});
        let secret = text(&service.post("/api-keys", new).await.expect(201)["secret"]).to_owned();
        let answer = ask(&secret).await;
        if is_permitted {
            answer.refused(400, "invalid_parameter");
            let request = TestRequest::get().uri("/near-limits").insert_header(bearer(&secret));
            let list = service.send(request).await.expect(200);
            assert_eq!(list["data"][0]["account_id"], id);
        } else {
            answer.refused(403, "forbidden");
        }
    }
}

#[actix_web::test]
async fn invalid_parameters_of_near_limits_are_refused() {
    let service = start().await;
    for query in [
        "ratio=",
        "ratio=0.49",
        "ratio=1.01",
        "ratio=2",
        "ratio=80",
        "ratio=0.80001",
        "ratio=0,8",
        "ratio=x",
        "ratio=0.8&ratio=0.8",
        "metric=",
        "metric=Staff",
        "metric=rooms",
        "limit=0",
        "search=a",
    ] {
        service.get(&format!("/near-limits?{query}")).await.refused(400, "invalid_parameter");
    }
}
