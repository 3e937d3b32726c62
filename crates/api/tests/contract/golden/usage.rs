//! Recordings of usage: the first users' requests, entitlements, checks, and refused creations.

use actix_web::http::Method;

use super::recording::Recording;
use crate::in_process::{Service, text};

const DAY: &str = "2026-05-04";
const STAFF: &str = r#"{"name":"Ann"}"#;
const BOOKING: &str = r#"{"starts_at":"2026-05-04T12:00:00Z"}"#;

/// The requests that work unchanged for ever.
pub(super) async fn first_requests(service: &Service) -> String {
    let mut it = Recording::begin(service).await;
    let login = r#"{"username":"user","password":"user"}"#;
    it.anonymous("A user logs in", Method::POST, "/token", login).await.expect(200);
    let account = it.post("An account is created", "/accounts", r#"{"name":"My Salon"}"#).await.expect(201);
    it.account = format!("/accounts/{}", text(&account["id"]));
    it.post("A staff member without a plan is refused", "staff", STAFF).await.expect(403);
    it.post("A booking without a plan is refused", "bookings", "{}").await.expect(403);
    it.post("The account gets a plan", "subscribe", r#"{"plan":"basic"}"#).await.expect(201);
    it.post("A staff member is added", "staff", STAFF).await.expect(201);
    it.post("A booking is created", "bookings", "{}").await.expect(201);
    it.post("The plan is changed", "subscribe", r#"{"plan":"Pro"}"#).await.expect(200);
    it.post("An unknown plan is refused", "subscribe", r#"{"plan":"gold"}"#).await.expect(422);
    it.anonymous("The server is healthy", Method::GET, "/health", "").await.expect(200);
    it.anonymous("A request without a token is refused", Method::GET, "/accounts", "").await.expect(401);
    it.finish()
}

/// The built-in catalogue.
pub(super) async fn plans(service: &Service) -> String {
    let mut it = Recording::begin(service).await;
    it.anonymous("Plans are listed with their limits", Method::GET, "/plans", "").await.expect(200);
    it.finish()
}

/// `GET …/entitlements`.
pub(super) async fn entitlements(service: &Service) -> String {
    let mut it = Recording::begin(service).await;
    it.get("Without a plan", "entitlements").await.expect(200);
    it.set_override("staff", Some(9)).await;
    it.get("With an override and without a plan", "entitlements").await.expect(200);
    it.account = service.account_on("basic").await;
    it.get("On basic, unused", "entitlements").await.expect(200);
    it.add_staff(1).await;
    it.book(DAY, 2).await;
    it.get("On basic, partly used, on another day", "entitlements").await.expect(200);
    it.get("On basic, partly used, on that day", "entitlements?on=2026-05-04").await.expect(200);
    it.set_override("staff", Some(4)).await;
    it.set_override("bookings_per_day", Some(0)).await;
    it.get("With overrides above and below the plan's limits", "entitlements?on=2026-05-04").await.expect(200);
    it.set_override("bookings_per_day", None).await;
    it.get("With an unlimited override", "entitlements?on=2026-05-04").await.expect(200);
    it.account = service.account_on("pro").await;
    it.add_staff(4).await;
    it.book(DAY, 8).await;
    it.get("On pro, partly used", "entitlements?on=2026-05-04").await.expect(200);
    it.set_plan("basic").await;
    it.get("Over the limits after a downgrade", "entitlements?on=2026-05-04").await.expect(200);
    it.send("The account moves to Berlin", Method::PATCH, "", r#"{"time_zone":"Europe/Berlin"}"#).await.expect(200);
    it.get("On a day of 23 hours", "entitlements?on=2026-03-29").await.expect(200);
    it.get("On no day", "entitlements?on=2026-02-29").await.expect(400);
    it.get("With an unknown parameter", "entitlements?metric=staff").await.expect(400);
    it.finish()
}

/// `POST …/check`, answered.
pub(super) async fn checks(service: &Service) -> String {
    const ONE: &str = r#"{"metric":"staff"}"#;
    const TWO: &str = r#"{"metric":"staff","quantity":2}"#;
    const TODAY: &str = r#"{"metric":"bookings_per_day"}"#;
    const THAT_DAY: &str = r#"{"metric":"bookings_per_day","on":"2026-05-04"}"#;
    let mut it = Recording::begin(service).await;
    it.post("Staff without a plan", "check", ONE).await.expect(200);
    it.post("Bookings without a plan", "check", THAT_DAY).await.expect(200);
    it.account = service.account_on("basic").await;
    it.add_staff(1).await;
    it.book(DAY, 4).await;
    it.post("One staff member is allowed", "check", ONE).await.expect(200);
    it.post("Two staff members are not allowed", "check", TWO).await.expect(200);
    it.post("A booking today is allowed", "check", TODAY).await.expect(200);
    it.post("A booking on that day is allowed", "check", THAT_DAY).await.expect(200);
    let two = r#"{"metric":"bookings_per_day","quantity":2,"on":"2026-05-04"}"#;
    it.post("Two bookings on that day are not allowed", "check", two).await.expect(200);
    let six = r#"{"metric":"bookings_per_day","quantity":6,"on":"2026-05-04"}"#;
    it.post("Six bookings are not allowed on any day", "check", six).await.expect(200);
    let most = r#"{"metric":"bookings_per_day","quantity":4294967295,"on":"2026-05-04"}"#;
    it.post("No plan allows the largest quantity", "check", most).await.expect(200);
    it.add_staff(1).await;
    it.book(DAY, 1).await;
    it.post("A staff member is refused at the limit", "check", ONE).await.expect(200);
    it.post("A booking is refused at the limit", "check", THAT_DAY).await.expect(200);
    it.set_override("staff", None).await;
    it.set_override("bookings_per_day", Some(5)).await;
    it.post("An unlimited override allows any quantity", "check", TWO).await.expect(200);
    it.post("A booking is refused at the limit of an override", "check", THAT_DAY).await.expect(200);
    it.finish()
}

/// `POST …/check`, invalid.
pub(super) async fn invalid_checks(service: &Service) -> String {
    let mut it = Recording::begin_on(service, "basic").await;
    for (title, body) in [
        ("No metric", "{}"),
        ("An unknown metric", r#"{"metric":"rooms"}"#),
        ("A metric in other letters", r#"{"metric":"Staff"}"#),
        ("A metric of a wrong type", r#"{"metric":1}"#),
        ("Quantity 0", r#"{"metric":"staff","quantity":0}"#),
        ("A negative quantity", r#"{"metric":"staff","quantity":-1}"#),
        ("A quantity that is too large", r#"{"metric":"staff","quantity":9007199254740993}"#),
        ("A quantity of a wrong type", r#"{"metric":"staff","quantity":"1"}"#),
        ("A fraction", r#"{"metric":"staff","quantity":1.5}"#),
        ("A day for staff", r#"{"metric":"staff","on":"2026-05-04"}"#),
        ("Not a day", r#"{"metric":"bookings_per_day","on":"today"}"#),
        ("Several faults", r#"{"metric":"rooms","quantity":0,"on":7}"#),
    ] {
        it.post(title, "check", body).await.expect(422);
    }
    it.post("An unknown field", "check", r#"{"metric":"staff","day":"2026-05-04"}"#).await.expect(400);
    it.finish()
}

/// Creations that the plan refuses.
pub(super) async fn refusals(service: &Service) -> String {
    let mut it = Recording::begin(service).await;
    it.post("A staff member without a plan", "staff", STAFF).await.expect(403);
    it.post("A booking without a plan", "bookings", BOOKING).await.expect(403);
    it.set_plan("basic").await;
    it.add_staff(1).await;
    let ben = it.post("A staff member within the limit", "staff", r#"{"name":"Ben"}"#).await.expect(201);
    it.post("A staff member above the limit of basic", "staff", STAFF).await.expect(403);
    it.book("2026-05-05", 5).await;
    it.book(DAY, 4).await;
    it.post("A booking within the limit", "bookings", BOOKING).await.expect(201);
    it.post("A booking above the limit, the next day full", "bookings", BOOKING).await.expect(403);
    let booking = r#"{"starts_at":"2026-05-06T12:00:00Z"}"#;
    let booking = it.post("A booking on a free day", "bookings", booking).await.expect(201);
    let booking = format!("bookings/{}", text(&booking["id"]));
    it.send("A booking moved into the full day", Method::PATCH, &booking, BOOKING).await.expect(403);
    let ben = format!("staff/{}", text(&ben["id"]));
    it.send("A staff member is removed", Method::DELETE, &ben, "").await;
    it.add_staff(1).await;
    it.post("A staff member is not restored above the limit", &format!("{ben}/restore"), "").await.expect(403);
    it.account = service.account_on("pro").await;
    it.add_staff(5).await;
    it.book(DAY, 20).await;
    it.post("A staff member above the limit of the largest plan", "staff", STAFF).await.expect(403);
    it.post("A booking above the limit of the largest plan", "bookings", BOOKING).await.expect(403);
    it.set_plan("basic").await;
    it.post("A staff member over the limit after a downgrade", "staff", STAFF).await.expect(403);
    it.post("A booking over the limit after a downgrade", "bookings", BOOKING).await.expect(403);
    it.finish()
}
