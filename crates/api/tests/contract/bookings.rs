//! The life of a booking: created, moved, changed, removed, restored, and counted on its days.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use domain::Timestamp;
use serde_json::{Value, json};
use testkit::fixtures::{FixedClock, instant};

use crate::house::{bearer, start_by};
use crate::in_process::{Answer, Service, text};

const NOW: &str = "2026-05-01T12:00:00Z";
const MONDAY: &str = "2026-05-04T10:00:00Z";
const MONDAY_LATER: &str = "2026-05-04T15:00:00Z";
const TUESDAY: &str = "2026-05-05T10:00:00Z";

/// A service whose clock stands at `NOW`, and an account on basic.
async fn start() -> (Service, Arc<FixedClock>, String) {
    let clock = Arc::new(FixedClock::new(instant(NOW)));
    let service = start_by(Arc::clone(&clock)).await;
    let account = service.account_on("basic").await;
    (service, clock, account)
}

/// Creates `count` bookings and returns their paths.
async fn book(service: &Service, account: &str, at: &str, count: usize) -> Vec<String> {
    let mut paths = Vec::new();
    for _ in 0..count {
        let made = service.post(&format!("{account}/bookings"), json!({"starts_at": at})).await;
        made.expect(201);
        paths.push(made.header("location").expect("a created resource has a Location").to_owned());
    }
    paths
}

/// Asserts that exactly `room` more bookings are admitted on the day, and creates them.
async fn assert_room(service: &Service, account: &str, at: &str, room: usize) {
    book(service, account, at, room).await;
    service.post(&format!("{account}/bookings"), json!({"starts_at": at})).await.refused(403, "booking_limit_exceeded");
}

/// `used` and `remaining` of a day, from the entitlements.
async fn report(service: &Service, account: &str, day: &str) -> (Value, Value) {
    let report = service.get(&format!("{account}/entitlements?on={day}")).await.expect(200);
    let of_the_day = &report["entitlements"][1];
    assert_eq!(of_the_day["metric"], "bookings_per_day");
    (of_the_day["used"].clone(), of_the_day["remaining"].clone())
}

async fn patch(service: &Service, path: &str, body: Value) -> Answer {
    service.send(service.authorised(Method::PATCH, path).set_json(body)).await
}

async fn remove(service: &Service, path: &str) -> Answer {
    service.send(service.authorised(Method::DELETE, path)).await
}

async fn restore(service: &Service, path: &str) -> Answer {
    service.send(service.authorised(Method::POST, &format!("{path}/restore"))).await
}

#[actix_web::test]
async fn a_booking_patch_changes_named_fields_and_null_clears_them() {
    let (service, _, account) = start().await;
    let staff = service.post(&format!("{account}/staff"), json!({"name": "Ann"})).await.expect(201);
    let path = book(&service, &account, MONDAY, 1).await.remove(0);
    let mut expected = service.get(&path).await.expect(200);
    for (field, value) in [
        ("customer_name", json!("Ben")),
        ("staff_id", staff["id"].clone()),
        ("notes", json!("First visit")),
        ("starts_at", json!(MONDAY_LATER)),
        ("customer_name", Value::Null),
        ("staff_id", Value::Null),
        ("notes", Value::Null),
    ] {
        expected[field] = value.clone();
        let changed = patch(&service, &path, json!({field: value})).await;
        assert_eq!(changed.expect(200), expected);
        let found = service.get(&path).await;
        assert_eq!((found.json(), found.header("etag")), (changed.json(), changed.header("etag")));
    }
    for (body, code) in [
        (json!({"starts_at": null}), "required"),
        (json!({"starts_at": "tomorrow"}), "not_an_instant"),
        (json!({"staff_id": "staff_00000000000000000000000000"}), "unknown_staff_member"),
        (json!({"notes": ""}), "blank"),
    ] {
        let faults = patch(&service, &path, body.clone()).await.faults();
        assert_eq!(faults.len(), 1, "{body}");
        assert_eq!(faults[0].1, code, "{body}");
    }
    assert_eq!(service.get(&path).await.expect(200), expected);
}

