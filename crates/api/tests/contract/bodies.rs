//! Invalid bodies, at every operation that takes one.

use actix_web::http::Method;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::test::TestRequest;
use actix_web::web::Bytes;
use serde_json::{Value, json};

use crate::document::{Operation, operations, resolve};
use crate::house::{Tenant, bearer, start};
use crate::in_process::{Answer, Service, text};

const BODY_BYTES_MAX: usize = 16 * 1024;

/// An operation that takes a body: its path for a tenant, a valid body, and the owner's token.
struct Case {
    method: Method,
    path: String,
    body: Value,
    token: String,
}

impl Case {
    fn request(&self) -> TestRequest {
        TestRequest::with_uri(&self.path).method(self.method.clone()).insert_header(bearer(&self.token))
    }

    /// Sends a body with the media type of JSON.
    async fn send(&self, service: &Service, body: impl Into<Bytes>) -> Answer {
        service.send(self.request().insert_header((CONTENT_TYPE, "application/json")).set_payload(body)).await
    }

    async fn send_json(&self, service: &Service, body: &Value) -> Answer {
        self.send(service, body.to_string()).await
    }
}

fn case(service: &Service, tenant: &Tenant, operation: &Operation) -> Case {
    Case {
        method: operation.method.parse().expect("it is a method"),
        path: tenant.path(operation),
        body: tenant.body(operation, &tenant.owner).expect("it takes a body"),
        token: tenant.token(service, operation).to_owned(),
    }
}

/// Every operation that takes a body.
fn operations_with_body() -> impl Iterator<Item = Operation> {
    operations().into_iter().filter(Operation::takes_a_body)
}

fn bodies(service: &Service, tenant: &Tenant) -> Vec<Case> {
    operations_with_body().map(|operation| case(service, tenant, &operation)).collect()
}

#[actix_web::test]
async fn invalid_json_is_refused() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    for case in bodies(&service, &tenant) {
        let (path, body) = (&case.path, &case.body);
        let field = body.as_object().unwrap().keys().next().unwrap();
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let values = ["\"a\nb\"", r#""\ud800""#, "NaN", "1e999", "'a'", "", &deep];
        let with_values = values.map(|value| format!("{{\"{field}\":{value}}}"));
        let texts = ["", " ", "{", "}", "{,}", "{'a':1}", "name=Ann", "\u{feff}{}", "{} {}", "{}}", "[1 true]", "7 7"]
            .map(str::to_owned);
        for text in with_values.into_iter().chain(texts) {
            let problem = case.send(&service, text.clone()).await.refused(400, "invalid_json");
            assert_eq!(problem.get("errors"), None, "{path} {text:.40}");
        }
        let not_utf8 = [b"{\"", field.as_bytes(), b"\":\"\xff\"}"].concat();
        case.send(&service, not_utf8).await.refused(400, "invalid_json");
    }
}

#[actix_web::test]
async fn json_other_than_an_object_is_refused() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    for body in ["[]", r#"["My Salon"]"#, r#"["user","user"]"#, "null", "7", "\"My Salon\"", "true"] {
        for case in bodies(&service, &tenant) {
            let path = &case.path;
            let answer = case.send(&service, body).await;
            assert_eq!(answer.status, 422, "{path} {body}: {}", answer.text());
            assert_eq!(answer.faults(), [(String::new(), "wrong_type".to_owned())], "{path} {body}");
        }
    }
}

#[actix_web::test]
async fn an_unknown_field_is_named() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    for case in bodies(&service, &tenant) {
        let (path, body) = (&case.path, &case.body);
        for unknown in ["nmae", "Name", "id", "", "a`b", "ä"] {
            let mut body = body.clone();
            body[unknown] = json!("x");
            let problem = case.send_json(&service, &body).await.refused(400, "unknown_field");
            let detail = text(&problem["detail"]);
            let named = unknown.split('`').next().unwrap_or_default();
            assert!(detail.contains(&format!("\"{named}")), "{path} {unknown}: {detail}");
        }
    }
}

#[actix_web::test]
async fn unknown_fields_are_named_with_the_closest_known_ones() {
    let service = start().await;
    for (body, detail, errors) in [
        (
            r#"{"nmae":"My Salon","z":{"y":[]},"timeZone":7}"#,
            r#"There are no fields "nmae" (the closest is "name"), "z" and "timeZone" (the closest is "time_zone") here. Known are "name", "time_zone", "external_id", "metadata" and "plan"."#,
            json!([
                {"pointer": "/nmae", "code": "unknown_field", "detail": "There is no such field; the closest is \"name\"."},
                {"pointer": "/z", "code": "unknown_field", "detail": "There is no such field."},
                {"pointer": "/timeZone", "code": "unknown_field",
                    "detail": "There is no such field; the closest is \"time_zone\"."},
            ]),
        ),
        (
            r#"{"name":7,"id":"x"}"#,
            r#"There is no field "id" here. Known are "name", "time_zone", "external_id", "metadata" and "plan"."#,
            json!([{"pointer": "/id", "code": "unknown_field", "detail": "There is no such field."}]),
        ),
    ] {
        let problem = service.post_text("/accounts", body).await.refused(400, "unknown_field");
        assert_eq!((&problem["detail"], &problem["errors"]), (&json!(detail), &errors));
    }
}

