//! The checks of every response in these tests.

use actix_web::http::Method;
use serde_json::Value;

use crate::document::{DOCUMENT, operations};
use crate::in_process::{Answer, Asked, text};

/// Asserts what holds for every response.
pub(crate) fn inspect(asked: &Asked, answer: &Answer) {
    let context = format!("{asked:?} {answer:?}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{context}");
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{context}");
    let policy = answer.header("content-security-policy").unwrap_or_default();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{context}");
    assert!(!policy.contains("unsafe-eval") && answer.header("server").is_none(), "{context}");
    let request_id = answer.header("x-request-id").unwrap_or_else(|| panic!("no request id: {context}"));
    assert!(!request_id.is_empty(), "{context}");
    // The public keys may be cached for a while.
    if asked.authorised && asked.path != "/.well-known/jwks.json" {
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{context}");
    }
    if answer.status >= 400 {
        inspect_problem(asked, answer, request_id, &context);
    }
    let is_json = answer.header("content-type").is_some_and(|it| it.ends_with("json"));
    if is_json && asked.method != Method::HEAD {
        assert!(answer.body.ends_with(b"\n"), "no newline at the end: {context}");
    }
    inspect_against_document(asked, answer, &context);
}

/// Asserts the form of a refusal and the header that its status requires.
fn inspect_problem(asked: &Asked, answer: &Answer, request_id: &str, context: &str) {
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{context}");
    let problem = answer.json();
    let code = text(&problem["code"]);
    assert_eq!(problem["type"], format!("/docs/errors#{code}"), "{context}");
    assert_eq!(problem["status"], answer.status, "{context}");
    assert_eq!(problem["request_id"], request_id, "{context}");
    assert!(!text(&problem["title"]).is_empty() && text(&problem["detail"]).ends_with('.'), "{context}");
    let known = api::problem::Code::ALL.iter().find(|known| known.as_str() == code);
    let status = known.map(|known| known.status().as_u16());
    assert_eq!(status, Some(answer.status), "{context}");
    let required = match answer.status {
        401 => "www-authenticate",
        // Closed registration does not depend on the token.
        403 if code == "forbidden" && asked.path != "/users" => "www-authenticate",
        405 => "allow",
        429 => "ratelimit-policy",
        503 => "retry-after",
        _ => return,
    };
    assert!(answer.header(required).is_some(), "no {required}: {context}");
}

/// Asserts that the document lists the status and the code of the response.
fn inspect_against_document(asked: &Asked, answer: &Answer, context: &str) {
    let method = if asked.method == Method::HEAD { "GET" } else { asked.method.as_str() };
    let operations = operations();
    // A path without a parameter comes before one with it, as in the router.
    let covering = operations.iter().filter(|it| covers(it.path, &asked.path));
    let Some(path) = covering.map(|it| it.path).min_by_key(|path| path.matches('{').count()) else { return };
    let Some(operation) = operations.iter().find(|it| it.method == method && it.path == path) else { return };
    let documented = operation.description["responses"]
        .get(answer.status.to_string())
        .unwrap_or_else(|| panic!("not documented: {context}"));
    inspect_headers(answer, documented, context);
    if [204, 304].contains(&answer.status) {
        assert!(answer.body.is_empty() && answer.header("content-type").is_none(), "a body: {context}");
        return;
    }
    let media_type = answer.header("content-type").unwrap_or_else(|| panic!("no media type: {context}"));
    let of_media_type = &documented["content"][media_type];
    if answer.status >= 400 {
        let examples = of_media_type["examples"].as_object().unwrap_or_else(|| panic!("no examples: {context}"));
        assert!(examples.contains_key(text(&answer.json()["code"])), "this code is not documented: {context}");
    } else if !(asked.path.starts_with("/plans") && answer.json().get("metrics").is_some()) {
        // The example is of the built-in plans, and those of a test may limit other metrics.
        assert_like_example(&answer.json(), &of_media_type["example"], context);
    }
}

/// Asserts that every shared header is documented where a response has it, and that a response has
/// those documented as required.
fn inspect_headers(answer: &Answer, documented: &Value, context: &str) {
    let of_kind = DOCUMENT["components"]["headers"].as_object().expect("the document has headers");
    for name in of_kind.keys() {
        let of_answer = &documented["headers"][name];
        let is_there = answer.headers.contains_key(name.as_str());
        assert!(!is_there || of_answer.is_object(), "{name} is not documented: {context}");
        assert!(is_there || of_answer["required"] != true, "{name} is missing: {context}");
    }
}

/// Whether a path template matches `path`.
fn covers(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len() && template.iter().zip(path).all(|(part, its)| part.starts_with('{') || *part == its)
}

/// Asserts that an answer has the fields of its example. The answer to a batch has items that are
/// like the example.
fn assert_like_example(answer: &Value, example: &Value, context: &str) {
    match answer["items"].as_array() {
        Some(items) if example.get("items").is_none() => {
            for item in items {
                assert_same_members(item, example, context);
            }
        }
        _ => match answer["checks"].as_array() {
            Some(checks) => {
                for check in checks {
                    assert_same_members(check, example, context);
                }
            }
            None => assert_same_members(answer, example, context),
        },
    }
}

/// Members that only some answers have: those that depend on the catalogue or on the account.
const OPTIONAL: [&str; 12] = [
    "default",
    "exceeded",
    "external_id",
    "features",
    "granted",
    "held",
    "kind",
    "metadata",
    "meter",
    "metrics",
    "next_allowed_at",
    "self_service",
];

/// Asserts that two values have fields of the same names, recursively. Null equals anything.
fn assert_same_members(answer: &Value, example: &Value, context: &str) {
    match (answer, example) {
        (Value::Object(answer), Value::Object(example)) => {
            // The limits of a plan have the catalogue's metrics as their names.
            let are_limits = example.contains_key("bookings_per_day");
            let is_about_a_feature = |it: &serde_json::Map<String, Value>| it.contains_key("feature");
            if is_about_a_feature(answer) != is_about_a_feature(example) {
                // The examples are about limits, where an answer is about the one or the other.
                return;
            }
            // The window of an excess is there unless it is a day.
            let is_excess = example.contains_key("excess");
            let required =
                |name: &&String| !(OPTIONAL.contains(&name.as_str()) || is_excess && name.as_str() == "window");
            let have_same = answer.keys().filter(required).eq(example.keys().filter(required));
            assert!(are_limits || have_same, "unlike its example: {context}");
            // The values of features have several types, and metadata any keys.
            let is_compared = |name: &&String| !is_about_a_feature(example) && *name != "metadata";
            for name in example.keys().filter(is_compared).filter(|name| answer.contains_key(*name)) {
                assert_same_members(&answer[name], &example[name], context);
            }
        }
        (Value::Array(answer), Value::Array(example)) => {
            for (answer, example) in answer.iter().zip(example) {
                assert_same_members(answer, example, context);
            }
        }
        (answer, example) => {
            let comparable = !answer.is_null() && !example.is_null();
            let same = std::mem::discriminant(answer) == std::mem::discriminant(example);
            assert!(same || !comparable, "unlike its example: {context}");
        }
    }
}
