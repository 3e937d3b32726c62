//! Passes over the whole document: what holds for all operations is said once, here, and not at
//! each of them.
//!
//! They work on the document as JSON, for they are about all of it alike: references, headers,
//! every number.

mod headers;
mod links;
mod permissions;
mod schemas;
mod sharing;

use serde_json::{Map, Value};

/// What a reference to a schema begins with.
const SCHEMA_PREFIX: &str = "#/components/schemas/";

/// Runs all of them.
pub(super) fn run(document: &mut Value) {
    permissions::state(document);
    headers::complete(document);
    schemas::refine(document);
    links::from_creation_to_resource(document);
    // Last, for it moves what the others look at.
    sharing::share(document);
}

/// One method of one path.
struct Operation<'a> {
    path: &'a str,
    method: &'a str,
    members: &'a mut Map<String, Value>,
}

impl Operation<'_> {
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
fn operations(document: &mut Value) -> impl Iterator<Item = Operation<'_>> {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    paths.flat_map(|(path, methods)| {
        let methods = methods.as_object_mut().into_iter().flatten();
        methods.filter_map(|(method, members)| Some(Operation { path, method, members: members.as_object_mut()? }))
    })
}

/// The components of a kind, such as `schemas`; an empty map if there are none yet.
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
