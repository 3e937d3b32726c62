//! The day of a booking: the local day of its start in the account's zone, 23 to 25 hours long.

use api::clock::SystemClock;
use domain::ports::Clock;
use domain::{Timestamp, Zone};
use serde_json::{Value, json};

use crate::house::{start, start_at};
use crate::in_process::{Service, text};

/// A zone; the previous day, the day and the next day; the first instants of the last two.
type Day = (&'static str, [&'static str; 3], &'static str, &'static str);

const DAYS: [Day; 11] = [
    ("UTC", ["2028-02-28", "2028-02-29", "2028-03-01"], "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"),
    // 23 and 25 hours.
    ("Europe/Berlin", ["2026-03-28", "2026-03-29", "2026-03-30"], "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
    ("Europe/Berlin", ["2026-10-24", "2026-10-25", "2026-10-26"], "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
    ("America/New_York", ["2026-03-07", "2026-03-08", "2026-03-09"], "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
    ("America/New_York", ["2026-10-31", "2026-11-01", "2026-11-02"], "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
    // The first zone and the last one to begin a day, and one without a whole-hour offset.
    ("Pacific/Kiritimati", ["2025-12-31", "2026-01-01", "2026-01-02"], "2025-12-31T10:00:00Z", "2026-01-01T10:00:00Z"),
    ("Pacific/Pago_Pago", ["2025-12-31", "2026-01-01", "2026-01-02"], "2026-01-01T11:00:00Z", "2026-01-02T11:00:00Z"),
    ("Asia/Kathmandu", ["2026-06-14", "2026-06-15", "2026-06-16"], "2026-06-14T18:15:00Z", "2026-06-15T18:15:00Z"),
    // A half-hour change, a skipped day, and a skipped midnight.
    ("Australia/Lord_Howe", ["2026-04-04", "2026-04-05", "2026-04-06"], "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z"),
    ("Pacific/Apia", ["2011-12-29", "2011-12-31", "2012-01-01"], "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"),
    ("America/Sao_Paulo", ["2018-11-03", "2018-11-04", "2018-11-05"], "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"),
];

/// The path of the bookings of a new account in this zone.
async fn bookings(service: &Service, zone: &str, plan: &str) -> String {
    let account = service.post("/accounts", json!({"name": "My Salon", "time_zone": zone})).await.expect(201);
    let account = format!("/accounts/{}", text(&account["id"]));
    service.post(&format!("{account}/subscribe"), json!({"plan": plan})).await.expect(201);
    format!("{account}/bookings")
}

/// Books `count` times at `at` and returns the day, which all bookings share.
async fn book(service: &Service, bookings: &str, at: Timestamp, count: u32) -> String {
    let mut days = Vec::new();
    for _ in 0..count {
        let booking = service.post(bookings, json!({"starts_at": at.to_string()})).await.expect(201);
        days.push(text(&booking["day"]).to_owned());
    }
    days.dedup();
    assert_eq!(days.len(), 1, "{days:?}");
    days.remove(0)
}

/// The refusal of a booking at `at`.
async fn refusal(service: &Service, bookings: &str, at: Timestamp) -> Value {
    service.post(bookings, json!({"starts_at": at.to_string()})).await.refused(403, "booking_limit_exceeded")
}

/// `used`, `remaining` and `window` of a day, from the entitlements.
async fn report(service: &Service, bookings: &str, day: &str) -> (Value, Value, Value) {
    let account = bookings.strip_suffix("/bookings").expect("it is the path of bookings");
    let report = service.get(&format!("{account}/entitlements?on={day}")).await.expect(200);
    assert_eq!(report["on"], day);
    let of_the_day = &report["entitlements"][1];
    assert_eq!(of_the_day["metric"], "bookings_per_day");
    (of_the_day["used"].clone(), of_the_day["remaining"].clone(), of_the_day["window"].clone())
}

fn later(at: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_second(at.as_second() + seconds).expect("it is in range")
}

#[actix_web::test]
async fn a_day_runs_from_midnight_to_midnight_in_the_accounts_zone() {
    let service = start().await;
    for (zone, [before, day, after], start, end) in DAYS {
        let bookings = bookings(&service, zone, "basic").await;
        let (first, next): (Timestamp, Timestamp) = (start.parse().unwrap(), end.parse().unwrap());
        for (at, expected) in [(later(first, -1), before), (first, day), (later(next, -1), day), (next, after)] {
            assert_eq!(book(&service, &bookings, at, 1).await, expected, "{zone} {at}");
        }
        let window = json!({"start": start, "end": end, "time_zone": zone});
        assert_eq!(report(&service, &bookings, day).await, (json!(2), json!(3), window.clone()), "{zone}");
        for (neighbour, edge, meets) in [(before, "end", start), (after, "start", end)] {
            let (used, remaining, window) = report(&service, &bookings, neighbour).await;
            assert_eq!((used, remaining, &window[edge]), (json!(1), json!(4), &json!(meets)), "{zone} {neighbour}");
        }
        // Two of five are on the day, and one on each neighbour.
        let noon = later(first, 12 * 3600);
        assert_eq!(book(&service, &bookings, noon, 3).await, day);
        for at in [first, noon, later(next, -1)] {
            let refusal = refusal(&service, &bookings, at).await;
            assert_eq!(refusal["window"], window, "{zone} {at}");
            assert_eq!(refusal["next_allowed_day"], after, "{zone} {at}");
        }
        assert_eq!(report(&service, &bookings, day).await, (json!(5), json!(0), window), "{zone}");
        assert_eq!(book(&service, &bookings, later(first, -1), 4).await, before);
        assert_eq!(book(&service, &bookings, next, 4).await, after);
    }
}

#[actix_web::test]
async fn next_allowed_day_skips_full_days() {
    let service = start().await;
    let bookings = bookings(&service, "Europe/Berlin", "basic").await;
    let noon: Timestamp = "2026-03-28T11:00:00Z".parse().unwrap();
    let day = 24 * 3600;
    for (offset, count) in [(0, 5), (1, 5), (2, 4), (3, 5)] {
        book(&service, &bookings, later(noon, offset * day), count).await;
    }
    assert_eq!(refusal(&service, &bookings, noon).await["next_allowed_day"], "2026-03-30");
    book(&service, &bookings, later(noon, 2 * day), 1).await;
    for offset in 0..4 {
        let refusal = refusal(&service, &bookings, later(noon, offset * day)).await;
        assert_eq!(
            (&refusal["next_allowed_day"], &refusal["plans_that_allow"]),
            (&json!("2026-04-01"), &json!(["pro"]))
        );
        assert!(text(&refusal["detail"]).contains("2026-04-01"), "{refusal}");
    }
    assert_eq!(book(&service, &bookings, later(noon, 4 * day), 5).await, "2026-04-01");
}

#[actix_web::test]
async fn the_same_instant_is_another_day_in_another_zone() {
    let service = start().await;
    let at = "2026-01-01T10:30:00Z".parse().unwrap();
    for (zone, day) in
        [("Pacific/Kiritimati", "2026-01-02"), ("UTC", "2026-01-01"), ("Pacific/Pago_Pago", "2025-12-31")]
    {
        assert_eq!(book(&service, &bookings(&service, zone, "pro").await, at, 1).await, day, "{zone}");
    }
}

#[actix_web::test]
async fn a_booking_without_starts_at_begins_now() {
    let service = start().await;
    for zone in ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"] {
        let bookings = bookings(&service, zone, "basic").await;
        let before = SystemClock.now();
        let booking = service.post(&bookings, json!({})).await.expect(201);
        let starts_at: Timestamp = text(&booking["starts_at"]).parse().unwrap();
        assert!((before..=SystemClock.now()).contains(&starts_at), "{starts_at}");
        assert_eq!(booking["created_at"], booking["starts_at"]);
        let day = Zone::parse(zone).unwrap().day_of(starts_at);
        assert_eq!(booking["day"], day.date.to_string(), "{zone}");
        assert!(day.start <= starts_at && starts_at < day.end);
    }
}

#[actix_web::test]
async fn a_booking_without_starts_at_is_on_the_local_day() {
    // One second before midnight in Kathmandu, and midnight.
    for (now, day) in [("2026-06-15T18:14:59.999999Z", "2026-06-15"), ("2026-06-15T18:15:00Z", "2026-06-16")] {
        let service = start_at(now.parse().expect("an instant")).await;
        let bookings = bookings(&service, "Asia/Kathmandu", "basic").await;
        let booking = service.post(&bookings, json!({})).await.expect(201);
        assert_eq!((text(&booking["starts_at"]), text(&booking["created_at"]), text(&booking["day"])), (now, now, day));
    }
}

#[actix_web::test]
async fn a_day_skipped_by_a_zone_holds_no_booking() {
    let service = start().await;
    let bookings = bookings(&service, "Pacific/Apia", "basic").await;
    let jump = "2011-12-30T10:00:00Z";
    for at in [later(jump.parse().unwrap(), -1), jump.parse().unwrap()] {
        assert_ne!(book(&service, &bookings, at, 5).await, "2011-12-30");
    }
    let skipped = json!({"start": jump, "end": jump, "time_zone": "Pacific/Apia"});
    assert_eq!(report(&service, &bookings, "2011-12-30").await, (json!(0), json!(5), skipped));
    // The days on both sides are full: the next day with room is not the skipped one.
    let refusal = refusal(&service, &bookings, later(jump.parse().unwrap(), -1)).await;
    assert_eq!(refusal["next_allowed_day"], "2012-01-01");
}

#[actix_web::test]
async fn bookings_and_reports_agree_on_today() {
    for (now, zone, day) in [
        ("2026-06-15T18:14:59.999999Z", "Asia/Kathmandu", "2026-06-15"),
        ("2026-06-15T18:15:00Z", "Asia/Kathmandu", "2026-06-16"),
        ("2026-10-25T22:59:59.999999Z", "Europe/Berlin", "2026-10-25"),
        ("2026-10-25T23:00:00Z", "Europe/Berlin", "2026-10-26"),
    ] {
        let service = start_at(now.parse().expect("an instant")).await;
        let bookings = bookings(&service, zone, "basic").await;
        assert_eq!(service.post(&bookings, json!({})).await.expect(201)["day"], day);
        let account = bookings.strip_suffix("/bookings").expect("it is the path of bookings");
        let report = service.get(&format!("{account}/entitlements")).await.expect(200);
        assert_eq!((&report["on"], &report["entitlements"][1]["used"]), (&json!(day), &json!(1)), "{now}");
        let check = service.post(&format!("{account}/check"), json!({"metric": "bookings_per_day"})).await.expect(200);
        assert_eq!((&check["used"], &check["window"]), (&json!(1), &report["entitlements"][1]["window"]), "{now}");
    }
}
