//! The service inside the process of the test, over a store of its own, and its requests.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::thread;

use actix_web::body::to_bytes;
use actix_web::dev::{Service as _, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use actix_web::test::{TestRequest, init_service};
use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpMessage};
use api::auth::Tokens;
use api::clock::{SystemClock, UuidV7Generator};
use api::passwords::{Passwords, PasswordsConfig, Queue};
use api::{AppState, RequestPolicy, RequestPolicySettings};
use domain::error::StorageError;
use domain::ports::{Clock, IdGenerator, Store, WriteTx};
use domain::{Password, PasswordHash, Session, SessionId, Timestamp, User, UserId, Username, Uuid};
use rusqlite::Connection;
use secrecy::SecretString;
use serde_json::{Value, json};
use storage::{AnyStore, DatabaseUrl, StoreOptions};
use tempfile::TempDir;
use testkit::fixtures::{CountingIds, FixedClock};

#[path = "databases.rs"]
mod databases;
use databases::{TestDatabase, ask, tables};

/// The secret that signs the tokens of the service.
pub(crate) const SECRET: &str = "a secret of the tests, 256 bits or more of it";

/// The name of the operator, and their password.
const OPERATOR: &str = "user";

/// A file of the built-in plans, unless the test has another.
const PLANS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/plans_command.toml");

type Responses = Pin<Box<dyn Future<Output = (Asked, ServiceResponse)>>>;

/// Few: as many tests as cores run at once, and share a server.
const CONNECTIONS: u32 = 4;

/// The service and a caller with a token.
pub(crate) struct Service {
    call: Box<dyn Fn(TestRequest) -> Responses>,
    /// The state that it serves from.
    pub(crate) state: Data<AppState>,
    /// The token of the operator.
    pub(crate) token: String,
    database: TestDatabase,
    /// Reports whether another connection has written to the file.
    observer: Option<Connection>,
    inspect: fn(&Asked, &Answer),
    _directory: TempDir,
}

impl Service {
    /// Starts on an empty store. `inspect` gets every request with its response.
    pub(crate) async fn start(inspect: fn(&Asked, &Answer)) -> Self {
        Self::start_behind(&RequestPolicySettings::default(), inspect).await
    }

    /// Starts on an empty store, with proxies, rate limits and origins.
    pub(crate) async fn start_behind(network: &RequestPolicySettings, inspect: fn(&Asked, &Answer)) -> Self {
        let policy = RequestPolicy::new(network);
        Self::serve(inspect, |store, tokens, credentials| AppState::new(store, tokens, credentials).behind(policy))
            .await
    }

    /// Starts on an empty store, with a configuration that `configure` changes.
    pub(crate) async fn start_with(configure: fn(&mut AppState), inspect: fn(&Asked, &Answer)) -> Self {
        let state = move |store, tokens, passwords| {
            let mut state = AppState::new(store, tokens, passwords);
            configure(&mut state);
            state
        };
        Self::serve(inspect, state).await
    }

    /// Starts on an empty store, with the built-in plans and a file to load others from. Its default
    /// plan is that of new accounts.
    pub(crate) async fn start_with_plans(file: PathBuf, inspect: fn(&Asked, &Answer)) -> Self {
        let state = |store, tokens, passwords| {
            let mut state = AppState::new(store, tokens, passwords);
            state.plans.file = Some(file);
            state.plans.assigns_default_plan = true;
            state
        };
        Self::serve(inspect, state).await
    }

    /// Starts on an empty store, at a fixed time.
    pub(crate) async fn start_at(now: Timestamp, inspect: fn(&Asked, &Answer)) -> Self {
        let state = move |store, tokens, passwords| {
            AppState::with_ports(store, tokens, passwords, FixedClock::new(now), CountingIds::new(1))
        };
        Self::serve(inspect, state).await
    }

    /// Starts on an empty store, at a fixed time, with the built-in plans and a file to load others
    /// from.
    pub(crate) async fn start_with_plans_at(now: Timestamp, file: PathBuf, inspect: fn(&Asked, &Answer)) -> Self {
        let state = move |store, tokens, passwords| {
            let mut state = AppState::with_ports(store, tokens, passwords, FixedClock::new(now), CountingIds::new(1));
            state.plans.file = Some(file);
            state
        };
        Self::serve(inspect, state).await
    }

    /// Starts on an empty store, with a clock that the test sets.
    pub(crate) async fn start_by(clock: Arc<FixedClock>, inspect: fn(&Asked, &Answer)) -> Self {
        let state = move |store, tokens, passwords| {
            AppState::with_ports(store, tokens, passwords, SharedClock(clock), UuidV7Generator)
        };
        Self::serve(inspect, state).await
    }

