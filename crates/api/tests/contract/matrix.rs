//! The access matrix: every operation of the document with every kind of valid credential.
//! (`access` has the invalid ones.)
//!
//! The document names the permissions, and `permissions` repeats them, so a new operation needs a row
//! there.

use actix_web::http::Method;
use domain::error::StorageError;
use domain::ports::{Store, WriteTx};
use domain::{Role, Scope, User};
use serde_json::json;

use crate::document::{Operation, operations};
use crate::house::{Person, Tenant, bearer, complete_erasures, person, start};
use crate::in_process::{Service, text};
use crate::permissions::ROWS;

/// Where a request needs more than the documented permission.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Exception {
    /// Any member may leave; the example is about another member, whom only an owner removes.
    OwnerUnlessOneself,
    /// Every user has API keys; the example is about the owner's, which other users cannot see.
    OneselfOnly,
    /// A key for one account permits no other.
    NoBoundKey,
    /// There is no account that could be hidden, and a key for one account does not do.
    NoAccount,
}

const EXCEPTIONS: [(&str, Exception); 7] = [
    ("remove_member", Exception::OwnerUnlessOneself),
    ("find_api_key", Exception::OneselfOnly),
    ("revoke_api_key", Exception::OneselfOnly),
    ("open_account", Exception::NoBoundKey),
    ("reload_plans", Exception::NoAccount),
    ("erase_user", Exception::NoAccount),
    ("list_near_limits", Exception::NoAccount),
];

/// A caller with a valid credential.
#[derive(Clone, Copy, Debug)]
struct Asker {
    /// Their role in the account of the example.
    role: Option<Role>,
    is_operator: bool,
    /// The owner of the API key in the example.
    is_the_owner: bool,
    key: Option<Key>,
}

#[derive(Clone, Copy, Debug)]
struct Key {
    scope: Scope,
    bound_to: BoundTo,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum BoundTo {
    Nothing,
    TheAccount,
    Another,
}

const STRANGER: Asker = Asker { role: None, is_operator: false, is_the_owner: false, key: None };
const OPERATOR: Asker = Asker { is_operator: true, ..STRANGER };
const OWNER: Asker = Asker { role: Some(Role::Owner), is_the_owner: true, ..STRANGER };

const fn member(role: Role) -> Asker {
    Asker { role: Some(role), ..STRANGER }
}

const fn with_key(asker: Asker, scope: Scope, bound_to: BoundTo) -> Asker {
    Asker { key: Some(Key { scope, bound_to }), ..asker }
}

const ASKERS: [Asker; 17] = [
    STRANGER,
    OPERATOR,
    OWNER,
    member(Role::Owner),
    member(Role::Manager),
    member(Role::Viewer),
    with_key(OWNER, Scope::Read, BoundTo::Nothing),
    with_key(OWNER, Scope::Write, BoundTo::Nothing),
    with_key(OWNER, Scope::Admin, BoundTo::Nothing),
    with_key(OWNER, Scope::Read, BoundTo::TheAccount),
    with_key(OWNER, Scope::Admin, BoundTo::TheAccount),
    with_key(OWNER, Scope::Admin, BoundTo::Another),
    with_key(member(Role::Manager), Scope::Admin, BoundTo::Nothing),
    with_key(member(Role::Viewer), Scope::Admin, BoundTo::Nothing),
    with_key(STRANGER, Scope::Admin, BoundTo::Nothing),
    with_key(OPERATOR, Scope::Read, BoundTo::Nothing),
    with_key(OPERATOR, Scope::Admin, BoundTo::Nothing),
];

fn exception(operation: &Operation) -> Option<Exception> {
    let of = |(id, _): &&(&str, Exception)| operation.description["operationId"] == *id;
    EXCEPTIONS.iter().find(of).map(|(_, exception)| *exception)
}

/// The code of the expected refusal; `None` if the request is permitted.
fn refusal(operation: &Operation, asker: Asker) -> Option<&'static str> {
    let (login, scope) = operation.permissions();
    if login.is_empty() {
        return None;
    }
    let exception = exception(operation);
    let is_bound = |key: Key| key.bound_to != BoundTo::Nothing;
    if login == "user" {
        return match asker.key {
            Some(_) if scope.is_empty() => Some("forbidden"),
            Some(key) if exception == Some(Exception::NoBoundKey) && is_bound(key) => Some("forbidden"),
            Some(key) => (key.scope < scope.parse().expect("it is a scope")).then_some("forbidden"),
            None => (exception == Some(Exception::OneselfOnly) && !asker.is_the_owner).then_some("not_found"),
        };
    }
    if exception == Some(Exception::NoAccount) {
        let needed: Scope = scope.parse().expect("it is a scope");
        let key_permits = asker.key.is_none_or(|key| needed <= key.scope && !is_bound(key));
        return (!asker.is_operator || !key_permits).then_some("forbidden");
    }
    let role = if asker.is_operator { Some(Role::Owner) } else { asker.role };
    let Some(role) = role.filter(|_| asker.key.is_none_or(|key| key.bound_to != BoundTo::Another)) else {
        return Some("not_found");
    };
    let takes_an_operator = login == "operator";
    let mut needed = if takes_an_operator { Role::Owner } else { login.parse().expect("it is a role") };
    if exception == Some(Exception::OwnerUnlessOneself) {
        needed = Role::Owner;
    }
    let key_permits = asker.key.is_none_or(|key| scope.parse().is_ok_and(|scope: Scope| scope <= key.scope));
    let is_refused = role < needed || !key_permits || (takes_an_operator && !asker.is_operator);
    is_refused.then_some("forbidden")
}

