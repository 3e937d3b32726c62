//! Holds: created, confirmed, released, extended, and used by staff members and bookings.

use std::sync::Arc;

use actix_web::http::Method;
use domain::{Kind, Limit, SignedDuration, Window};
use serde_json::{Value, json};
use testkit::fixtures::{FixedClock, NOW};

use crate::house::start_by;
use crate::in_process::{Answer, Service, text};
use crate::own_metrics::{catalog_with, metric};

/// An account on `pro`, with five projects, five messages a month, and five staff members.
struct Salon {
    service: Service,
    clock: Arc<FixedClock>,
    account: String,
}

impl Salon {
    async fn open() -> Self {
        let clock = Arc::new(FixedClock::new(NOW));
        let service = start_by(Arc::clone(&clock)).await;
        let five = Limit::AtMost(5);
        service.state.catalog.set(catalog_with(vec![
            (metric("projects", "projects", Kind::Gauge, true), five),
            (metric("sms", "sms", Kind::Counter(Window::Month), true), five),
            (metric("calls", "calls", Kind::Counter(Window::Minute), false), five),
        ]));
        let account = service.account_on("pro").await;
        Self { service, clock, account }
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.service.post(&format!("{}{path}", self.account), body).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.service.get(&format!("{}{path}", self.account)).await
    }

    /// The path of a new hold.
    async fn hold(&self, meter: &str, quantity: u64) -> String {
        let new = json!({"meter": meter, "quantity": quantity, "expires_in_seconds": 60});
        format!("/holds/{}", text(&self.post("/holds", new).await.expect(201)["id"]))
    }

    async fn used(&self, metric: &str) -> Value {
        self.post("/check", json!({"metric": metric})).await.expect(200)["used"].clone()
    }

    async fn put_project(&self, key: &str, quantity: u64) -> Answer {
        let path = format!("{}/allocations/projects/{key}", self.account);
        self.service.send(self.service.authorised(Method::PUT, &path).set_json(json!({"quantity": quantity}))).await
    }

    fn pass(&self, seconds: i64) {
        self.clock.set(self.service.state.now() + SignedDuration::from_secs(seconds));
    }
}

#[actix_web::test]
async fn a_hold_counts_as_used_until_it_expires() {
    let salon = Salon::open().await;
    let new = json!({"meter": "projects", "quantity": 4, "expires_in_seconds": 60, "reference": "invite:42"});
    let created = salon.post("/holds", new).await;
    let hold = created.expect(201);
    let path = format!("{}/holds/{}", salon.account, text(&hold["id"]));
    assert_eq!((created.header("location"), created.header("etag")), (Some(path.as_str()), Some("\"1\"")));
    assert_eq!(
        (&hold["state"], &hold["quantity"], &hold["reference"]),
        (&json!("held"), &json!(4), &json!("invite:42"))
    );
    assert_eq!(hold["expires_at"], (NOW + SignedDuration::from_secs(60)).to_string());
    assert_eq!(salon.service.get(&path).await.expect(200), hold);
    salon.put_project("a", 2).await.refused(403, "limit_exceeded");
    salon.put_project("a", 1).await.expect(201);
    let refusal = salon.post("/holds", json!({"meter": "projects", "expires_in_seconds": 9})).await;
    assert_eq!(refusal.refused(403, "limit_exceeded")["used"], 5);
    salon.pass(60);
    let expired = salon.service.get(&path).await;
    assert_eq!((&expired.expect(200)["state"], expired.header("etag")), (&json!("expired"), Some("\"1-expired\"")));
    assert_eq!(salon.used("projects").await, 1);
    salon.put_project("a", 5).await.expect(200);
}