    async fn serve(inspect: fn(&Asked, &Answer), state: impl FnOnce(AnyStore, Tokens, Passwords) -> AppState) -> Self {
        let operator = Username::parse(OPERATOR).expect("it is a username");
        let directory = tempfile::tempdir().expect("a directory can be made");
        let database = TestDatabase::new(directory.path());
        let store = open(&database);
        let tokens = Tokens::new(&SecretString::from(SECRET), None, 900).expect("the secret can serve as a key");
        let passwords = Passwords::start(PasswordsConfig::default()).expect("threads can be started");
        let mut state = state(store, tokens, passwords);
        state.reserved_username = Some(operator.clone());
        state.plans.file.get_or_insert_with(|| PLANS.into());
        let state = Data::new(state);
        let app = Rc::new(init_service(App::new().configure(api::configure(state.clone()))).await);
        let call = Box::new(move |request: TestRequest| -> Responses {
            let (app, request) = (Rc::clone(&app), request.to_request());
            let asked = Asked {
                method: request.method().clone(),
                path: request.path().to_owned(),
                authorised: request.headers().contains_key(AUTHORIZATION),
            };
            Box::pin(async move { (asked, app.call(request).await.expect("every error is a response")) })
        });
        let password = operator_password(&state).await;
        insert_user(&state, &operator, password, true).await;
        let Login { token, .. } = log_in(&state, &operator).await;
        let observer = match &database {
            TestDatabase::Sqlite(path) => Some(Connection::open(path).expect("the database opens")),
            TestDatabase::Postgres(_) => None,
        };
        Self { call, state, token, database, observer, inspect, _directory: directory }
    }

    /// Creates a user who is no operator, and logs in.
    pub(crate) async fn user(&self, username: &str) -> Login {
        let username = Username::parse(username).expect("it is a username");
        let password = PasswordHash::from_phc("no password lets them in".to_owned());
        insert_user(&self.state, &username, password, false).await;
        log_in(&self.state, &username).await
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: TestRequest) -> Answer {
        let (asked, response) = (self.call)(request).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = to_bytes(response.into_body()).await.unwrap_or_else(|_| panic!("a response is cut off"));
        let answer = Answer { status, headers, body };
        (self.inspect)(&asked, &answer);
        answer
    }

    /// A request with the operator's token.
    pub(crate) fn authorised(&self, method: Method, path: &str) -> TestRequest {
        TestRequest::with_uri(path).method(method).insert_header((AUTHORIZATION, format!("Bearer {}", self.token)))
    }

    /// GETs with the token.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.authorised(Method::GET, path)).await
    }

    /// POSTs JSON with the token.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.authorised(Method::POST, path).set_json(body)).await
    }

    /// POSTs a body with the media type of JSON, with the token.
    pub(crate) async fn post_text(&self, path: &str, body: impl Into<Bytes>) -> Answer {
        let request = self.authorised(Method::POST, path).insert_header((CONTENT_TYPE, "application/json"));
        self.send(request.set_payload(body)).await
    }

    /// The path of a new account.
    pub(crate) async fn account(&self) -> String {
        let account = self.post("/accounts", json!({"name": "My Salon"})).await.expect(201);
        format!("/accounts/{}", text(&account["id"]))
    }

    /// The path of a new account on this plan.
    pub(crate) async fn account_on(&self, plan: &str) -> String {
        let account = self.account().await;
        self.post(&format!("{account}/subscribe"), json!({"plan": plan})).await.expect(201);
        account
    }

    /// The number of rows of each table.
    pub(crate) fn row_counts(&self) -> BTreeMap<String, i64> {
        match &self.database {
            TestDatabase::Sqlite(path) => {
                let database = Connection::open(path).expect("the database opens");
                let names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
                let mut names = database.prepare(names).expect("it is a query");
                let names = names.query_map([], |row| row.get::<_, String>(0)).expect("there are tables");
                let count = |name: rusqlite::Result<String>| {
                    let name = name.expect("a table has a name");
                    let count = database.query_row(&format!("SELECT count(*) FROM {name}"), [], |row| row.get(0));
                    (name, count.expect("rows can be counted"))
                };
                names.map(count).collect()
            }
            TestDatabase::Postgres(database) => ask(database, |client| {
                let tables = tables(client)?;
                let count = |name: String| {
                    let count = client.query_one(&format!("SELECT count(*) FROM {name}"), &[])?.get(0);
                    Ok((name, count))
                };
                tables.into_iter().map(count).collect()
            }),
        }
    }

    /// A value that changes with every commit, and not with a checkpoint.
    pub(crate) fn commits(&self) -> String {
        match (&self.database, &self.observer) {
            (TestDatabase::Postgres(database), _) => ask(database, |client| {
                // Where each row is, and which transaction wrote it.
                let versions = |name: &String| format!("SELECT xmin::text || ctid::text AS version FROM {name}");
                let versions = tables(client)?.iter().map(versions).collect::<Vec<_>>().join(" UNION ALL ");
                let all =
                    format!("SELECT md5(string_agg(version, ',' ORDER BY version)) FROM ({versions}) AS versions");
                Ok(client.query_one(&all, &[])?.get(0))
            }),
            (TestDatabase::Sqlite(_), observer) => {
                let observer = observer.as_ref().expect("the file is observed");
                let version = observer.pragma_query_value(None, "data_version", |row| row.get::<_, i64>(0));
                version.expect("SQLite has this pragma").to_string()
            }
        }
    }

    /// The stored content of the whole database. Reading does not change it.
    pub(crate) fn on_disk(&self) -> Vec<u8> {
        self.database.content()
    }
}