#[actix_web::test]
async fn removed_and_foreign_staff_members_get_no_new_bookings() {
    let (service, _, account) = start().await;
    let another = service.account_on("basic").await;
    let hire = async |account: &str| {
        let answer = service.post(&format!("{account}/staff"), json!({"name": "Ann"})).await;
        text(&answer.expect(201)["id"]).to_owned()
    };
    let (removed, foreign) = (hire(&account).await, hire(&another).await);
    let path = book(&service, &account, MONDAY, 1).await.remove(0);
    let theirs = patch(&service, &path, json!({"staff_id": removed})).await.expect(200);
    assert_eq!(remove(&service, &format!("{account}/staff/{removed}")).await.status, 204);
    assert_eq!(service.get(&path).await.expect(200), theirs, "it keeps its staff member");
    let other = book(&service, &account, MONDAY, 1).await.remove(0);
    for staff_id in [&removed, &foreign] {
        let expected = [("/staff_id".to_owned(), "unknown_staff_member".to_owned())];
        let body = json!({"staff_id": staff_id});
        assert_eq!(patch(&service, &other, body.clone()).await.faults(), expected);
        assert_eq!(service.post(&format!("{account}/bookings"), body).await.faults(), expected);
    }
    // An unchanged staff member is not checked again.
    patch(&service, &path, json!({"staff_id": removed, "starts_at": TUESDAY})).await.expect(200);
    assert_eq!(report(&service, &account, "2026-05-04").await.0, json!(1));
}

#[actix_web::test]
async fn a_booking_moves_within_a_full_day_and_not_into_one() {
    let (service, _, account) = start().await;
    let monday = book(&service, &account, MONDAY, 5).await;
    let tuesday = book(&service, &account, TUESDAY, 1).await.remove(0);
    patch(&service, &monday[0], json!({"starts_at": MONDAY_LATER})).await.expect(200);
    let before = service.get(&tuesday).await.expect(200);
    let problem = patch(&service, &tuesday, json!({"starts_at": MONDAY})).await.refused(403, "booking_limit_exceeded");
    assert_eq!((&problem["used"], &problem["next_allowed_day"]), (&json!(5), &json!("2026-05-05")));
    assert_eq!(service.get(&tuesday).await.expect(200), before);
    // A full day does not prevent a move away from it, or other changes.
    patch(&service, &monday[1], json!({"notes": "Late"})).await.expect(200);
    let moved = patch(&service, &monday[1], json!({"starts_at": TUESDAY})).await.expect(200);
    assert_eq!((text(&moved["day"]), text(&moved["starts_at"])), ("2026-05-05", TUESDAY));
    patch(&service, &tuesday, json!({"starts_at": MONDAY})).await.expect(200);
}

#[actix_web::test]
async fn a_moved_booking_counts_on_its_new_day_only() {
    let (service, _, account) = start().await;
    let path = book(&service, &account, MONDAY, 2).await.remove(0);
    for (at, monday, tuesday) in [(TUESDAY, [1, 4], [1, 4]), (MONDAY_LATER, [2, 3], [0, 5]), (TUESDAY, [1, 4], [1, 4])]
    {
        patch(&service, &path, json!({"starts_at": at})).await.expect(200);
        for (day, [used, remaining]) in [("2026-05-04", monday), ("2026-05-05", tuesday)] {
            assert_eq!(report(&service, &account, day).await, (json!(used), json!(remaining)), "{day} after {at}");
        }
    }
    assert_room(&service, &account, MONDAY, 4).await;
    assert_room(&service, &account, TUESDAY, 4).await;
}

#[actix_web::test]
async fn removing_a_booking_frees_its_place_at_once() {
    let (service, _, account) = start().await;
    let paths = book(&service, &account, MONDAY, 5).await;
    for _ in 0..2 {
        assert_eq!(remove(&service, &paths[0]).await.status, 204);
        service.get(&paths[0]).await.refused(404, "not_found");
        patch(&service, &paths[0], json!({})).await.refused(404, "not_found");
    }
    assert_room(&service, &account, MONDAY, 1).await;
    let nothing = format!("{account}/bookings/bkg_00000000000000000000000000");
    remove(&service, &nothing).await.refused(404, "not_found");
    restore(&service, &nothing).await.refused(404, "not_found");
}