#[actix_web::test]
async fn a_hold_of_a_gauge_becomes_an_allocation() {
    let salon = Salon::open().await;
    let hold = salon.hold("projects", 3).await;
    let tried = salon.post(&format!("{hold}/confirm?dry_run=true"), json!({})).await;
    assert_eq!((&tried.expect(200)["state"], tried.header("dry-run")), (&json!("confirmed"), Some("true")));
    let confirmed = salon.post(&format!("{hold}/confirm"), json!({"quantity": 2})).await;
    let body = confirmed.expect(200);
    let id = hold.trim_start_matches("/holds/");
    assert_eq!(
        (&body["state"], &body["allocation_key"], &body["usage_id"]),
        (&json!("confirmed"), &json!(id), &Value::Null)
    );
    assert_eq!(confirmed.header("etag"), Some("\"2\""));
    assert_eq!(salon.get(&format!("/allocations/projects/{id}")).await.expect(200)["quantity"], 2);
    // The rest was released.
    assert_eq!(salon.used("projects").await, 2);
    let hold = salon.hold("projects", 2).await;
    salon.post(&format!("{hold}/confirm"), json!({"key": id})).await.expect(200);
    assert_eq!(salon.get(&format!("/allocations/projects/{id}")).await.expect(200)["quantity"], 4);
}

#[actix_web::test]
async fn a_hold_of_a_counter_becomes_usage_in_its_windows() {
    let salon = Salon::open().await;
    let at = "2026-05-10T12:00:00Z";
    let new = json!({"meter": "sms", "quantity": 5, "expires_in_seconds": 60, "at": at});
    let hold = salon.post("/holds", new.clone()).await.expect(201);
    salon.post("/holds", new).await.refused(403, "limit_exceeded");
    let confirm = format!("/holds/{}/confirm", text(&hold["id"]));
    let faults = salon.post(&confirm, json!({"key": "a"})).await.faults();
    assert_eq!(faults, [("/key".to_owned(), "not_applicable".to_owned())]);
    let confirmed = salon.post(&confirm, json!({"quantity": 4})).await.expect(200);
    assert_eq!(confirmed["allocation_key"], Value::Null);
    let usage = salon.get(&format!("/usage/{}", text(&confirmed["usage_id"]))).await.expect(200);
    assert_eq!((&usage["quantity"], &usage["at"]), (&json!(4), &json!(at)));
    assert_eq!(salon.used("sms").await, 0);
    salon.post("/usage", json!({"meter": "sms", "quantity": 2, "at": at})).await.refused(403, "limit_exceeded");
    salon.post("/usage", json!({"meter": "sms", "at": at})).await.expect(201);
    // Without records, only the counter changes.
    let hold = salon.hold("calls", 3).await;
    assert_eq!(salon.post(&format!("{hold}/confirm"), json!({})).await.expect(200)["usage_id"], Value::Null);
    assert_eq!(salon.used("calls").await, 3);
}

#[actix_web::test]
async fn what_is_held_is_admitted_although_the_limit_shrank() {
    let salon = Salon::open().await;
    let (first, second) = (salon.hold("projects", 2).await, salon.hold("projects", 2).await);
    let more = salon.post(&format!("{first}/confirm"), json!({"quantity": 4})).await;
    assert_eq!(more.refused(403, "limit_exceeded")["requested"], 2);
    salon.post(&format!("{first}/confirm"), json!({"quantity": 3})).await.expect(200);
    salon.post("/subscribe", json!({"plan": "basic"})).await.expect(200);
    salon.post(&format!("{second}/confirm"), json!({"quantity": 3})).await.refused(403, "limit_exceeded");
    salon.post(&format!("{second}/confirm"), json!({"quantity": 2})).await.expect(200);
}

