//! The fields of bodies: valid values, stored values, and refusals.

use serde_json::{Value, json};

use crate::house::start;
use crate::in_process::Service;

/// A field: its collection, its name, and the smallest body of the other fields.
type Field = (&'static str, &'static str, fn() -> Value);

const ACCOUNT_NAME: Field = ("accounts", "name", || json!({}));
const TIME_ZONE: Field = ("accounts", "time_zone", || json!({"name": "My Salon"}));
const STAFF_NAME: Field = ("staff", "name", || json!({}));
const EMAIL: Field = ("staff", "email", || json!({"name": "Ann"}));
const STARTS_AT: Field = ("bookings", "starts_at", || json!({}));
const CUSTOMER_NAME: Field = ("bookings", "customer_name", || json!({}));
const NOTES: Field = ("bookings", "notes", || json!({}));

/// The path to POST this field to, and a body with this value. The account is new: it meets no
/// limit.
async fn with_value(service: &Service, field: Field, value: Value) -> (String, Value) {
    let (collection, name, body) = field;
    let mut body = body();
    body[name] = value;
    match collection {
        "accounts" => ("/accounts".to_owned(), body),
        _ => (format!("{}/{collection}", service.account_on("basic").await), body),
    }
}

/// Asserts that a value is accepted and stored as `stored`.
async fn assert_accepted(service: &Service, field: Field, value: Value, stored: Value) {
    let (path, body) = with_value(service, field, value).await;
    let resource = service.post(&path, body.clone()).await.expect(201);
    assert_eq!(resource[field.1], stored, "{body}");
}

/// Asserts that a value is refused with this code at this field only.
async fn assert_refused(service: &Service, field: Field, value: Value, code: &str) {
    let (path, body) = with_value(service, field, value).await;
    let faults = service.post(&path, body.clone()).await.faults();
    assert_eq!(faults, [(format!("/{}", field.1), code.to_owned())], "{body}");
}

#[actix_web::test]
async fn texts_are_trimmed_and_limited_in_characters_not_bytes() {
    let service = start().await;
    for (field, characters_max) in [(ACCOUNT_NAME, 100), (STAFF_NAME, 100), (CUSTOMER_NAME, 100), (NOTES, 2000)] {
        for character in ["a", "é", "🦊"] {
            let longest = character.repeat(characters_max);
            assert_accepted(&service, field, json!(longest), json!(longest)).await;
            assert_refused(&service, field, json!(format!("{longest}{character}")), "too_long").await;
        }
        let padded = format!(" \t\u{a0}{}\n ", "a".repeat(characters_max));
        assert_accepted(&service, field, json!(padded), json!("a".repeat(characters_max))).await;
        assert_accepted(&service, field, json!("Ann \"the\\fox\" O'Neil <b>"), json!("Ann \"the\\fox\" O'Neil <b>"))
            .await;
        for blank in ["", " ", "\t\r\n", "\u{2003}", "\u{200b}", "\u{3164}\u{feff}"] {
            assert_refused(&service, field, json!(blank), "blank").await;
        }
        let controls = ["a\0b", "a\nb", "a\tb", "a\u{7f}b", "a\u{85}b", "a\u{1b}[31mb", "a\u{2028}b"];
        let directional = ["a\u{202e}b", "\u{2067}a\u{2069}", "a\u{200f}", "\u{61c}a"];
        for control in controls.into_iter().chain(directional) {
            assert_refused(&service, field, json!(control), "control_character").await;
        }
        assert_accepted(&service, field, json!("Ann 👩\u{200d}💻."), json!("Ann 👩\u{200d}💻.")).await;
        for dots in [".", " .. ", "\u{2026}\u{200b}."] {
            // Notes are no name.
            if field.1 == "notes" {
                assert_accepted(&service, field, json!(dots), json!(dots.trim())).await;
            } else {
                assert_refused(&service, field, json!(dots), "only_dots").await;
            }
        }
    }
}

#[actix_web::test]
async fn null_equals_an_omitted_field() {
    let service = start().await;
    for field in [ACCOUNT_NAME, STAFF_NAME] {
        assert_refused(&service, field, Value::Null, "required").await;
    }
    for field in [EMAIL, CUSTOMER_NAME, NOTES] {
        assert_accepted(&service, field, Value::Null, Value::Null).await;
    }
    assert_accepted(&service, TIME_ZONE, Value::Null, json!("UTC")).await;
    let account = service.account_on("basic").await;
    for plan in [json!({}), json!({"plan": null})] {
        let faults = service.post(&format!("{account}/subscribe"), plan).await.faults();
        assert_eq!(faults, [("/plan".to_owned(), "required".to_owned())]);
    }
}