#[actix_web::test]
async fn a_begun_booking_cannot_be_moved_and_frees_no_place() {
    let (service, clock, account) = start().await;
    let paths = book(&service, &account, MONDAY, 5).await;
    let begun: Timestamp = instant(MONDAY);
    clock.set(begun);
    let body = json!({"starts_at": TUESDAY});
    patch(&service, &paths[0], body).await.refused(409, "conflict");
    patch(&service, &paths[0], json!({"notes": "They came"})).await.expect(200);
    patch(&service, &paths[0], json!({"starts_at": MONDAY})).await.expect(200);
    assert_eq!(remove(&service, &paths[0]).await.status, 204);
    assert_room(&service, &account, MONDAY, 0).await;
    // It still counts after its removal, so restoring it takes no place.
    restore(&service, &paths[0]).await.expect(200);
    assert_room(&service, &account, MONDAY, 0).await;
}

#[actix_web::test]
async fn restoring_a_booking_after_its_start_needs_a_free_place() {
    let (service, clock, account) = start().await;
    let paths = book(&service, &account, MONDAY, 5).await;
    assert_eq!(remove(&service, &paths[0]).await.status, 204);
    assert_room(&service, &account, MONDAY_LATER, 1).await;
    clock.set(instant(MONDAY_LATER));
    restore(&service, &paths[0]).await.refused(403, "booking_limit_exceeded");
    // Removing bookings that have begun makes no room either.
    assert_eq!(remove(&service, &paths[1]).await.status, 204);
    restore(&service, &paths[0]).await.refused(403, "booking_limit_exceeded");
    assert_eq!(report(&service, &account, "2026-05-04").await, (json!(5), json!(0)));
}

#[actix_web::test]
async fn a_booking_is_restored_only_while_its_day_has_room() {
    let (service, _, account) = start().await;
    let paths = book(&service, &account, MONDAY, 5).await;
    let before = service.get(&paths[0]).await.expect(200);
    assert_eq!(restore(&service, &paths[0]).await.expect(200), before, "the booking was not removed");
    assert_eq!(remove(&service, &paths[0]).await.status, 204);
    book(&service, &account, MONDAY, 1).await;
    restore(&service, &paths[0]).await.refused(403, "booking_limit_exceeded");
    service.get(&paths[0]).await.refused(404, "not_found");
    assert_eq!(remove(&service, &paths[1]).await.status, 204);
    assert_eq!(restore(&service, &paths[0]).await.expect(200), before);
    assert_room(&service, &account, MONDAY, 0).await;
}

#[actix_web::test]
async fn a_booking_patch_with_an_outdated_if_match_is_refused() {
    let (service, _, account) = start().await;
    let path = book(&service, &account, MONDAY, 1).await.remove(0);
    let seen = service.get(&path).await.header("etag").expect("it has a version").to_owned();
    patch(&service, &path, json!({"starts_at": TUESDAY})).await.expect(200);
    let stale = |method| {
        let request = TestRequest::with_uri(&path).method(method).insert_header(bearer(&service.token));
        request.insert_header(("if-match", seen.as_str()))
    };
    let moved = stale(Method::PATCH).set_json(json!({"starts_at": MONDAY_LATER}));
    service.send(moved).await.refused(412, "precondition_failed");
    service.send(stale(Method::DELETE)).await.refused(412, "precondition_failed");
    assert_eq!(service.get(&path).await.expect(200)["starts_at"], TUESDAY);
    let any = service.authorised(Method::PATCH, &path).insert_header(("if-match", "*"));
    service.send(any.set_json(json!({"starts_at": MONDAY}))).await.expect(200);
    // The content is the old one again, but the version is a new one.
    service.send(stale(Method::DELETE)).await.refused(412, "precondition_failed");
}

#[actix_web::test]
async fn booking_changes_are_audited_and_no_ops_are_not() {
    let (service, _, account) = start().await;
    let path = book(&service, &account, MONDAY, 1).await.remove(0);
    for _ in 0..2 {
        patch(&service, &path, json!({"starts_at": TUESDAY})).await.expect(200);
    }
    for _ in 0..2 {
        assert_eq!(remove(&service, &path).await.status, 204);
    }
    for _ in 0..2 {
        restore(&service, &path).await.expect(200);
    }
    let audit = service.get(&format!("{account}/audit")).await.expect(200);
    let actions: Vec<_> = audit["data"].as_array().unwrap().iter().map(|it| text(&it["action"])).collect();
    let expected = ["booking.restored", "booking.removed", "booking.changed", "subscription.plan_changed"];
    assert_eq!(actions[..4], expected);
}