/// Opens the store on a thread of its own: opening blocks, and this thread runs async code.
fn open(database: &TestDatabase) -> AnyStore {
    let url: DatabaseUrl = database.url().parse().expect("it is the URL of a database");
    let options = StoreOptions { connections: CONNECTIONS, ..StoreOptions::default() };
    let opened = thread::spawn(move || AnyStore::open(&url, options)).join().expect("opening does not panic");
    opened.expect("the store opens")
}

/// A clock that the test and the service share.
struct SharedClock(Arc<FixedClock>);

impl Clock for SharedClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

/// A logged-in user.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    /// The user.
    pub(crate) user: UserId,
    /// The session.
    pub(crate) session: SessionId,
    /// The access token.
    pub(crate) token: String,
}

/// The hash of the operator's password, which is their name. It takes longer than most tests, so it
/// is made once in a process.
async fn operator_password(state: &AppState) -> PasswordHash {
    static HASH: OnceLock<PasswordHash> = OnceLock::new();
    if let Some(hash) = HASH.get() {
        return hash.clone();
    }
    let hash = state.passwords.hash(Password::unchecked(OPERATOR), Queue::Logins).await;
    HASH.get_or_init(|| hash.expect("the password can be hashed")).clone()
}

async fn insert_user(state: &AppState, username: &Username, password: PasswordHash, is_operator: bool) {
    let (id, created_at) = (UserId::from_uuid(UuidV7Generator.next_uuid()), state.now());
    let user = User { id, username: username.clone(), password, is_operator, is_disabled: false, created_at };
    state.store.write::<_, StorageError>(move |tx| tx.insert_user(&user)).await.expect("the user is new");
}

/// Begins a session of a user. Its token is checked by the machine's clock.
async fn log_in(state: &AppState, username: &Username) -> Login {
    let (session, now, username) = (SessionId::from_uuid(UuidV7Generator.next_uuid()), state.now(), username.clone());
    let expires_at = "2199-01-01T00:00:00Z".parse().expect("it is an instant");
    let begin = move |tx: &mut dyn WriteTx| {
        let user = tx.find_user_named(&username)?.expect("there is such a user").id;
        tx.insert_session(&Session { id: session, user_id: user, created_at: now, expires_at })?;
        Ok(user)
    };
    let user = state.store.write::<_, StorageError>(begin).await.expect("the session is new");
    let token = state.tokens.issue(&user.to_string(), session.uuid(), Uuid::nil(), SystemClock.now());
    Login { user, session, token: token.expect("a token can be signed") }
}

/// A request.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The method.
    pub(crate) method: Method,
    /// The path.
    pub(crate) path: String,
    /// Whether it has an `Authorization` header.
    pub(crate) authorised: bool,
}

/// A response, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Bytes,
}

impl Answer {
    /// The single value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        assert!(self.headers.get_all(name).count() <= 1, "there are several {name}");
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a response is UTF-8")
    }

    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{} {} is not JSON", self.status, self.text()))
    }

    /// The body of a response that must have this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()
    }

    /// The body of a refusal that must have this status and this code.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> Value {
        let problem = self.expect(status);
        assert_eq!(problem["code"], code, "{problem}");
        problem
    }

    /// The pointer and the code of each fault of a body that must have been refused.
    #[track_caller]
    pub(crate) fn faults(&self) -> Vec<(String, String)> {
        let problem = self.refused(422, "validation_failed");
        let errors = problem["errors"].as_array().expect("the faults are listed");
        assert!(errors.iter().all(|error| text(&error["detail"]).ends_with('.')), "{problem}");
        errors.iter().map(|error| (text(&error["pointer"]).to_owned(), text(&error["code"]).to_owned())).collect()
    }
}

/// The text of a JSON string.
#[track_caller]
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a string"))
}