#[actix_web::test]
async fn a_hold_ends_once() {
    let salon = Salon::open().await;
    let [confirmed, released, expired] =
        [salon.hold("projects", 1).await, salon.hold("projects", 1).await, salon.hold("projects", 1).await];
    salon.post(&format!("{confirmed}/confirm"), json!({})).await.expect(200);
    for _ in 0..2 {
        let answer = salon
            .service
            .send(salon.service.authorised(Method::POST, &format!("{}{released}/release", salon.account)))
            .await;
        assert_eq!((&answer.expect(200)["state"], answer.header("etag")), (&json!("released"), Some("\"2\"")));
    }
    salon.pass(60);
    for (hold, state) in [(&confirmed, "confirmed"), (&released, "released"), (&expired, "expired")] {
        for (action, body) in [("confirm", json!({})), ("extend", json!({"expires_in_seconds": 60}))] {
            let problem = salon.post(&format!("{hold}/{action}"), body).await.refused(409, "conflict");
            assert!(text(&problem["detail"]).contains(state), "{problem}");
        }
        let path = format!("{}{hold}/release", salon.account);
        let release = salon.service.send(salon.service.authorised(Method::POST, &path)).await;
        assert_eq!(release.status, if state == "confirmed" { 409 } else { 200 }, "{state}");
    }
    assert_eq!(salon.used("projects").await, 1);
    let log = salon.get("/audit?limit=100").await.expect(200);
    let actions = log["data"].as_array().expect("a list").iter().map(|entry| text(&entry["action"]));
    assert_eq!(actions.filter(|it| it.starts_with("hold")).collect::<Vec<_>>(), ["hold.released", "hold.confirmed"]);
}

#[actix_web::test]
async fn an_extended_hold_expires_later() {
    let salon = Salon::open().await;
    let hold = salon.hold("projects", 5).await;
    salon.pass(59);
    let extended = salon.post(&format!("{hold}/extend"), json!({"expires_in_seconds": 60})).await;
    assert_eq!(extended.expect(200)["expires_at"], (NOW + SignedDuration::from_secs(119)).to_string());
    assert_eq!(extended.header("etag"), Some("\"2\""));
    salon.pass(59);
    salon.put_project("a", 1).await.refused(403, "limit_exceeded");
    salon.pass(1);
    salon.put_project("a", 1).await.expect(201);
    let faults = salon.post(&format!("{hold}/extend"), json!({})).await.faults();
    assert_eq!(faults, [("/expires_in_seconds".to_owned(), "required".to_owned())]);
}

#[actix_web::test]
async fn the_place_of_a_hold_is_used_by_staff_members() {
    let salon = Salon::open().await;
    let hold = salon.hold("staff", 5).await;
    let id = hold.trim_start_matches("/holds/");
    let problem = salon.post(&format!("{hold}/confirm"), json!({})).await.refused(409, "conflict");
    assert!(text(&problem["detail"]).contains("hold_id"), "{problem}");
    salon.post("/staff", json!({"name": "Ann"})).await.refused(403, "staff_limit_exceeded");
    let new = json!({"name": "Ann", "hold_id": id});
    salon.post("/staff?dry_run=true", new.clone()).await.expect(200);
    for left in (0..5).rev() {
        salon.post("/staff", new.clone()).await.expect(201);
        let hold = salon.get(&hold).await.expect(200);
        let expected = if left == 0 { (json!("confirmed"), json!(1)) } else { (json!("held"), json!(left)) };
        assert_eq!((hold["state"].clone(), hold["quantity"].clone()), expected);
    }
    let unknown = [("/hold_id".to_owned(), "unknown_hold".to_owned())];
    assert_eq!(salon.post("/staff", new).await.faults(), unknown);
    let of_projects = salon.hold("projects", 1).await;
    for id in [of_projects.trim_start_matches("/holds/"), "hold_00000000000000000000000000", "hold"] {
        assert_eq!(salon.post("/staff", json!({"name": "Ann", "hold_id": id})).await.faults(), unknown);
        assert_eq!(salon.post("/bookings", json!({"hold_id": id})).await.faults(), unknown);
    }
}

