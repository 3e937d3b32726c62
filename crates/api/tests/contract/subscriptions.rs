//! Subscriptions over time: periods, scheduled changes, and the history of changes that took
//! effect.

use std::sync::Arc;

use actix_web::http::Method;
use serde_json::{Value, json};
use testkit::fixtures::FixedClock;

use crate::house::{Person, person, start_by};
use crate::in_process::{Answer, Service, text};

/// A service with a clock, an account, and its owner.
pub(crate) struct Story {
    clock: Arc<FixedClock>,
    pub(crate) service: Service,
    pub(crate) owner: Person,
    pub(crate) account: String,
}

impl Story {
    /// Begins at an instant with a new account in this zone, without a plan.
    pub(crate) async fn begin(now: &str, zone: &str) -> Self {
        let clock = Arc::new(FixedClock::new(now.parse().expect("it is an instant")));
        let service = start_by(Arc::clone(&clock)).await;
        let owner = person(&service).await;
        let new = json!({"name": "My Salon", "time_zone": zone});
        let account = owner.post(&service, "/accounts", new).await.expect(201);
        let account = format!("/accounts/{}", text(&account["id"]));
        Self { clock, service, owner, account }
    }

    /// The same, on a plan.
    pub(crate) async fn begin_on(plan: &str, now: &str, zone: &str) -> Self {
        let story = Self::begin(now, zone).await;
        story.post("subscribe", json!({"plan": plan})).await.expect(201);
        story
    }

    /// Sets the clock.
    pub(crate) fn set_time(&self, now: &str) {
        self.clock.set(now.parse().expect("it is an instant"));
    }

    pub(crate) async fn get(&self, of: &str) -> Answer {
        self.owner.get(&self.service, &format!("{}/{of}", self.account)).await
    }

    pub(crate) async fn post(&self, to: &str, body: Value) -> Answer {
        self.owner.post(&self.service, &format!("{}/{to}", self.account), body).await
    }

    /// Cancels the scheduled change, if any.
    async fn cancel(&self) {
        let path = format!("{}/subscription/scheduled-change", self.account);
        assert_eq!(self.owner.ask(&self.service, Method::DELETE, &path).await.status, 204);
    }

    pub(crate) async fn subscription(&self) -> Value {
        let subscription = self.get("subscription").await.expect(200);
        let account = self.owner.get(&self.service, &self.account).await.expect(200);
        assert_eq!(account["subscription"], subscription, "the account has the same subscription");
        subscription
    }

    /// The plan before and after each change, newest first.
    async fn changes(&self) -> Value {
        let changes = self.history(100).await;
        changes.iter().map(|it| json!([it["from"], it["to"]])).collect()
    }

    /// The whole history, read in pages of this size.
    async fn history(&self, limit: usize) -> Vec<Value> {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("subscription/history?limit={limit}{cursor}")).await.expect(200);
            all.extend(page["data"].as_array().expect("a list has data").clone());
            let Some(next) = page["next_cursor"].as_str() else { return all };
            cursor = format!("&cursor={next}");
        }
    }

    /// The actions in the audit log, oldest first.
    pub(crate) async fn audit(&self) -> Vec<String> {
        let audit = self.get("audit?limit=100").await.expect(200);
        let entries = audit["data"].as_array().expect("a list has data");
        entries.iter().rev().map(|it| text(&it["action"]).to_owned()).collect()
    }
}

fn name() -> Value {
    json!({"name": "Ann"})
}

