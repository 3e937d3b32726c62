//! Recordings of changed limits: changes of plan, overrides, and their effects.

use actix_web::http::Method;

use super::recording::Recording;
use crate::in_process::Service;

const DAY: &str = "2026-05-04";
const STAFF: &str = r#"{"name":"Ann"}"#;
const BOOKING: &str = r#"{"starts_at":"2026-05-04T12:00:00Z"}"#;
const BASIC: &str = r#"{"plan":"basic"}"#;
const PRO: &str = r#"{"plan":"pro"}"#;

/// Changes of plan with usage within the limits.
pub(super) async fn plan_changes(service: &Service) -> String {
    let mut it = Recording::begin(service).await;
    it.post("A preview of the first plan", "subscribe/preview", BASIC).await.expect(200);
    it.set_plan("basic").await;
    it.post("A preview of an upgrade", "subscribe/preview", PRO).await.expect(200);
    it.post("A preview of the same plan", "subscribe/preview", BASIC).await.expect(200);
    it.set_override("staff", Some(3)).await;
    it.post("A preview with an override", "subscribe/preview", PRO).await.expect(200);
    it.set_override("bookings_per_day", None).await;
    it.post("A preview with an unlimited override", "subscribe/preview", PRO).await.expect(200);
    it.post("A preview of an unknown plan", "subscribe/preview", r#"{"plan":"gold"}"#).await.expect(422);
    it.post("The upgrade", "subscribe", PRO).await.expect(200);
    let later = r#"{"plan":"basic","timing":"period_end"}"#;
    it.post("A downgrade at the end of the period", "subscribe", later).await.expect(200);
    it.get("The subscription", "subscription").await.expect(200);
    it.get("The history of the subscription", "subscription/history").await.expect(200);
    it.get("The account", "").await.expect(200);
    it.finish()
}

/// Downgrades with usage above the new limits.
pub(super) async fn plan_changes_over_limit(service: &Service) -> String {
    let reject = r#"{"plan":"basic","over_limit":"reject"}"#;
    let mut it = Recording::begin_on(service, "pro").await;
    it.add_staff(3).await;
    it.book(DAY, 7).await;
    it.book("2026-05-01", 6).await;
    it.book("2026-03-20", 6).await;
    it.book("2026-03-19", 6).await;
    it.post("A preview of a downgrade lists the exceeded limits", "subscribe/preview", BASIC).await.expect(200);
    let later = r#"{"plan":"basic","timing":"period_end"}"#;
    it.post("A preview of a downgrade at the end of the period", "subscribe/preview", later).await.expect(200);
    it.post("A downgrade is refused", "subscribe", reject).await.expect(409);
    it.set_override("staff", Some(3)).await;
    it.post("An override of staff permits the usage of staff", "subscribe", reject).await.expect(409);
    it.set_override("bookings_per_day", Some(6)).await;
    it.post("An override of bookings permits some days", "subscribe", reject).await.expect(409);
    it.post("A downgrade keeps the usage", "subscribe", BASIC).await.expect(200);
    it.post("Faults", "subscribe", r#"{"over_limit":"Keep","timing":"later"}"#).await.expect(422);
    it.finish()
}

/// `PUT` and `DELETE …/overrides/{metric}`.
pub(super) async fn overrides(service: &Service) -> String {
    let mut it = Recording::begin_on(service, "basic").await;
    let (staff, bookings) = ("overrides/staff", "overrides/bookings_per_day");
    it.send("An override of staff is set", Method::PUT, staff, r#"{"limit":4,"reason":"A trial"}"#).await.expect(200);
    it.send("It is replaced", Method::PUT, staff, r#"{"limit":0,"reason":"The end"}"#).await.expect(200);
    let until = r#"{"limit":null,"reason":"A week","expires_at":"2026-03-27T10:00:00+01:00"}"#;
    it.send("An unlimited override of bookings expires", Method::PUT, bookings, until).await.expect(200);
    it.get("The entitlements", "entitlements").await.expect(200);
    it.get("An override has no GET", staff).await.expect(405);
    for title in ["The override of staff is removed", "It is removed again"] {
        assert_eq!(it.send(title, Method::DELETE, staff, "").await.status, 204);
    }
    it.get("The audit log", "audit").await.expect(200);
    it.finish()
}

/// Overrides that are refused.
pub(super) async fn invalid_overrides(service: &Service) -> String {
    const VALID: &str = r#"{"limit":1,"reason":"A trial"}"#;
    let mut it = Recording::begin_on(service, "basic").await;
    for (title, body) in [
        ("No field", "{}"),
        ("A negative limit", r#"{"limit":-1,"reason":"A trial"}"#),
        ("A limit that is too large", r#"{"limit":9007199254740993,"reason":"A trial"}"#),
        ("A limit of a wrong type", r#"{"limit":"unlimited","reason":"A trial"}"#),
        ("Several faults", r#"{"limit":1.5,"reason":" ","expires_at":"soon"}"#),
        ("An instant in the past", r#"{"limit":1,"reason":"A trial","expires_at":"2026-03-20T00:00:00Z"}"#),
    ] {
        it.send(title, Method::PUT, "overrides/staff", body).await.expect(422);
    }
    let unknown = r#"{"limit":1,"reason":"A trial","metric":"staff"}"#;
    it.send("An unknown field", Method::PUT, "overrides/staff", unknown).await.expect(400);
    it.send("An unknown metric", Method::PUT, "overrides/rooms", VALID).await.expect(404);
    it.send("A metric in other letters", Method::PUT, "overrides/Staff", VALID).await.expect(404);
    it.send("An unknown metric is not removed", Method::DELETE, "overrides/rooms", "").await.expect(404);
    it.finish()
}

/// Creations with overrides, and after their removal.
pub(super) async fn limits_with_overrides(service: &Service) -> String {
    let mut it = Recording::begin_on(service, "basic").await;
    it.set_override("staff", Some(1)).await;
    it.set_override("bookings_per_day", Some(1)).await;
    it.add_staff(1).await;
    it.book(DAY, 1).await;
    it.post("A staff member above the override", "staff", STAFF).await.expect(403);
    it.post("A booking above the override", "bookings", BOOKING).await.expect(403);
    it.set_override("staff", Some(0)).await;
    it.set_override("bookings_per_day", Some(0)).await;
    it.post("A staff member with an override of 0", "staff", STAFF).await.expect(403);
    it.post("A booking with an override of 0", "bookings", BOOKING).await.expect(403);
    it.set_override("staff", None).await;
    it.set_override("bookings_per_day", None).await;
    it.add_staff(4).await;
    it.book(DAY, 6).await;
    it.post("A staff member with an unlimited override", "staff", STAFF).await.expect(201);
    it.post("A booking with an unlimited override", "bookings", BOOKING).await.expect(201);
    for metric in ["staff", "bookings_per_day"] {
        let path = format!("overrides/{metric}");
        assert_eq!(it.send("The override is removed", Method::DELETE, &path, "").await.status, 204);
    }
    it.post("A staff member after the removal", "staff", STAFF).await.expect(403);
    it.post("A booking after the removal", "bookings", BOOKING).await.expect(403);
    it.get("The entitlements after the removal", "entitlements?on=2026-05-04").await.expect(200);
    it.finish()
}