#[actix_web::test]
async fn a_booking_outside_of_the_holds_windows_is_checked() {
    let salon = Salon::open().await;
    let [today, tomorrow] = ["2026-05-10T12:00:00Z", "2026-05-11T12:00:00Z"];
    let mut holds = Vec::new();
    for _ in 0..2 {
        let new = json!({"meter": "bookings", "quantity": 20, "expires_in_seconds": 60, "at": today});
        let hold = salon.post("/holds", new).await;
        holds.push(hold.status);
        if hold.status == 201 {
            let id = hold.expect(201)["id"].clone();
            salon.post("/bookings", json!({"starts_at": today})).await.refused(403, "booking_limit_exceeded");
            salon.post("/bookings", json!({"starts_at": today, "hold_id": id})).await.expect(201);
            salon.post("/bookings", json!({"starts_at": tomorrow, "hold_id": id})).await.expect(201);
            for _ in 0..19 {
                salon.post("/bookings", json!({"starts_at": tomorrow})).await.expect(201);
            }
            let full = salon.post("/bookings", json!({"starts_at": tomorrow, "hold_id": id})).await;
            full.refused(403, "booking_limit_exceeded");
            // One of the places today went to the booking of tomorrow.
            salon.post("/bookings", json!({"starts_at": today})).await.expect(201);
        }
    }
    assert_eq!(holds, [201, 403]);
}

#[actix_web::test]
async fn an_invalid_hold_is_refused_with_every_fault() {
    let salon = Salon::open().await;
    let seconds = ("/expires_in_seconds", "out_of_range");
    for (body, expected) in [
        (json!({}), &[("/expires_in_seconds", "required"), ("/meter", "required")][..]),
        (json!({"meter": "rooms", "expires_in_seconds": 0}), &[seconds, ("/meter", "unknown_key")]),
        (json!({"meter": "bookings_per_day", "expires_in_seconds": 31_622_401}), &[seconds, ("/meter", "unknown_key")]),
        (json!({"meter": "sms", "expires_in_seconds": 1, "quantity": 0}), &[("/quantity", "out_of_range")]),
        (json!({"meter": "sms", "expires_in_seconds": 1, "at": "soon"}), &[("/at", "not_an_instant")]),
        (
            json!({"meter": "staff", "expires_in_seconds": 1, "at": "2026-05-10T12:00:00Z"}),
            &[("/at", "not_applicable")],
        ),
        (json!({"meter": "sms", "expires_in_seconds": 1, "reference": "a b"}), &[("/reference", "not_visible")]),
    ] {
        let mut faults = salon.post("/holds", body.clone()).await.faults();
        faults.sort();
        let expected: Vec<_> = expected.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect();
        assert_eq!(faults, expected, "{body}");
    }
    for seconds in [1, 31_622_400] {
        salon.post("/holds", json!({"meter": "sms", "expires_in_seconds": seconds})).await.expect(201);
    }
    let bare = salon.service.account().await;
    let refused = salon.service.post(&format!("{bare}/holds"), json!({"meter": "sms", "expires_in_seconds": 1})).await;
    refused.refused(403, "subscription_required");
}

#[actix_web::test]
async fn a_dry_run_of_a_hold_keeps_nothing_free() {
    let salon = Salon::open().await;
    let new = json!({"meter": "projects", "quantity": 5, "expires_in_seconds": 60});
    let before = salon.service.commits();
    let tried = salon.post("/holds?dry_run=true", new.clone()).await;
    assert_eq!((&tried.expect(200)["state"], tried.header("location")), (&json!("held"), None));
    assert_eq!(salon.service.commits(), before, "something was written");
    salon.post("/holds", new.clone()).await.expect(201);
    salon.post("/holds?dry_run=true", new).await.refused(403, "limit_exceeded");
}

#[actix_web::test]
async fn holds_are_listed_newest_first_with_their_states() {
    let salon = Salon::open().await;
    let mut expected = Vec::new();
    for meter in ["projects", "sms", "staff"] {
        expected.insert(0, salon.hold(meter, 1).await.trim_start_matches("/holds/").to_owned());
    }
    salon.pass(60);
    let page = salon.get("/holds?limit=2").await.expect(200);
    let rest = salon.get(&format!("/holds?limit=2&cursor={}", text(&page["next_cursor"]))).await.expect(200);
    let holds = [&page, &rest].map(|page| page["data"].as_array().expect("a list").clone()).concat();
    assert_eq!(holds.iter().map(|hold| text(&hold["id"])).collect::<Vec<_>>(), expected);
    assert!(holds.iter().all(|hold| hold["state"] == "expired"));
}
