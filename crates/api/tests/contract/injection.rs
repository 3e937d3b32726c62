//! Privileged fields: no body can set what the service decides or another operation changes.

use serde_json::{Value, json};

use crate::document::{Operation, operations, resolve};
use crate::house::{Tenant, bearer, start};
use crate::in_process::text;

/// A privileged field and a value for it.
fn privileged() -> Vec<(&'static str, Value)> {
    let time = json!("2000-01-01T00:00:00Z");
    vec![
        ("id", json!("user_00000000000000000000000000")),
        ("account_id", json!("acct_00000000000000000000000000")),
        ("user_id", json!("user_00000000000000000000000000")),
        ("owner", json!("ann")),
        ("role", json!("owner")),
        ("scope", json!("admin")),
        ("plan", json!("pro")),
        ("limit", json!(1_000_000)),
        ("is_operator", json!(true)),
        ("is_disabled", json!(false)),
        ("created_by", json!("user_00000000000000000000000000")),
        ("created_at", time.clone()),
        ("deleted_at", Value::Null),
        ("last_used_at", time),
    ]
}

/// Whether the operation takes the field.
fn takes(operation: &Operation, field: &str) -> bool {
    let schema = &operation.description["requestBody"]["content"]["application/json"]["schema"];
    resolve(schema)["properties"].get(field).is_some()
}

#[actix_web::test]
async fn privileged_fields_are_refused_in_every_body() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let before = service.commits();
    let mut asked = 0;
    for operation in operations().iter().filter(|operation| operation.takes_a_body()) {
        for (field, value) in privileged().into_iter().filter(|(field, _)| !takes(operation, field)) {
            let mut body = tenant.body(operation, &tenant.owner).expect("it takes a body");
            body[field] = value;
            // The owner where they have permission, and an operator.
            for token in [tenant.token(&service, operation), &service.token] {
                let request = tenant.request(operation).set_json(&body).insert_header(bearer(token));
                let answer = service.send(request).await;
                let context = format!("{} {} {field}: {}", operation.method, operation.path, answer.text());
                assert_eq!(answer.status, 400, "{context}");
                let problem = answer.refused(400, "unknown_field");
                assert!(text(&problem["detail"]).contains(&format!("\"{field}\"")), "{context}");
                asked += 1;
            }
        }
    }
    assert!(asked >= 2 * 13 * 10, "{asked}");
    assert!(service.commits() == before, "something was written");
}