#[actix_web::test]
async fn an_empty_or_missing_body_is_reported_as_empty() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    for case in bodies(&service, &tenant) {
        let json = case.request().insert_header((CONTENT_TYPE, "application/json"));
        let zero = case.request().insert_header((CONTENT_LENGTH, 0));
        for request in [json, zero, case.request()] {
            let problem = service.send(request).await.refused(400, "invalid_json");
            assert!(text(&problem["detail"]).starts_with("The body is empty."), "{}: {problem}", case.path);
        }
    }
}

#[actix_web::test]
async fn a_duplicate_field_is_refused() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    for case in bodies(&service, &tenant) {
        let (path, body) = (&case.path, &case.body);
        let field = body.as_object().unwrap().keys().next().unwrap();
        let twice = format!(r#"{{"{field}":"basic","{field}":"pro"}}"#);
        let problem = case.send(&service, twice).await.refused(400, "invalid_json");
        assert!(text(&problem["detail"]).contains(field), "{path}: {problem}");
    }
}

#[actix_web::test]
async fn every_field_accepts_only_its_own_type() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    for case in bodies(&service, &tenant) {
        let (path, body) = (&case.path, &case.body);
        for field in body.as_object().unwrap().keys() {
            let other = if body[field].is_number() { json!("7") } else { json!(7) };
            let of_all = [other, json!(1.5), json!(true), json!([]), json!(["x"]), json!({}), json!({"a": {"b": []}})];
            for wrong in of_all.into_iter().filter(|wrong| !(wrong.is_array() && body[field].is_array())) {
                let mut body = body.clone();
                body[field] = wrong.clone();
                let faults = case.send_json(&service, &body).await.faults();
                assert_eq!(faults, [(format!("/{field}"), "wrong_type".to_owned())], "{path} {field} {wrong}");
            }
        }
    }
}

/// Whether the schema of a field admits null.
fn admits_null(schema: &'static Value) -> bool {
    let is_null = |it: &Value| it == "null";
    let types = schema["type"].as_array().is_some_and(|types| types.iter().any(is_null));
    types || schema["oneOf"].as_array().is_some_and(|parts| parts.iter().any(|part| is_null(&part["type"])))
}

#[actix_web::test]
async fn null_is_accepted_only_where_the_schema_admits_it() {
    let service = start().await;
    for operation in operations_with_body() {
        let schema = resolve(&operation.description["requestBody"]["content"]["application/json"]["schema"]);
        for (field, schema) in schema["properties"].as_object().expect("a body has properties") {
            let case = case(&service, &Tenant::open(&service).await, &operation);
            let mut body = case.body.clone();
            body[field] = Value::Null;
            let answer = case.send_json(&service, &body).await;
            if admits_null(schema) {
                assert!((200..300).contains(&answer.status), "{} {field}: {}", case.path, answer.text());
            } else {
                assert_eq!(answer.faults(), [(format!("/{field}"), "required".to_owned())], "{} {field}", case.path);
            }
        }
    }
}

#[actix_web::test]
async fn bodies_are_limited_to_16_kib() {
    let service = start().await;
    for operation in operations_with_body() {
        let case = case(&service, &Tenant::open(&service).await, &operation);
        // A thousand keys of 128 characters fit.
        let is_large = text(&operation.description["operationId"]) == "replace_allocations";
        let bytes_max = if is_large { 10 * BODY_BYTES_MAX } else { BODY_BYTES_MAX };
        let padded = |bytes: usize| {
            let body = case.body.to_string();
            body.clone() + &" ".repeat(bytes - body.len())
        };
        case.send(&service, padded(bytes_max + 1)).await.refused(413, "payload_too_large");
        let announced = case.request().insert_header((CONTENT_TYPE, "application/json"));
        let announced = announced.insert_header((CONTENT_LENGTH, bytes_max + 1));
        service.send(announced.set_payload(padded(bytes_max + 1))).await.refused(413, "payload_too_large");
        let granted = case.send(&service, padded(bytes_max)).await;
        assert!((200..300).contains(&granted.status), "{}: {}", case.path, granted.text());
    }
}

#[actix_web::test]
async fn a_body_needs_the_media_type_of_json() {
    let service = start().await;
    for operation in operations_with_body() {
        for media_type in ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"] {
            let case = case(&service, &Tenant::open(&service).await, &operation);
            let request = case.request().insert_header((CONTENT_TYPE, media_type));
            let answer = service.send(request.set_payload(case.body.to_string())).await;
            assert!((200..300).contains(&answer.status), "{} {media_type}: {}", case.path, answer.text());
        }
        let case = case(&service, &Tenant::open(&service).await, &operation);
        service.send(case.request().set_payload(case.body.to_string())).await.refused(415, "unsupported_media_type");
        for media_type in ["text/plain", "text/json", "application/xml", "multipart/form-data; boundary=x", "json"] {
            let request = case.request().insert_header((CONTENT_TYPE, media_type));
            let answer = service.send(request.set_payload(case.body.to_string())).await;
            answer.refused(415, "unsupported_media_type");
        }
    }
    let form = TestRequest::post().uri("/accounts").set_form([("name", "My Salon")]);
    service.send(form.insert_header(bearer(&service.token))).await.refused(415, "unsupported_media_type");
}
