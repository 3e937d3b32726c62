//! Links: from the creation of a resource to the operation that finds it.

use serde_json::{Map, Value, json};

use super::operations;

/// Paths of creation, and the path of the new resource, where it is not an item below the former.
const LOCATIONS: [(&str, &str); 2] =
    [("/accounts/{account_id}/subscribe", "/accounts/{account_id}/subscription"), ("/users", "/users/me")];

pub(super) fn from_creation_to_resource(document: &mut Value) {
    let finders: Vec<(String, Value)> = operations(document)
        .filter(|operation| operation.method == "get")
        .map(|operation| (operation.path.to_owned(), operation.members["operationId"].clone()))
        .collect();
    for mut operation in operations(document).filter(|operation| ["post", "put"].contains(&operation.method)) {
        let path = operation.path.to_owned();
        let elsewhere = LOCATIONS.iter().find(|(from, _)| *from == path).map(|(_, to)| *to);
        // A PUT creates the resource of its own path.
        let elsewhere = if operation.method == "put" { Some(&*path) } else { elsewhere };
        let finder = finders.iter().find(|(candidate, _)| {
            elsewhere.map_or_else(|| is_item(candidate, &path), |elsewhere| candidate == elsewhere)
        });
        let Some((target, id)) = finder else { continue };
        for (_, response) in operation.responses().filter(|(status, _)| *status == "201") {
            let link = json!({"operationId": id, "parameters": parameters(&path, target)});
            response["links"] = json!({"find": link});
        }
    }
}

/// Whether `candidate` is `collection` followed by one parameter.
fn is_item(candidate: &str, collection: &str) -> bool {
    let item = candidate.strip_prefix(collection).and_then(|rest| rest.strip_prefix("/{"));
    item.and_then(|name| name.strip_suffix('}')).is_some_and(|name| !name.contains('/'))
}

/// The parameters of the path `target`: those of `from`, and the id of the new resource.
fn parameters(from: &str, target: &str) -> Map<String, Value> {
    let names = target.split(['{', '}']).skip(1).step_by(2);
    let expression = |name: &str| {
        if from.contains(&format!("{{{name}}}")) {
            format!("$request.path.{name}")
        } else {
            "$response.body#/id".into()
        }
    };
    names.map(|name| (name.to_owned(), expression(name).into())).collect()
}