#[actix_web::test]
async fn a_time_zone_is_an_iana_name_in_canonical_case() {
    let service = start().await;
    for (given, stored) in [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/BERLIN", "Europe/Berlin"),
        (" Asia/Kathmandu ", "Asia/Kathmandu"),
        ("pacific/kiritimati", "Pacific/Kiritimati"),
        ("utc", "UTC"),
    ] {
        assert_accepted(&service, TIME_ZONE, json!(given), json!(stored)).await;
    }
    for unknown in
        ["", "Local", "Berlin", "Europe/Atlantis", "+02:00", "CET-1CEST", "../UTC", "Europe/Berlin\0", "/etc/localtime"]
    {
        assert_refused(&service, TIME_ZONE, json!(unknown), "unknown_time_zone").await;
    }
}

#[actix_web::test]
async fn invalid_email_addresses_are_refused() {
    let service = start().await;
    let longest = format!("{}@{}.{}.{}", "a".repeat(64), "b".repeat(63), "c".repeat(63), "d".repeat(61));
    assert_eq!(longest.len(), 254);
    for good in ["ann@example.com", "a.b+c@x-y.co.uk", "ä@bücher.example", &longest] {
        assert_accepted(&service, EMAIL, json!(good), json!(good)).await;
    }
    assert_accepted(&service, EMAIL, json!(" ann@example.com "), json!("ann@example.com")).await;
    let too_long = format!("{longest}d");
    for bad in [
        "",
        " ",
        "ann",
        "ann@",
        "@example.com",
        "ann@localhost",
        "a b@example.com",
        "a@@b.com",
        "a@-b.com",
        "a@b..com",
        "a@b.com\n c",
        "Ann <ann@example.com>",
        "a@b.com,c@d.com",
        &too_long,
    ] {
        assert_refused(&service, EMAIL, json!(bad), "not_an_email_address").await;
    }
}

#[actix_web::test]
async fn instants_are_rfc_3339_and_returned_in_utc() {
    let service = start().await;
    for (given, stored) in [
        ("2026-03-29T10:00:00+02:00", "2026-03-29T08:00:00Z"),
        ("2026-03-29t10:00:00.5z", "2026-03-29T10:00:00.5Z"),
        ("2026-03-29T10:00:00.1234569-11:30", "2026-03-29T21:30:00.123456Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ("2199-12-31T23:59:59.999999Z", "2199-12-31T23:59:59.999999Z"),
    ] {
        assert_accepted(&service, STARTS_AT, json!(given), json!(stored)).await;
    }
    for bad in [
        "",
        "now",
        "tomorrow",
        "1774771200",
        "2026-03-29",
        "2026-03-29T10:00:00",
        "2026-03-29 10:00:00Z",
        "2026-03-29T10:00Z",
        "20260329T100000Z",
        "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-03-29T25:00:00Z",
        "2026-03-29T10:00:00+02",
        "2026-03-29T10:00:00+02:00[Europe/Berlin]",
        "2026-03-29T10:00:00 02:00",
        "12026-03-29T10:00:00Z",
        "2026-03-29T10:00:00+24:00",
        "2026-03-29T10:00:00-25:59",
        "2026-03-29T10:00:60Z",
        "2026-12-31T23:59:60Z",
    ] {
        assert_refused(&service, STARTS_AT, json!(bad), "not_an_instant").await;
    }
    for beyond in [
        "1969-12-31T23:59:59.999999Z",
        "0000-01-01T00:00:00Z",
        "2200-01-01T00:00:00Z",
        "2199-12-31T23:59:59-00:01",
        "9998-12-31T00:00:00Z",
        "9999-12-31T23:59:59Z",
    ] {
        assert_refused(&service, STARTS_AT, json!(beyond), "instant_out_of_range").await;
    }
}

#[actix_web::test]
async fn all_faults_of_a_body_are_reported_at_once() {
    let service = start().await;
    let account = service.account_on("basic").await;
    for (path, body, expected) in [
        (
            "/accounts".to_owned(),
            json!({"time_zone": "Mars"}),
            &[("/name", "required"), ("/time_zone", "unknown_time_zone")][..],
        ),
        (
            format!("{account}/staff"),
            json!({"name": 7, "email": "x"}),
            &[("/name", "wrong_type"), ("/email", "not_an_email_address")],
        ),
        (
            format!("{account}/bookings"),
            json!({"starts_at": "now", "customer_name": "", "staff_id": "Ann", "notes": []}),
            &[
                ("/starts_at", "not_an_instant"),
                ("/customer_name", "blank"),
                ("/staff_id", "unknown_staff_member"),
                ("/notes", "wrong_type"),
            ],
        ),
        ("/token".to_owned(), json!({"username": []}), &[("/username", "wrong_type"), ("/password", "required")]),
    ] {
        let mut faults = service.post(&path, body).await.faults();
        let mut expected: Vec<_> = expected.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect();
        faults.sort();
        expected.sort();
        assert_eq!(faults, expected, "{path}");
    }
}
