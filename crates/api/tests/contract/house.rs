//! What holds for every answer to every request that any of these tests sends; and the tenant that they send them for.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use domain::Timestamp;
use serde_json::{Value, json};

use crate::document::{Operation, operations};
use crate::in_process::{Answer, Asked, Service, text};

/// The service, with every answer inspected.
pub(crate) async fn start() -> Service {
    Service::start(inspect).await
}

/// The same, at a time that stands still.
pub(crate) async fn start_at(now: Timestamp) -> Service {
    Service::start_at(now, inspect).await
}

/// An account on a plan, with a staff member and a booking.
pub(crate) struct Tenant {
    /// The account's path.
    pub(crate) account: String,
    /// The staff member's id.
    pub(crate) staff: String,
    /// The booking's id.
    pub(crate) booking: String,
}

impl Tenant {
    /// A new one, on `pro`.
    pub(crate) async fn open(service: &Service) -> Self {
        let account = service.account_on("pro").await;
        let staff = service.post(&format!("{account}/staff"), json!({"name": "Ann"})).await.expect(201);
        let booking = service.post(&format!("{account}/bookings"), json!({})).await.expect(201);
        let id = |resource: &Value| text(&resource["id"]).to_owned();
        Self { staff: id(&staff), booking: id(&booking), account }
    }

    /// The id that a parameter of a path stands for here.
    pub(crate) fn id(&self, parameter: &str) -> &str {
        match parameter {
            "account_id" => self.account.trim_start_matches("/accounts/"),
            "staff_id" => &self.staff,
            "booking_id" => &self.booking,
            new => panic!("{new} is new: give the tenant one"),
        }
    }

    /// An operation's path with the ids of this tenant in it.
    pub(crate) fn path(&self, operation: &Operation) -> String {
        let fill = |path: String, &name: &&str| path.replace(&format!("{{{name}}}"), self.id(name));
        operation.path_parameters().iter().fold(operation.path.to_owned(), fill)
    }

    /// A request for an operation that it grants, but for the token that may be missing.
    pub(crate) fn request(&self, operation: &Operation) -> TestRequest {
        with_example(operation, &self.path(operation))
    }
}

/// A request for an operation at `path`, with the body that the document gives as an example.
pub(crate) fn with_example(operation: &Operation, path: &str) -> TestRequest {
    let method: Method = operation.method.parse().expect("it is a method");
    let request = TestRequest::with_uri(path).method(method);
    if operation.takes_a_body() {
        request.set_json(operation.request_example("application/json").expect("a body has an example"))
    } else {
        request
    }
}

/// Asserts what holds for every answer.
fn inspect(asked: &Asked, answer: &Answer) {
    let context = format!("{asked:?} {answer:?}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{context}");
    let request_id = answer.header("x-request-id").unwrap_or_else(|| panic!("no request id: {context}"));
    assert!(!request_id.is_empty(), "{context}");
    if asked.authorised {
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{context}");
    }
    if answer.status >= 400 {
        inspect_problem(answer, request_id, &context);
    }
    inspect_against_document(asked, answer, &context);
}

/// A refusal has the one form, and the header that its status demands.
fn inspect_problem(answer: &Answer, request_id: &str, context: &str) {
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
        405 => "allow",
        503 => "retry-after",
        _ => return,
    };
    assert!(answer.header(required).is_some(), "no {required}: {context}");
}

/// Every status that an operation answers with is documented, and so is every code.
fn inspect_against_document(asked: &Asked, answer: &Answer, context: &str) {
    let method = if asked.method == Method::HEAD { "GET" } else { asked.method.as_str() };
    let operations = operations();
    let Some(operation) = operations.iter().find(|it| it.method == method && covers(it.path, &asked.path)) else {
        return;
    };
    let documented = operation.description["responses"]
        .get(answer.status.to_string())
        .unwrap_or_else(|| panic!("not documented: {context}"));
    let media_type = answer.header("content-type").unwrap_or_else(|| panic!("no media type: {context}"));
    let of_media_type = &documented["content"][media_type];
    if answer.status >= 400 {
        let examples = of_media_type["examples"].as_object().unwrap_or_else(|| panic!("no examples: {context}"));
        assert!(examples.contains_key(text(&answer.json()["code"])), "this code is not documented: {context}");
    } else {
        assert_same_members(&answer.json(), &of_media_type["example"], context);
    }
}

/// Whether `path` is one that the template stands for.
fn covers(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len() && template.iter().zip(path).all(|(part, its)| part.starts_with('{') || *part == its)
}

/// Asserts that two values have members of the same names all through. Null stands for anything.
fn assert_same_members(answer: &Value, example: &Value, context: &str) {
    match (answer, example) {
        (Value::Object(answer), Value::Object(example)) => {
            assert!(answer.keys().eq(example.keys()), "unlike its example: {context}");
            for (name, value) in answer {
                assert_same_members(value, &example[name], context);
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
