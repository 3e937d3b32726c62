//! Permissions: converts the roles and scopes that annotations name as OAuth scopes.
//!
//! Clients do not request roles, and OpenAPI permits scopes for OAuth alone. So they become
//! extensions for programs and a sentence for readers. An operation without a token has an empty
//! list.

use serde_json::{Value, json};

use super::{OperationObject, operations};

/// The role that the user requires.
const ROLE: &str = "x-required-role";
/// The scope that an API key requires, if the operation accepts API keys.
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

/// The permission that the annotation names for a scheme.
fn permission(operation: &OperationObject<'_>, scheme: &str) -> Option<String> {
    let schemes = operation.members.get("security")?.as_array()?;
    let permission = schemes.iter().find_map(|it| it.get(scheme)?.get(0)?.as_str());
    permission.map(str::to_owned)
}

fn describe(operation: &mut OperationObject<'_>, role: &str, scope: Option<&str>) {
    let login = match role {
        "user" => "Requires a login".to_owned(),
        "operator" => "Requires an operator".to_owned(),
        role => format!("Requires the role `{role}` in the account, or an operator"),
    };
    let sentence = match (role, scope) {
        (_, None) => format!("{login}. API keys are refused."),
        ("user", Some(scope)) => format!("{login}, or an API key with the scope `{scope}`."),
        (_, Some(scope)) => format!("{login}. An API key also requires the scope `{scope}`."),
    };
    let description = operation.members.get("description").and_then(Value::as_str).unwrap_or_default();
    let described = format!("{description}\n\n{sentence}");
    operation.members.insert("description".to_owned(), described.trim().into());
}
