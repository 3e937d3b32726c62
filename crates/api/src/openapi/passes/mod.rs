//! Passes over the whole document, for facts that hold for all operations.
//!
//! They work on the document as JSON, because they visit all of it: references, headers, numbers.

mod headers;
mod links;
mod permissions;
mod schemas;
mod sharing;

use serde_json::{Map, Value};

/// The prefix of a reference to a schema.
const SCHEMA_PREFIX: &str = "#/components/schemas/";

/// Runs all passes.
pub(super) fn run(document: &mut Value) {
    permissions::state(document);
    headers::complete(document);
    schemas::refine(document);
    links::from_creation_to_resource(document);
    // Last, because it moves parts that the other passes read.
    sharing::share(document);
}

/// One method of one path.
struct OperationObject<'a> {
    path: &'a str,
    method: &'a str,
    members: &'a mut Map<String, Value>,
}

impl OperationObject<'_> {
    /// Whether it has a parameter of this name.
    fn takes(&self, name: &str) -> bool {
        let parameters = self.members.get("parameters").and_then(Value::as_array);
        parameters.into_iter().flatten().any(|parameter| parameter["name"] == name)
    }

    /// Its responses, by status.
    fn responses(&mut self) -> impl Iterator<Item = (&str, &mut Value)> {
        let responses = self.members.get_mut("responses").and_then(Value::as_object_mut);
        responses.into_iter().flatten().map(|(status, response)| (status.as_str(), response))
    }
}

/// Every operation of the document.
fn operations(document: &mut Value) -> impl Iterator<Item = OperationObject<'_>> {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    paths.flat_map(|(path, methods)| {
        let methods = methods.as_object_mut().into_iter().flatten();
        methods
            .filter_map(|(method, members)| Some(OperationObject { path, method, members: members.as_object_mut()? }))
    })
}

/// The components of a kind, such as `schemas`; an empty map if the document has none yet.
fn components<'a>(document: &'a mut Value, kind: &str) -> &'a mut Map<String, Value> {
    let components = &mut document["components"][kind];
    if !components.is_object() {
        *components = Value::Object(Map::new());
    }
    components.as_object_mut().expect("it was made one just now")
}

/// Calls `visit` with a value and with all that is inside of it.
fn for_each(value: &mut Value, visit: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            visit(members);
            members.values_mut().for_each(|member| for_each(member, visit));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| for_each(item, visit)),
        _ => {}
    }
}
