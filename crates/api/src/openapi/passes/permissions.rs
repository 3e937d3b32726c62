//! Permissions: annotations name the role and the scope of an API key as OAuth scopes, which they
//! are not.
//!
//! Roles are given, not asked for, and OpenAPI lets no scheme but OAuth have scopes of its own. So
//! they become extensions, for programs, and a sentence, for people. What needs no token says so
//! with an empty list.

use serde_json::{Value, json};

use super::{Operation, operations};

/// The role that the user needs.
const ROLE: &str = "x-required-role";
/// The scope that an API key needs, where one will do.
const SCOPE: &str = "x-required-scope";

pub(super) fn state(document: &mut Value) {
    for mut operation in operations(document) {
        let role = permission(&operation, "password");
        let scope = permission(&operation, "program_key");
        let mut security = Vec::new();
        if let Some(role) = &role {
            security.push(json!({"password": []}));
            describe(&mut operation, role, scope.as_deref());
            operation.members.insert(ROLE.to_owned(), role.as_str().into());
        }
        if let Some(scope) = scope {
            security.push(json!({"program_key": []}));
            operation.members.insert(SCOPE.to_owned(), scope.into());
        }
        operation.members.insert("security".to_owned(), security.into());
    }
}

/// What the annotation names in a scheme.
fn permission(operation: &Operation<'_>, scheme: &str) -> Option<String> {
    let schemes = operation.members.get("security")?.as_array()?;
    let permission = schemes.iter().find_map(|it| it.get(scheme)?.get(0)?.as_str());
    permission.map(str::to_owned)
}

fn describe(operation: &mut Operation<'_>, role: &str, scope: Option<&str>) {
    let login = match role {
        "user" => "Needs a login".to_owned(),
        "operator" => "Needs an operator".to_owned(),
        role => format!("Needs the role `{role}` in the account, or an operator"),
    };
    let sentence = match (role, scope) {
        (_, None) => format!("{login}; an API key is refused."),
        ("user", Some(scope)) => format!("{login}, or an API key of the scope `{scope}`."),
        (_, Some(scope)) => format!("{login}. An API key needs the scope `{scope}` as well."),
    };
    let description = operation.members.get("description").and_then(Value::as_str).unwrap_or_default();
    let described = format!("{description}\n\n{sentence}");
    operation.members.insert("description".to_owned(), described.trim().into());
}