#[actix_web::test]
async fn a_scheduled_change_takes_effect_at_its_instant_without_requests() {
    let story = Story::begin_on("basic", "2026-01-31T12:00:00Z", "UTC").await;
    for _ in 0..2 {
        story.post("staff", name()).await.expect(201);
    }
    let basic = story.subscription().await;
    let request = json!({"plan": "Pro", "timing": "period_end", "reason": "Summer is coming"});
    let scheduled = story.post("subscribe", request).await;
    assert_eq!(scheduled.header("location"), None);
    let mut expected = basic.clone();
    expected["scheduled_change"] = json!({
        "plan": "pro", "effective_at": "2026-02-28T00:00:00Z", "requested_at": "2026-01-31T12:00:00Z",
        "requested_by": story.owner.login.user.to_string(), "reason": "Summer is coming",
    });
    assert_eq!(scheduled.expect(200), expected);
    story.set_time("2026-02-27T23:59:59.999999Z");
    story.post("staff", name()).await.refused(403, "staff_limit_exceeded");
    assert_eq!(story.subscription().await, expected);
    story.set_time("2026-02-28T00:00:00Z");
    story.post("staff", name()).await.expect(201);
    let pro = json!({
        "id": basic["id"], "account_id": basic["account_id"], "plan": "pro", "plan_since": "2026-02-28T00:00:00Z",
        "current_period": {"start": "2026-02-28T00:00:00Z", "end": "2026-03-31T00:00:00Z"},
        "scheduled_change": null, "created_at": "2026-01-31T12:00:00Z", "ended_at": null,
    });
    assert_eq!(story.subscription().await, pro);
    assert_eq!(story.changes().await, json!([["basic", "pro"], [null, "basic"]]));
}

#[actix_web::test]
async fn subscription_periods_begin_on_the_day_of_subscribing() {
    for (zone, begin, months) in [
        (
            "UTC",
            "2026-01-31T12:00:00Z",
            &[
                ("2026-01-31T12:00:00Z", "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z"),
                ("2026-02-27T23:59:59.999999Z", "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z"),
                ("2026-02-28T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z"),
                ("2026-03-30T23:59:59.999999Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z"),
                ("2026-03-31T00:00:00Z", "2026-03-31T00:00:00Z", "2026-04-30T00:00:00Z"),
                ("2028-02-29T00:00:00Z", "2028-02-29T00:00:00Z", "2028-03-31T00:00:00Z"),
            ][..],
        ),
        (
            // It is already the 29th there. Clocks go forward that night and back on 25 October.
            "Europe/Berlin",
            "2026-03-28T23:00:00Z",
            &[
                ("2026-03-28T23:00:00Z", "2026-03-28T23:00:00Z", "2026-04-28T22:00:00Z"),
                ("2026-10-28T22:59:59.999999Z", "2026-09-28T22:00:00Z", "2026-10-28T23:00:00Z"),
            ],
        ),
    ] {
        let story = Story::begin_on("basic", begin, zone).await;
        for (now, start, end) in months {
            story.set_time(now);
            let period = story.subscription().await["current_period"].clone();
            assert_eq!(period, json!({"start": start, "end": end}), "{zone} {now}");
            let preview = story.post("subscribe/preview", json!({"plan": "pro", "timing": "period_end"})).await;
            assert_eq!(preview.expect(200)["effective_at"], *end, "{zone} {now}");
        }
    }
}

#[actix_web::test]
async fn the_newest_request_replaces_the_scheduled_change() {
    let story = Story::begin_on("pro", "2026-03-10T12:00:00Z", "UTC").await;
    let to_come = |answer: &Answer| answer.expect(200)["scheduled_change"]["plan"].clone();
    let later = |plan: &str| json!({"plan": plan, "timing": "period_end"});
    assert_eq!(to_come(&story.post("subscribe", later("basic")).await), "basic");
    let ending = story.post("unsubscribe", json!({"timing": "period_end", "reason": "Winter"})).await;
    let ends = ending.expect(200)["scheduled_change"].clone();
    assert_eq!((&ends["plan"], &ends["reason"]), (&Value::Null, &json!("Winter")));
    assert_eq!(ends["effective_at"], "2026-04-10T00:00:00Z");
    assert_eq!(to_come(&story.post("subscribe", later("basic")).await), "basic");
    let at_once = story.post("subscribe", json!({"plan": "basic"})).await.expect(200);
    assert_eq!((&at_once["plan"], &at_once["scheduled_change"]), (&json!("basic"), &Value::Null));
    assert_eq!(to_come(&story.post("subscribe", later("pro")).await), "pro");
    assert_eq!(story.post("unsubscribe", json!({})).await.expect(200)["scheduled_change"], Value::Null);
    story.set_time("2026-05-10T00:00:00Z");
    story.get("subscription").await.refused(404, "not_found");
    let expected = json!([["basic", null], ["pro", "basic"], [null, "pro"]]);
    assert_eq!(story.changes().await, expected, "replaced requests are not listed");
}

