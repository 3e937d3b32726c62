//! Bodies that are not what they should be, at every operation that takes one.

use actix_web::http::Method;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::document::{Operation, operations};
use crate::house::{Tenant, start};
use crate::in_process::text;

const BODY_BYTES_MAX: usize = 16 * 1024;

/// An operation that takes a body: where it is for this tenant, and a body that it takes.
fn bodies(tenant: &Tenant) -> Vec<(String, &'static Value)> {
    let all = operations();
    let with_body = all.iter().filter(|operation| operation.takes_a_body());
    let body = |it: &Operation| it.request_example("application/json").expect("a body has an example");
    with_body.map(|operation| (tenant.path(operation), body(operation))).collect()
}

#[actix_web::test]
async fn what_is_not_json_is_refused() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    for (path, body) in bodies(&tenant) {
        let field = body.as_object().unwrap().keys().next().unwrap();
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let values = ["\"a\nb\"", r#""\ud800""#, "NaN", "1e999", "'a'", "", &deep];
        let with_values = values.map(|value| format!("{{\"{field}\":{value}}}"));
        let texts = ["", " ", "{", "}", "{,}", "{'a':1}", "name=Ann", "\u{feff}{}", "{} {}", "{}}"].map(str::to_owned);
        for text in with_values.into_iter().chain(texts) {
            let problem = service.post_text(&path, text.clone()).await.refused(400, "invalid_json");
            assert_eq!(problem.get("errors"), None, "{path} {text:.40}");
        }
        let not_utf8 = [b"{\"", field.as_bytes(), b"\":\"\xff\"}"].concat();
        service.post_text(&path, not_utf8).await.refused(400, "invalid_json");
    }
}

#[actix_web::test]
async fn what_is_json_but_no_object_is_refused() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    for body in ["[]", r#"["My Salon"]"#, r#"["user","user"]"#, "null", "7", "\"My Salon\"", "true"] {
        for (path, _) in bodies(&tenant) {
            let answer = service.post_text(&path, body).await;
            assert_eq!(answer.status, 422, "{path} {body}: {}", answer.text());
            assert_eq!(answer.faults(), [(String::new(), "wrong_type".to_owned())], "{path} {body}");
        }
    }
}

#[actix_web::test]
async fn a_field_that_is_not_known_is_named() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    for (path, body) in bodies(&tenant) {
        for unknown in ["nmae", "Name", "id", "", "a`b", "ä"] {
            let mut body = body.clone();
            body[unknown] = json!("x");
            let problem = service.post(&path, body).await.refused(400, "unknown_field");
            let detail = text(&problem["detail"]);
            let named = unknown.split('`').next().unwrap_or_default();
            assert!(detail.contains(&format!("\"{named}")), "{path} {unknown}: {detail}");
        }
    }
}

#[actix_web::test]
async fn a_field_that_is_given_twice_is_refused() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    for (path, body) in bodies(&tenant) {
        let field = body.as_object().unwrap().keys().next().unwrap();
        let twice = format!(r#"{{"{field}":"basic","{field}":"pro"}}"#);
        let problem = service.post_text(&path, twice).await.refused(400, "invalid_json");
        assert!(text(&problem["detail"]).contains(field), "{path}: {problem}");
    }
}

#[actix_web::test]
async fn every_field_takes_nothing_but_a_string() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    for (path, body) in bodies(&tenant) {
        for field in body.as_object().unwrap().keys() {
            for wrong in
                [json!(7), json!(1.5), json!(true), json!([]), json!(["x"]), json!({}), json!({"a": {"b": []}})]
            {
                let mut body = body.clone();
                body[field] = wrong.clone();
                let faults = service.post(&path, body).await.faults();
                assert_eq!(faults, [(format!("/{field}"), "wrong_type".to_owned())], "{path} {field} {wrong}");
            }
        }
    }
}

#[actix_web::test]
async fn a_body_may_have_16_kib_and_no_byte_more() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    for (path, body) in bodies(&tenant) {
        let padded = |bytes| format!("{:bytes$}", body.to_string());
        let granted = service.post_text(&path, padded(BODY_BYTES_MAX)).await;
        assert!((200..300).contains(&granted.status), "{path}: {}", granted.text());
        service.post_text(&path, padded(BODY_BYTES_MAX + 1)).await.refused(413, "payload_too_large");
        let announced = service.authorised(Method::POST, &path).insert_header((CONTENT_TYPE, "application/json"));
        let announced = announced.insert_header((CONTENT_LENGTH, BODY_BYTES_MAX + 1));
        service.send(announced.set_payload(padded(BODY_BYTES_MAX + 1))).await.refused(413, "payload_too_large");
    }
}

#[actix_web::test]
async fn a_body_says_that_it_is_json() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    for (path, body) in bodies(&tenant) {
        let post = |media_type: &str| {
            let request = service.authorised(Method::POST, &path).set_payload(body.to_string());
            service.send(if media_type.is_empty() {
                request
            } else {
                request.insert_header((CONTENT_TYPE, media_type))
            })
        };
        for media_type in ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"] {
            let answer = post(media_type).await;
            assert!((200..300).contains(&answer.status), "{path} {media_type}: {}", answer.text());
        }
        for media_type in ["", "text/plain", "text/json", "application/xml", "multipart/form-data; boundary=x", "json"]
        {
            post(media_type).await.refused(415, "unsupported_media_type");
        }
    }
    let form = TestRequest::post().uri("/accounts").set_form([("name", "My Salon")]);
    let form = form.insert_header(("authorization", format!("Bearer {}", service.token)));
    service.send(form).await.refused(415, "unsupported_media_type");
}
