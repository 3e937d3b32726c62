//! `POST /token`: as JSON and as a form, valid and invalid, and never a password in a response.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use serde_json::json;

use crate::house::start;
use crate::in_process::{Answer, Service, text};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const PASSWORD: &str = "correct-horse";

async fn ask(service: &Service, media_type: &str, body: &str) -> Answer {
    let request = TestRequest::post().uri("/token").insert_header((CONTENT_TYPE, media_type));
    service.send(request.set_payload(body.to_owned())).await
}

#[actix_web::test]
async fn a_token_is_issued_for_json_and_for_a_form() {
    let service = start().await;
    for (media_type, body) in [
        (JSON, r#"{"username":"user","password":"user"}"#),
        (JSON, r#"{"password":"\u0075ser","username":"user"}"#),
        (JSON, r#"{"username":" User ","password":"user"}"#),
        (FORM, "username=user&password=user"),
        (FORM, "grant_type=password&username=user&password=us%65r"),
        (FORM, "grant_type=password&username=user&password=user&scope=&client_id=x&client_secret=y"),
        ("Application/X-WWW-Form-URLEncoded; charset=utf-8", "username=user&password=user"),
    ] {
        let answer = ask(&service, media_type, body).await;
        let token = answer.expect(200);
        assert_eq!((&token["token_type"], &token["expires_in"]), (&json!("bearer"), &json!(900)), "{body}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{body}");
        let bearer = ("authorization", format!("Bearer {}", text(&token["access_token"])));
        let open = TestRequest::post().uri("/accounts").insert_header(bearer).set_json(json!({"name": "My Salon"}));
        service.send(open).await.expect(201);
    }
}

#[actix_web::test]
async fn all_wrong_credentials_get_the_same_response() {
    let service = start().await;
    let mut answers = Vec::new();
    for (username, password) in [
        ("user", "wrong"),
        ("wrong", "user"),
        ("", ""),
        ("user", ""),
        ("USER", "USER"),
        ("user", " user"),
        ("user", "user\0"),
    ] {
        let json = TestRequest::post().uri("/token").set_json(json!({"username": username, "password": password}));
        let form = TestRequest::post().uri("/token").set_form([("username", username), ("password", password)]);
        for request in [json, form] {
            let answer = service.send(request.insert_header(("x-request-id", "the-same"))).await;
            let mut problem = answer.refused(401, "invalid_credentials");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"headroom\""));
            // A form also gets OAuth's error.
            let error = problem.as_object_mut().expect("it is an object").remove("error");
            assert!(error.is_none_or(|error| error == "invalid_grant"));
            answers.push(problem);
        }
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
}

#[actix_web::test]
async fn missing_fields_are_named_in_json_and_in_a_form() {
    let service = start().await;
    for (media_type, body, missing) in [
        (JSON, "{}", &["/username", "/password"][..]),
        (JSON, r#"{"username":"user"}"#, &["/password"]),
        (JSON, r#"{"username":null,"password":"user"}"#, &["/username"]),
        (FORM, "", &["/username", "/password"]),
        (FORM, "grant_type=password&username=user", &["/password"]),
        (FORM, "password=user", &["/username"]),
    ] {
        let faults = ask(&service, media_type, body).await.faults();
        let expected: Vec<_> = missing.iter().map(|at| ((*at).to_owned(), "required".to_owned())).collect();
        assert_eq!(faults, expected, "{body}");
    }
}

#[actix_web::test]
async fn unsupported_invalid_and_large_forms_are_refused() {
    let service = start().await;
    for body in [
        "grant_type=client_credentials&username=user&password=user",
        "grant_type=&username=user&password=user",
        "grant_type=Password&username=user&password=user",
        "username=user&username=user&password=user",
    ] {
        ask(&service, FORM, body).await.refused(400, "invalid_parameter");
    }
    let padded = |bytes| format!("{:a<bytes$}", "username=user&password=user&scope=");
    ask(&service, FORM, &padded(16 * 1024)).await.expect(200);
    ask(&service, FORM, &padded(16 * 1024 + 1)).await.refused(413, "payload_too_large");
}

#[actix_web::test]
async fn a_refused_form_has_the_oauth_error() {
    let service = start().await;
    for (body, status, code, error) in [
        ("username=user&password=wrong", 401, "invalid_credentials", "invalid_grant"),
        ("grant_type=refresh_token&refresh_token=wrong", 401, "invalid_token", "invalid_grant"),
        ("grant_type=refresh_token", 422, "validation_failed", "invalid_request"),
        ("grant_type=password&username=user", 422, "validation_failed", "invalid_request"),
        ("username=user&username=user", 400, "invalid_parameter", "invalid_request"),
        ("grant_type=client_credentials", 400, "invalid_parameter", "unsupported_grant_type"),
        (r#"{"username":"user","password":"user"}"#, 415, "unsupported_media_type", "invalid_request"),
    ] {
        assert_eq!(ask(&service, FORM, body).await.refused(status, code)["error"], error, "{body}");
    }
    let json = ask(&service, JSON, r#"{"username":"user","password":"wrong"}"#).await;
    assert_eq!(json.refused(401, "invalid_credentials").get("error"), None);
}

#[actix_web::test]
async fn json_without_its_media_type_names_the_missing_header() {
    let service = start().await;
    let body = r#"{"username":"user","password":"user"}"#;
    let unnamed = TestRequest::post().uri("/token").set_payload(body);
    let unnamed = service.send(unnamed).await;
    // curl's default media type for a body.
    let form = ask(&service, FORM, &format!("\n {body}")).await;
    for answer in [unnamed, form] {
        let problem = answer.refused(415, "unsupported_media_type");
        assert!(text(&problem["detail"]).contains("Content-Type: application/json"), "{problem}");
    }
}

#[actix_web::test]
async fn no_response_contains_a_password() {
    let service = start().await;
    for (media_type, body) in [
        (JSON, format!(r#"{{"username":"user","password":"{PASSWORD}"}}"#)),
        (JSON, format!(r#"{{"username":"{PASSWORD}","password":"{PASSWORD}"}}"#)),
        (JSON, format!(r#"{{"username":7,"password":"{PASSWORD}"}}"#)),
        (JSON, format!(r#"{{"password":"{PASSWORD}","password":"{PASSWORD}"}}"#)),
        (JSON, format!(r#"{{"password":["{PASSWORD}"]}}"#)),
        (JSON, format!(r#"{{"password":"{PASSWORD}","x":1}}"#)),
        (JSON, format!(r#"{{"password":"{PASSWORD}"#)),
        (JSON, format!(r#"{{"password":{PASSWORD}}}"#)),
        (JSON, format!(r#""{PASSWORD}""#)),
        (FORM, format!("username=user&password={PASSWORD}")),
        (FORM, format!("password={PASSWORD}")),
        (FORM, format!("password={PASSWORD}&password={PASSWORD}")),
        (FORM, format!("grant_type=x&password={PASSWORD}")),
        ("text/plain", PASSWORD.to_owned()),
    ] {
        let answer = ask(&service, media_type, &body).await;
        assert!(answer.status >= 400, "{body}");
        let headers = format!("{:?}", answer.headers);
        assert!(!answer.text().contains(PASSWORD) && !headers.contains(PASSWORD), "{body}: {answer:?}");
    }
}
