//! Changes of plan: their effect on usage and limits, and their preview.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use domain::ports::Store;
use domain::use_cases;
use serde_json::{Value, json};

use crate::house::{bearer, person, start};
use crate::in_process::text;
use crate::subscriptions::Story;

const NOON: &str = "2026-03-10T12:00:00Z";

fn name() -> Value {
    json!({"name": "Ann"})
}

fn booking() -> Value {
    json!({"starts_at": "2026-03-20T12:00:00Z"})
}

impl Story {
    /// Adds `count` staff members and returns their paths.
    async fn add_staff(&self, count: usize) -> Vec<String> {
        let mut paths = Vec::new();
        for _ in 0..count {
            let staff = self.post("staff", name()).await.expect(201);
            paths.push(format!("staff/{}", text(&staff["id"])));
        }
        paths
    }

    /// Creates `count` bookings on 20 March.
    async fn book(&self, count: usize) {
        for _ in 0..count {
            self.post("bookings", booking()).await.expect(201);
        }
    }
}

#[actix_web::test]
async fn unsubscribing_stops_creation_and_removes_nothing() {
    let story = Story::begin_on("pro", NOON, "UTC").await;
    let staff = story.add_staff(2).await;
    story.book(5).await;
    let pro = story.subscription().await;
    story.set_time("2026-03-12T12:00:00Z");
    let ended = story.post("unsubscribe", json!({"reason": "We close"})).await.expect(200);
    let mut expected = pro.clone();
    expected["ended_at"] = json!("2026-03-12T12:00:00Z");
    assert_eq!(ended, expected);
    story.get("subscription").await.refused(404, "not_found");
    let account = story.owner.get(&story.service, &story.account).await.expect(200);
    assert_eq!(account["subscription"], Value::Null);
    for (things, body) in [("staff", name()), ("bookings", booking()), ("unsubscribe", json!({}))] {
        story.post(things, body).await.refused(403, "subscription_required");
    }
    for path in &staff {
        story.get(path).await.expect(200);
    }
    // Without a subscription, `period_end` takes effect at once.
    let again = story.post("subscribe", json!({"plan": "basic", "timing": "period_end"})).await;
    assert_eq!(again.header("location"), Some(format!("{}/subscription", story.account).as_str()));
    let again = again.expect(201);
    assert_eq!((&again["plan"], &again["created_at"]), (&json!("basic"), &json!("2026-03-12T12:00:00Z")));
    assert_ne!(again["id"], pro["id"]);
    assert_eq!(story.post("staff", name()).await.refused(403, "staff_limit_exceeded")["used"], 2);
    assert_eq!(story.post("bookings", booking()).await.refused(403, "booking_limit_exceeded")["used"], 5);
    let audit = story.audit().await;
    assert_eq!(audit[audit.len() - 2..], ["subscription.ended", "subscription.plan_changed"]);
}

#[actix_web::test]
async fn a_subscription_that_ends_with_its_period_works_until_then() {
    let story = Story::begin_on("basic", NOON, "UTC").await;
    let first = story.subscription().await;
    let ending = story.post("unsubscribe", json!({"timing": "period_end"})).await.expect(200);
    assert_eq!((&ending["ended_at"], &ending["scheduled_change"]["plan"]), (&Value::Null, &Value::Null));
    assert_eq!(ending["scheduled_change"]["effective_at"], "2026-04-10T00:00:00Z");
    assert_eq!(story.subscription().await, ending);
    story.set_time("2026-04-09T23:59:59.999999Z");
    let staff = story.add_staff(1).await.remove(0);
    story.set_time("2026-04-10T00:00:00Z");
    story.post("staff", name()).await.refused(403, "subscription_required");
    story.post("unsubscribe", json!({})).await.refused(403, "subscription_required");
    story.get("subscription").await.refused(404, "not_found");
    story.get(&staff).await.expect(200);
    let again = story.post("subscribe", json!({"plan": "basic"})).await.expect(201);
    assert_ne!(again["id"], first["id"]);
    let history = story.get("subscription/history").await.expect(200);
    let changes: Vec<_> = history["data"].as_array().unwrap().iter().map(|it| [&it["from"], &it["to"]]).collect();
    let (none, basic) = (Value::Null, json!("basic"));
    assert_eq!(changes, [[&none, &basic], [&basic, &none], [&none, &basic]]);
}