#[actix_web::test]
async fn a_scheduled_change_is_cancelled_only_explicitly() {
    let story = Story::begin("2026-03-10T12:00:00Z", "UTC").await;
    story.cancel().await;
    story.post("subscribe", json!({"plan": "basic"})).await.expect(201);
    let basic = story.subscription().await;
    story.cancel().await;
    let later = json!({"plan": "pro", "timing": "period_end"});
    let scheduled = story.post("subscribe", later.clone()).await.expect(200);
    for timing in ["immediate", "period_end"] {
        let same = story.post("subscribe", json!({"plan": "basic", "timing": timing})).await;
        assert_eq!(same.expect(200), scheduled);
    }
    story.cancel().await;
    story.cancel().await;
    assert_eq!(story.subscription().await, basic);
    story.set_time("2026-04-10T00:00:00Z");
    assert_eq!(story.subscription().await["plan"], "basic");
    story.post("subscribe", later).await.expect(200);
    story.set_time("2026-05-10T00:00:00Z");
    story.cancel().await;
    assert_eq!(story.subscription().await["plan"], "pro", "an effective change was cancelled");
    let expected = [
        "account.opened",
        "subscription.plan_changed",
        "subscription.change_scheduled",
        "subscription.change_cancelled",
        "subscription.change_scheduled",
    ];
    assert_eq!(story.audit().await, expected, "a request without effect has no entry");
}

#[actix_web::test]
async fn the_history_lists_each_change_once_before_and_after_it_is_stored() {
    let story = Story::begin_on("basic", "2026-03-10T12:00:00Z", "UTC").await;
    story.set_time("2026-03-11T12:00:00Z");
    story.post("subscribe", json!({"plan": "pro", "reason": "More people"})).await.expect(200);
    let manager = person(&story.service).await;
    let member = format!("{}/members/{}", story.account, manager.name);
    story.owner.send(&story.service, Method::PUT, &member, json!({"role": "manager"})).await.expect(200);
    let later = json!({"plan": "basic", "timing": "period_end"});
    manager.post(&story.service, &format!("{}/subscribe", story.account), later).await.expect(200);
    assert_eq!(story.changes().await, json!([["basic", "pro"], [null, "basic"]]), "the change has not taken effect");
    story.set_time("2026-05-01T00:00:00Z");
    let before = story.history(100).await;
    let [owner, manager] = [&story.owner, &manager].map(|it| it.login.user.to_string());
    let expected = [
        ["pro", "basic", "2026-04-10T00:00:00Z", "2026-03-11T12:00:00Z", &manager, ""],
        ["basic", "pro", "2026-03-11T12:00:00Z", "2026-03-11T12:00:00Z", &owner, "More people"],
        ["", "basic", "2026-03-10T12:00:00Z", "2026-03-10T12:00:00Z", &owner, ""],
    ];
    let members = ["from", "to", "effective_at", "requested_at", "requested_by", "reason"];
    let rows: Vec<_> = before.iter().map(|it| members.map(|name| it[name].as_str().unwrap_or_default())).collect();
    assert_eq!(rows, expected);
    for limit in 1..=3 {
        assert_eq!(story.history(limit).await, before, "{limit}");
    }
    // A client that pages on after the change was stored finds the rest.
    let first = story.get("subscription/history?limit=1").await.expect(200);
    story.post("subscribe", json!({"plan": "pro"})).await.expect(200);
    let rest = format!("subscription/history?cursor={}", text(&first["next_cursor"]));
    assert_eq!(story.get(&rest).await.expect(200)["data"], json!(before[1..]));
    for limit in 1..=4 {
        let after = story.history(limit).await;
        assert_eq!((after.len(), &after[1..]), (4, &before[..]), "{limit}");
    }
}
