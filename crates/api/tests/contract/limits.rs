//! The limits of each plan, the refusals, and what a change of plan leaves unchanged.

use serde_json::{Value, json};

use crate::house::start;
use crate::in_process::{Service, text};

const DAY: &str = "2026-05-04T12:00:00Z";

/// A limited resource: its collection and a body.
struct Kind {
    collection: &'static str,
    body: fn() -> Value,
    code: &'static str,
    metric: &'static str,
}

const STAFF: Kind =
    Kind { collection: "staff", body: || json!({"name": "Ann"}), code: "staff_limit_exceeded", metric: "staff" };
const BOOKINGS: Kind = Kind {
    collection: "bookings",
    body: || json!({"starts_at": DAY}),
    code: "booking_limit_exceeded",
    metric: "bookings_per_day",
};

impl Kind {
    /// Creates `count` resources and returns their paths.
    async fn make(&self, service: &Service, account: &str, count: u32) -> Vec<String> {
        let mut paths = Vec::new();
        for _ in 0..count {
            let made = service.post(&format!("{account}/{}", self.collection), (self.body)()).await;
            made.expect(201);
            paths.push(made.header("location").expect("a created resource has a Location").to_owned());
        }
        paths
    }

    /// Asserts the refusal of one more.
    async fn assert_refused(&self, service: &Service, account: &str, expected: Refusal<'_>) {
        let Refusal { plan, limit, used, plans_that_allow } = expected;
        let answer = service.post(&format!("{account}/{}", self.collection), (self.body)()).await;
        let problem = answer.refused(403, self.code);
        let fields = ["plan", "metric", "limit", "used", "requested", "remaining", "plans_that_allow"];
        let expected = json!([plan, self.metric, limit, used, 1, 0, plans_that_allow]);
        assert_eq!(json!(fields.map(|member| &problem[member])), expected);
        let detail = text(&problem["detail"]);
        assert!(detail.contains(plan) && detail.contains(&limit.to_string()), "{detail}");
        let about_a_day = self.metric == BOOKINGS.metric;
        assert_eq!(
            (problem["window"].is_object(), problem["next_allowed_day"].is_string()),
            (about_a_day, about_a_day)
        );
        assert!(
            problem.get("window").is_some() && problem.get("next_allowed_day").is_some(),
            "null is said: {problem}"
        );
    }
}

/// The expected refusal.
struct Refusal<'a> {
    plan: &'a str,
    limit: u32,
    used: u32,
    plans_that_allow: &'a [&'a str],
}

#[actix_web::test]
async fn each_plan_permits_exactly_its_limits() {
    let service = start().await;
    for (plan, kind, limit, plans_that_allow) in [
        ("basic", STAFF, 2, &["pro"][..]),
        ("basic", BOOKINGS, 5, &["pro"]),
        ("pro", STAFF, 5, &[]),
        ("pro", BOOKINGS, 20, &[]),
    ] {
        let account = service.account_on(plan).await;
        kind.make(&service, &account, limit).await;
        for _ in 0..2 {
            let refusal = Refusal { plan, limit, used: limit, plans_that_allow };
            kind.assert_refused(&service, &account, refusal).await;
        }
    }
}

#[actix_web::test]
async fn the_booking_limit_is_per_account_and_not_per_staff_member() {
    let service = start().await;
    let (account, neighbour) = (service.account_on("basic").await, service.account_on("basic").await);
    let bookings = format!("{account}/bookings");
    let mut staff = Vec::new();
    for name in ["Ann", "Bob"] {
        staff.push(service.post(&format!("{account}/staff"), json!({"name": name})).await.expect(201)["id"].clone());
    }
    for turn in 0..5 {
        service.post(&bookings, json!({"starts_at": DAY, "staff_id": staff[turn % 2]})).await.expect(201);
    }
    for member in staff {
        let answer = service.post(&bookings, json!({"starts_at": DAY, "staff_id": member})).await;
        answer.refused(403, "booking_limit_exceeded");
    }
    BOOKINGS.make(&service, &neighbour, 5).await;
}

#[actix_web::test]
async fn a_smaller_plan_removes_nothing_and_refuses_more() {
    let service = start().await;
    for (kind, limit, used, plans_that_allow) in
        [(STAFF, 2, 4, &["pro"][..]), (STAFF, 2, 5, &[]), (BOOKINGS, 5, 19, &["pro"]), (BOOKINGS, 5, 20, &[])]
    {
        let account = service.account_on("pro").await;
        let kept = kind.make(&service, &account, used).await;
        service.post(&format!("{account}/subscribe"), json!({"plan": "basic"})).await.expect(200);
        for path in kept {
            service.get(&path).await.expect(200);
        }
        kind.assert_refused(&service, &account, Refusal { plan: "basic", limit, used, plans_that_allow }).await;
    }
}

#[actix_web::test]
async fn an_upgrade_permits_more_at_once_and_keeps_the_usage() {
    let service = start().await;
    for (kind, small, large) in [(STAFF, 2, 5), (BOOKINGS, 5, 20)] {
        let account = service.account_on("basic").await;
        kind.make(&service, &account, small).await;
        service.post(&format!("{account}/subscribe"), json!({"plan": "pro"})).await.expect(200);
        kind.make(&service, &account, large - small).await;
        let refusal = Refusal { plan: "pro", limit: large, used: large, plans_that_allow: &[] };
        kind.assert_refused(&service, &account, refusal).await;
    }
}