#[actix_web::test]
async fn usage_carries_over_through_changes_of_plan() {
    let story = Story::begin_on("basic", NOON, "UTC").await;
    story.book(5).await;
    story.post("subscribe", json!({"plan": "pro"})).await.expect(200);
    story.book(15).await;
    for (to, status, limit) in [("basic", 200, 5), ("pro", 200, 20), ("basic", 200, 5)] {
        story.post("subscribe", json!({"plan": to})).await.expect(status);
        let refusal = story.post("bookings", booking()).await.refused(403, "booking_limit_exceeded");
        assert_eq!((&refusal["used"], &refusal["limit"]), (&json!(20), &json!(limit)), "{to}");
    }
    story.post("unsubscribe", json!({})).await.expect(200);
    story.post("subscribe", json!({"plan": "pro"})).await.expect(201);
    assert_eq!(story.post("bookings", booking()).await.refused(403, "booking_limit_exceeded")["used"], 20);
}

#[actix_web::test]
async fn above_the_limit_only_creation_is_refused() {
    let story = Story::begin_on("pro", NOON, "UTC").await;
    let staff = story.add_staff(4).await;
    story.post("subscribe", json!({"plan": "basic"})).await.expect(200);
    let rename = json!({"name": "Our Salon"});
    story.owner.send(&story.service, Method::PATCH, &story.account, rename).await.expect(200);
    for used in [4, 3, 2] {
        story.get(&staff[0]).await.expect(200);
        let refusal = story.post("staff", name()).await.refused(403, "staff_limit_exceeded");
        assert_eq!((&refusal["used"], &refusal["remaining"]), (&json!(used), &json!(0)));
        let (account, leaves) = (story.account[10..].parse().unwrap(), staff[used - 1][6..].parse().unwrap());
        let now = story.service.state.now();
        let remove = move |tx: &mut dyn domain::ports::WriteTx| {
            use_cases::remove_staff_member(tx, account, leaves, |_| true, now)
        };
        assert!(story.service.state.store.write(remove).await.expect("it can be removed"));
    }
    story.post("staff", name()).await.expect(201);
    story.post("staff", name()).await.refused(403, "staff_limit_exceeded");
}

#[actix_web::test]
async fn over_limit_reject_refuses_and_lists_exceeded_limits() {
    let story = Story::begin_on("pro", NOON, "UTC").await;
    story.add_staff(3).await;
    story.book(7).await;
    let before = story.service.commits();
    let request = json!({"plan": "basic", "over_limit": "reject"});
    let refusal = story.post("subscribe", request.clone()).await.refused(409, "over_limit");
    let staff = json!({"metric": "staff", "day": null, "used": 3, "new_limit": 2, "excess": 1});
    let day = json!({"metric": "bookings_per_day", "day": "2026-03-20", "used": 7, "new_limit": 5, "excess": 2});
    assert_eq!(refusal["exceeded"], json!([staff, day]));
    let preview = story.post("subscribe/preview", request).await.expect(200);
    assert_eq!(preview["exceeded"], refusal["exceeded"]);
    // That day is past at the end of the period.
    let later = json!({"plan": "basic", "over_limit": "reject", "timing": "period_end"});
    let refusal = story.post("subscribe", later).await.refused(409, "over_limit");
    assert_eq!(refusal["exceeded"], json!([staff]));
    assert!(story.service.commits() == before, "something was written");
    let kept = story.post("subscribe", json!({"plan": "basic", "over_limit": "keep"})).await;
    assert_eq!(kept.expect(200)["plan"], "basic");
    story.post("subscribe", json!({"plan": "pro", "over_limit": "reject"})).await.expect(200);
}

#[actix_web::test]
async fn a_preview_reports_the_effects_and_changes_nothing() {
    let story = Story::begin(NOON, "UTC").await;
    let viewer = person(&story.service).await;
    let member = format!("{}/members/{}", story.account, viewer.name);
    story.owner.send(&story.service, Method::PUT, &member, json!({"role": "viewer"})).await.expect(200);
    let path = format!("{}/subscribe/preview", story.account);
    for (from, to, direction, limits) in [
        (None, "basic", "start", [(0, 2), (0, 5)]),
        (Some("basic"), "pro", "upgrade", [(2, 5), (5, 20)]),
        (Some("basic"), "Basic", "same", [(2, 2), (5, 5)]),
        (Some("pro"), "basic", "downgrade", [(5, 2), (20, 5)]),
    ] {
        if let Some(plan) = from {
            assert!(story.post("subscribe", json!({"plan": plan})).await.status < 300);
        }
        let before = story.service.commits();
        let preview = viewer.post(&story.service, &path, json!({"plan": to})).await.expect(200);
        assert!(story.service.commits() == before, "something was written");
        let metrics = ["staff", "bookings_per_day"].into_iter().zip(limits);
        let limits: Vec<_> =
            metrics.map(|(metric, (from, to))| json!({"metric": metric, "from": from, "to": to})).collect();
        let expected = json!({
            "from": from, "to": to.to_lowercase(), "direction": direction, "effective_at": NOON, "limits": limits,
            "exceeded": [],
        });
        assert_eq!(preview, expected);
    }
    viewer.post(&story.service, &path, json!({"plan": "gold"})).await.refused(422, "unknown_plan");
}