/// A new user with the role of `asker` in this tenant, and their token.
async fn show(service: &Service, tenant: &Tenant, asker: Asker) -> (Person, String) {
    let person = if asker.is_the_owner { tenant.owner.clone() } else { person(service).await };
    if asker.is_operator {
        let id = person.login.user;
        let promote = move |tx: &mut dyn WriteTx| {
            let user = tx.find_user(id)?.expect("the user exists");
            tx.update_user(&User { is_operator: true, ..user })
        };
        service.state.store.write::<_, StorageError>(promote).await.expect("the write succeeds");
    }
    match asker.role {
        Some(role) if !asker.is_the_owner => tenant.put(service, &person, role.as_str()).await,
        Some(_) => {}
        // A removed member is a stranger, even as the owner of another account.
        None => {
            tenant.put(service, &person, "owner").await;
            let membership = format!("{}/members/{}", tenant.account, person.name);
            let left = tenant.owner.ask(service, Method::DELETE, &membership).await;
            assert_eq!(left.status, 204);
        }
    }
    let Some(key) = asker.key else { return (person.clone(), person.login.token) };
    let account = match key.bound_to {
        BoundTo::Nothing => None,
        BoundTo::TheAccount => Some(tenant.id("account_id")),
        BoundTo::Another => Some(another_account(service, &person).await),
    };
    let (_, secret) = person.api_key(service, key.scope.as_str(), account.as_deref()).await;
    (person, secret)
}

/// The id of another account of this owner, which a second user owns too.
async fn another_account(service: &Service, owner: &Person) -> String {
    let new = json!({"name": "Another"});
    let id = text(&owner.post(service, "/accounts", new).await.expect(201)["id"]).to_owned();
    let other = person(service).await;
    let member = format!("/accounts/{id}/members/{}", other.name);
    let put = owner.send(service, Method::PUT, &member, json!({"role": "owner"})).await;
    put.expect(200);
    id
}

#[test]
fn every_operation_has_a_row_with_its_permissions() {
    let mut documented: Vec<_> = operations()
        .iter()
        .map(|it| (text(&it.description["operationId"]), it.permissions().0, it.permissions().1))
        .collect();
    documented.sort_unstable();
    assert_eq!(documented, ROWS);
    for (id, _) in EXCEPTIONS {
        assert!(ROWS.iter().any(|(row, ..)| *row == id), "no operation {id}");
    }
}

#[actix_web::test]
async fn callers_may_do_exactly_what_the_document_permits() {
    let service = start().await;
    for asker in ASKERS {
        let mut ready = None;
        for operation in operations() {
            let context = format!("{} {} {asker:?}", operation.method, operation.path);
            let expected = refusal(&operation, asker);
            let (tenant, person, token) = if let Some(ready) = ready.take() {
                ready
            } else {
                let tenant = Tenant::open(&service).await;
                let (person, token) = show(&service, &tenant, asker).await;
                (tenant, person, token)
            };
            let before = expected.map(|_| service.commits());
            let request = tenant.request_at(&operation, &tenant.path(&operation), &person);
            let answer = service.send(request.insert_header(bearer(&token))).await;
            match expected {
                None => {
                    assert!((200..300).contains(&answer.status), "{context}: {}", answer.text());
                    if operation.path.ends_with("/erase") {
                        // Otherwise its later steps would be taken for writes of the next requests.
                        complete_erasures(&service).await;
                    }
                }
                Some(code) => {
                    let status = if code == "forbidden" { 403 } else { 404 };
                    assert_eq!(answer.status, status, "{context}: {}", answer.text());
                    answer.refused(status, code);
                    assert!(Some(service.commits()) == before, "something was written: {context}");
                }
            }
            // A write without effect leaves the tables unchanged. (The last use of a key is
            // recorded later.)
            let changes_nothing = expected.is_some() || (operation.method == "GET" && asker.key.is_none());
            ready = changes_nothing.then_some((tenant, person, token));
        }
    }
}
