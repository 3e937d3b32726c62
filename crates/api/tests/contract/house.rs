//! The checks of every response in these tests, and the tenant that the requests are about.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, HeaderName};
use actix_web::test::TestRequest;
use api::RequestPolicySettings;
use aws_lc_rs::digest::{SHA256, digest};
use domain::error::StorageError;
use domain::ports::{Store, WriteTx};
use domain::{SecretHash, Timestamp, User, Username};
use serde_json::{Value, json};
use testkit::fixtures::FixedClock;

use crate::document::{DOCUMENT, Operation, operations};
use crate::in_process::{Answer, Asked, Login, Service, text};
use crate::own_metrics;

/// The service, with every response inspected.
pub(crate) async fn start() -> Service {
    Service::start(inspect).await
}

/// The same, with proxies, rate limits and origins.
pub(crate) async fn start_behind(network: &RequestPolicySettings) -> Service {
    Service::start_behind(network, inspect).await
}

/// The same, with registration closed.
pub(crate) async fn start_closed() -> Service {
    Service::start_closed(inspect).await
}

/// The same, with the documents disabled.
pub(crate) async fn start_without_docs() -> Service {
    Service::start_without_docs(inspect).await
}

/// The same, with the plans in a file, which is read when they are loaded again.
pub(crate) async fn start_with_plans(file: PathBuf) -> Service {
    Service::start_with_plans(file, inspect).await
}

/// The same, at a fixed time.
pub(crate) async fn start_at(now: Timestamp) -> Service {
    Service::start_at(now, inspect).await
}

/// The same, with a clock that the test sets.
pub(crate) async fn start_by(clock: Arc<FixedClock>) -> Service {
    Service::start_by(clock, inspect).await
}

/// An account on a plan, with two owners, a staff member, a booking, a usage record, a hold, a grant,
/// and an API key of the first.
pub(crate) struct Tenant {
    /// The path of the account.
    pub(crate) account: String,
    /// The id of the staff member.
    pub(crate) staff: String,
    /// The id of the booking.
    pub(crate) booking: String,
    /// The id of the usage record.
    pub(crate) usage: String,
    /// The id of a hold of projects.
    pub(crate) hold: String,
    /// The id of the grant.
    pub(crate) grant: String,
    /// The first owner.
    pub(crate) owner: Person,
    /// The second owner, so that either may leave.
    pub(crate) other_owner: Person,
    /// The id of the API key.
    pub(crate) api_key: String,
}

impl Tenant {
    /// Creates a tenant on `pro`, in a catalogue with metrics of one's own.
    pub(crate) async fn open(service: &Service) -> Self {
        service.state.catalog.set(own_metrics::catalog());
        let (owner, other_owner) = (person(service).await, person(service).await);
        let id = |resource: &Value| text(&resource["id"]).to_owned();
        let new = owner.post(service, "/accounts", json!({"name": "My Salon"})).await.expect(201);
        let account = format!("/accounts/{}", id(&new));
        owner.post(service, &format!("{account}/subscribe"), json!({"plan": "pro"})).await.expect(201);
        let staff = owner.post(service, &format!("{account}/staff"), json!({"name": "Ann"})).await.expect(201);
        // In the future: a booking that has begun cannot be moved.
        let booking = json!({"starts_at": "2031-05-05T10:00:00Z"});
        let booking = owner.post(service, &format!("{account}/bookings"), booking).await.expect(201);
        let usage = owner.post(service, &format!("{account}/usage"), json!({"meter": "sms"})).await.expect(201);
        let (api_key, _) = owner.api_key(service, "admin", None).await;
        let hold = json!({"meter": "projects", "expires_in_seconds": 604_800});
        let hold = owner.post(service, &format!("{account}/holds"), hold).await.expect(201);
        owner
            .send(service, Method::PUT, &format!("{account}/allocations/projects/website"), json!({}))
            .await
            .expect(201);
        let grant = json!({"metric": "api_calls_per_minute", "quantity": 1, "reason": "A trial"});
        let grant = service.post(&format!("{account}/grants"), grant).await.expect(201);
        let (staff, booking, usage, hold, grant) = (id(&staff), id(&booking), id(&usage), id(&hold), id(&grant));
        let tenant = Self { account, staff, booking, usage, hold, grant, owner, other_owner, api_key };
        tenant.put(service, &tenant.other_owner, "owner").await;
        tenant.other_owner.accept(service, &tenant.account).await;
        tenant
    }

    /// Gives a user a role in the account.
    pub(crate) async fn put(&self, service: &Service, person: &Person, role: &str) {
        let path = format!("{}/members/{}", self.account, person.login.user);
        self.owner.send(service, Method::PUT, &path, json!({"role": role})).await.expect(200);
    }

    /// The id for a path parameter.
    pub(crate) fn id(&self, parameter: &str) -> String {
        match parameter {
            "account_id" => self.account.trim_start_matches("/accounts/").to_owned(),
            "staff_id" => self.staff.clone(),
            "booking_id" => self.booking.clone(),
            "use_id" => self.usage.clone(),
            "hold_id" => self.hold.clone(),
            "meter" => "projects".to_owned(),
            "key" => "website".to_owned(),
            "grant_id" => self.grant.clone(),
            "user_id" => self.other_owner.login.user.to_string(),
            "api_key_id" => self.api_key.clone(),
            "metric" => "bookings_per_day".to_owned(),
            new => panic!("the tenant has no {new}"),
        }
    }

    /// The path of an operation with this tenant's ids.
    pub(crate) fn path(&self, operation: &Operation) -> String {
        let fill = |path: String, &name: &&str| path.replace(&format!("{{{name}}}"), &self.id(name));
        operation.path_parameters().iter().fold(operation.path.to_owned(), fill)
    }