#[actix_web::test]
async fn a_dry_run_of_a_plan_change_writes_nothing() {
    let story = Story::begin(NOON, "UTC").await;
    let dry_run = async |body: Value| {
        let before = story.service.commits();
        let request = TestRequest::post().uri(&format!("{}/subscribe?dry_run=true", story.account));
        let request = request.insert_header(bearer(&story.owner.login.token)).insert_header(("idempotency-key", "k"));
        let answer = story.service.send(request.set_json(body)).await;
        assert!(story.service.commits() == before, "something was written");
        assert_eq!(answer.header("dry-run"), (answer.status == 200).then_some("true"));
        assert!(answer.header("location").is_none() && answer.header("idempotency-replayed").is_none());
        answer
    };
    let mut started = dry_run(json!({"plan": "pro"})).await.expect(200);
    story.get("subscription").await.refused(404, "not_found");
    let pro = story.post("subscribe", json!({"plan": "pro"})).await;
    assert_eq!(pro.header("dry-run"), None);
    started["id"] = pro.expect(201)["id"].clone();
    assert_eq!(started, pro.json());
    story.add_staff(3).await;
    for body in [json!({"plan": "basic"}), json!({"plan": "basic", "timing": "period_end"}), json!({"plan": "pro"})] {
        let tried = dry_run(body.clone()).await.expect(200);
        assert_eq!(tried, story.post("subscribe", body).await.expect(200));
        story.post("subscribe", json!({"plan": "pro"})).await.expect(200);
    }
    dry_run(json!({"plan": "basic", "over_limit": "reject"})).await.refused(409, "over_limit");
    dry_run(json!({"plan": "gold"})).await.refused(422, "unknown_plan");
    dry_run(json!({})).await.refused(422, "validation_failed");
    let (stranger, viewer) = (person(&story.service).await, person(&story.service).await);
    let member = format!("{}/members/{}", story.account, viewer.name);
    story.owner.send(&story.service, Method::PUT, &member, json!({"role": "viewer"})).await.expect(200);
    for query in ["dry_run=true", "dry_run=1"] {
        let path = format!("{}/subscribe?{query}", story.account);
        viewer.post(&story.service, &path, json!({"plan": "basic"})).await.refused(403, "forbidden");
        stranger.post(&story.service, &path, json!({"plan": "basic"})).await.refused(404, "not_found");
    }
    for query in ["dry_run=1", "dry_run=true&dry_run=true", "dryrun=true"] {
        let answer = story.post(&format!("subscribe?{query}"), json!({"plan": "basic"})).await;
        answer.refused(400, "invalid_parameter");
    }
}

#[actix_web::test]
async fn an_invalid_subscribe_request_reports_every_fault() {
    let service = start().await;
    let account = service.account_on("pro").await;
    let before = service.commits();
    let fault = |field: &str, code: &str| (format!("/{field}"), code.to_owned());
    let (not_one, blank) = ("not_one_of", "blank");
    let faulty = json!({"timing": "later", "over_limit": "Keep", "reason": " "});
    let expected =
        [fault("plan", "required"), fault("over_limit", not_one), fault("timing", not_one), fault("reason", blank)];
    for to in ["subscribe", "subscribe/preview"] {
        let faults = service.post(&format!("{account}/{to}"), faulty.clone()).await.faults();
        assert_eq!(faults, expected);
    }
    let faulty = json!({"timing": "", "reason": 7});
    let faults = service.post(&format!("{account}/unsubscribe"), faulty).await.faults();
    assert_eq!(faults, [fault("reason", "wrong_type"), fault("timing", not_one)]);
    assert!(service.commits() == before, "something was written");
}
