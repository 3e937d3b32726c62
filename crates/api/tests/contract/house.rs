//! The service of these tests, with every response inspected, and the tenant that the requests are
//! about.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, HeaderName};
use actix_web::rt::time::sleep;
use actix_web::test::TestRequest;
use api::RequestPolicySettings;
use aws_lc_rs::digest::{SHA256, digest};
use domain::error::StorageError;
use domain::ports::{Store, WriteTx};
use domain::{SecretHash, Timestamp, User, Username};
use serde_json::{Value, json};
use testkit::fixtures::FixedClock;

use crate::document::Operation;
use crate::in_process::{Answer, Login, Service, text};
use crate::inspection::inspect;
use crate::own_metrics;

/// A generous deadline, for a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

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
    Service::start_with(|state| state.registration_is_open = false, inspect).await
}

/// The same, with the documents disabled.
pub(crate) async fn start_without_docs() -> Service {
    Service::start_with(|state| state.has_docs = false, inspect).await
}

/// The same, with the console disabled.
pub(crate) async fn start_without_console() -> Service {
    Service::start_with(|state| state.has_console = false, inspect).await
}

/// The same, with the plans in a file, which is read when they are loaded again.
pub(crate) async fn start_with_plans(file: PathBuf) -> Service {
    Service::start_with_plans(file, inspect).await
}

/// The same at a fixed time, with a file to load plans from.
pub(crate) async fn start_with_plans_at(now: Timestamp, file: PathBuf) -> Service {
    Service::start_with_plans_at(now, file, inspect).await
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
    /// Creates a tenant on `pro`, in a catalogue with custom metrics.
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

/// Waits until maintenance has completed all erasures.
pub(crate) async fn complete_erasures(service: &Service) {
    service.state.schedule_maintenance();
    let end = Instant::now() + PATIENCE;
    while service.row_counts()["erasures"] > 0 {
        assert!(Instant::now() < end, "the erasure is not complete");
        sleep(Duration::from_millis(20)).await;
    }
}