    /// The document's example body, adjusted so that it succeeds here for this person.
    pub(crate) fn body(&self, operation: &Operation, person: &Person) -> Option<Value> {
        if !operation.takes_a_body() {
            return None;
        }
        let mut body = operation.request_example("application/json").expect("a body has an example").clone();
        match text(&operation.description["operationId"]) {
            "register_user" | "change_me" => body["username"] = json!(fresh_name()),
            "change_password" => body["password"] = json!(PASSWORD),
            "transfer_account" => body["user"] = json!(self.id("user_id")),
            "refresh_token" | "revoke_token" => body["refresh_token"] = json!(person.refresh_token),
            _ => {}
        }
        Some(body)
    }

    /// A token with permission for the operation: the owner's, or an operator's where required.
    pub(crate) fn token<'a>(&'a self, service: &'a Service, operation: &Operation) -> &'a str {
        let takes_an_operator = operation.permissions().0 == "operator";
        if takes_an_operator { &service.token } else { &self.owner.login.token }
    }

    /// A request for an operation, without a token.
    pub(crate) fn request(&self, operation: &Operation) -> TestRequest {
        self.request_at(operation, &self.path(operation), &self.owner)
    }

    /// The same for this person, at another path.
    pub(crate) fn request_at(&self, operation: &Operation, path: &str, person: &Person) -> TestRequest {
        let request = TestRequest::with_uri(path).method(operation.method.parse().expect("it is a method"));
        match self.body(operation, person) {
            Some(body) => request.set_json(body),
            None => request,
        }
    }
}

/// The password of every user.
pub(crate) const PASSWORD: &str = "user";

/// A logged-in user who is no operator.
#[derive(Clone)]
pub(crate) struct Person {
    /// The username.
    pub(crate) name: String,
    /// The user id and the access token.
    pub(crate) login: Login,
    /// The session's refresh token.
    pub(crate) refresh_token: String,
}

/// Creates a user.
pub(crate) async fn person(service: &Service) -> Person {
    let name = fresh_name();
    let login = service.user(&name).await;
    let refresh_token = format!("hr_refresh_{name}");
    let hash = digest(&SHA256, refresh_token.as_bytes()).as_ref().try_into().expect("it has 256 bits");
    let (user, session) = (login.user, login.session);
    let equip = move |tx: &mut dyn WriteTx| {
        let operator = Username::parse("user").expect("it is a username");
        let password = tx.find_user_named(&operator)?.expect("there is an operator").password;
        let user = tx.find_user(user)?.expect("the user exists");
        tx.update_user(&User { password, ..user })?;
        tx.insert_refresh_token(session, &SecretHash(hash))
    };
    service.state.store.write::<_, StorageError>(equip).await.expect("the write succeeds");
    Person { name, login, refresh_token }
}

/// An unused username.
pub(crate) fn fresh_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("person.{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A bearer token as a header.
pub(crate) fn bearer(token: &str) -> (HeaderName, String) {
    (AUTHORIZATION, format!("Bearer {token}"))
}

impl Person {
    /// Sends a request without a body.
    pub(crate) async fn ask(&self, service: &Service, method: Method, path: &str) -> Answer {
        let request = TestRequest::with_uri(path).method(method);
        service.send(request.insert_header(bearer(&self.login.token))).await
    }

    /// Sends a GET.
    pub(crate) async fn get(&self, service: &Service, path: &str) -> Answer {
        self.ask(service, Method::GET, path).await
    }

    /// Sends JSON.
    pub(crate) async fn send(&self, service: &Service, method: Method, path: &str, body: Value) -> Answer {
        let request = TestRequest::with_uri(path).method(method).insert_header(bearer(&self.login.token));
        service.send(request.set_json(body)).await
    }

    /// POSTs JSON.
    pub(crate) async fn post(&self, service: &Service, path: &str, body: Value) -> Answer {
        self.send(service, Method::POST, path, body).await
    }

    /// Accepts the ownership of the account at this path.
    pub(crate) async fn accept(&self, service: &Service, account: &str) {
        let path = format!("{account}/members/{}", self.login.user);
        let member = self.send(service, Method::PUT, &path, json!({"role": "owner"})).await.expect(200);
        assert_eq!(member["is_pending"], false, "{member}");
    }

    /// Sends a PATCH of a resource.
    pub(crate) async fn patch(&self, service: &Service, path: &str, body: Value) -> Answer {
        self.send(service, Method::PATCH, path, body).await
    }

    /// DELETEs a resource.
    pub(crate) async fn remove(&self, service: &Service, path: &str) -> Answer {
        self.ask(service, Method::DELETE, path).await
    }

    /// Restores a removed resource.
    pub(crate) async fn restore(&self, service: &Service, path: &str) -> Answer {
        self.ask(service, Method::POST, &format!("{path}/restore")).await
    }

    /// Creates an API key of this person; its id and its secret.
    pub(crate) async fn api_key(&self, service: &Service, scope: &str, account: Option<&str>) -> (String, String) {
        let new = json!({"name": "A machine", "scope": scope, "account_id": account});
        let key = self.post(service, "/api-keys", new).await.expect(201);
        (text(&key["id"]).to_owned(), text(&key["secret"]).to_owned())
    }
}

/// Asserts what holds for every response.
fn inspect(asked: &Asked, answer: &Answer) {
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
const OPTIONAL: [&str; 9] =
    ["exceeded", "external_id", "features", "granted", "held", "kind", "metadata", "meter", "next_allowed_at"];

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
