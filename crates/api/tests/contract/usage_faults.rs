//! Faults of usage: all at once, those of items with pointers into their list.

use serde_json::json;

use crate::in_process::text;
use crate::usage::{NOON, record, sms, start_with_account};

#[actix_web::test]
async fn invalid_usage_reports_every_fault() {
    let (service, account) = start_with_account().await;
    let before = service.commits();
    for (body, expected) in [
        (json!({}), vec![("/meter", "required")]),
        (json!({"meter": null, "items": null}), vec![("/meter", "required")]),
        (json!({"meter": "projects"}), vec![("/meter", "unknown_key")]),
        (json!({"meter": "bookings"}), vec![("/meter", "unknown_key")]),
        (json!({"meter": "sms_per_day"}), vec![("/meter", "unknown_key")]),
        (json!({"meter": "staff", "quantity": 0}), vec![("/meter", "unknown_key"), ("/quantity", "out_of_range")]),
        (
            json!({"meter": 7, "quantity": 1.5, "at": []}),
            vec![("/meter", "wrong_type"), ("/at", "wrong_type"), ("/quantity", "wrong_type")],
        ),
        (
            sms(9_007_199_254_740_992, "2200-01-01T00:00:00Z"),
            vec![("/quantity", "out_of_range"), ("/at", "instant_out_of_range")],
        ),
        (
            json!({"meter": "sms", "quantity": -1, "at": "now"}),
            vec![("/quantity", "out_of_range"), ("/at", "not_an_instant")],
        ),
        (json!({"items": []}), vec![("/items", "item_count_out_of_range")]),
        (json!({"items": vec![json!(7); 21]}), vec![("/items", "item_count_out_of_range")]),
        (json!({"items": {}}), vec![("/items", "wrong_type")]),
        (json!({"items": "sms", "at": NOON}), vec![("/items", "wrong_type"), ("/at", "not_beside")]),
        (
            json!({"items": [sms(1, NOON)], "meter": "sms", "quantity": 1, "at": "x"}),
            vec![("/meter", "not_beside"), ("/quantity", "not_beside"), ("/at", "not_beside")],
        ),
        (
            json!({"items": [sms(1, NOON), {}, 7, sms(0, "now"), null, [[]], {"meter": "x"}]}),
            vec![
                ("/items/1/meter", "required"),
                ("/items/2", "wrong_type"),
                ("/items/3/quantity", "out_of_range"),
                ("/items/3/at", "not_an_instant"),
                ("/items/4", "wrong_type"),
                ("/items/5", "wrong_type"),
                ("/items/6/meter", "unknown_key"),
            ],
        ),
    ] {
        let expected: Vec<_> = expected.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect();
        assert_eq!(record(&service, &account, body.clone()).await.faults(), expected, "{body}");
    }
    assert!(service.commits() == before, "something was written");
}

#[actix_web::test]
async fn unknown_and_duplicate_fields_of_items_are_named() {
    let (service, account) = start_with_account().await;
    let items = json!([{"meter": "sms"}, {"metre": "sms", "x/y": 1}, 7, {"meter": 7, "account_id": "x"}]);
    let problem = record(&service, &account, json!({"items": items})).await.refused(400, "unknown_field");
    let pointers: Vec<_> =
        problem["errors"].as_array().expect("a list").iter().map(|it| text(&it["pointer"])).collect();
    assert_eq!(pointers, ["/items/1/metre", "/items/1/x~1y", "/items/3/account_id"]);
    assert!(text(&problem["detail"]).contains("\"metre\" (the closest is \"meter\")"), "{problem}");
    let problem = record(&service, &account, json!({"x": 1, "items": [{"y": 1}]})).await.refused(400, "unknown_field");
    assert_eq!(problem["errors"].as_array().map(Vec::len), Some(2), "{problem}");
    let many = vec![json!({"a": 1, "b": 2}); 20];
    let problem = record(&service, &account, json!({"items": many})).await.refused(400, "unknown_field");
    assert_eq!(problem["errors"].as_array().map(Vec::len), Some(20), "no more than twenty");
    let path = format!("{account}/usage");
    service.post_text(&path, r#"{"items":[{"meter":"sms","meter":"sms"}]}"#).await.refused(400, "invalid_json");
    let deep = format!(r#"{{"items":{}{}}}"#, "[".repeat(200), "]".repeat(200));
    service.post_text(&path, deep).await.refused(400, "invalid_json");
}
