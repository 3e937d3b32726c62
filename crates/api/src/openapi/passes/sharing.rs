//! Sharing: moves error responses, their examples, and common parameters to the components.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{SCHEMA_PREFIX, components, for_each, operations};

pub(super) fn share(document: &mut Value) {
    share_parameters(document);
    share_refusals(document);
    drop_unused_schemas(document);
}

/// Moves every parameter that several operations have to the components.
fn share_parameters(document: &mut Value) {
    let mut counts = BTreeMap::<String, usize>::new();
    for parameter in operations(document).flat_map(|operation| parameters(operation.members)) {
        *counts.entry(parameter.to_string()).or_default() += 1;
    }
    let mut shared = Map::new();
    for parameter in operations(document).flat_map(|operation| parameters(operation.members)) {
        if counts[&parameter.to_string()] > 1 {
            let name = camel_case(parameter["name"].as_str().unwrap_or_default());
            *parameter = refer(&mut shared, "parameters", &name, parameter.take());
        }
    }
    components(document, "parameters").extend(shared);
}

fn parameters(operation: &mut Map<String, Value>) -> impl Iterator<Item = &mut Value> {
    operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten()
}

/// Moves every error response, named after its codes, and the example of each code to the
/// components.
fn share_refusals(document: &mut Value) {
    let (mut responses, mut examples) = (Map::new(), Map::new());
    for mut operation in operations(document) {
        for (_, response) in operation.responses() {
            let content = response.pointer_mut("/content/application~1problem+json/examples");
            let Some(of_codes) = content.and_then(Value::as_object_mut) else { continue };
            let name = of_codes.keys().map(|code| camel_case(code)).collect::<Vec<_>>().join("Or");
            for (code, example) in of_codes {
                *example = refer(&mut examples, "examples", &camel_case(code), example.take());
            }
            *response = refer(&mut responses, "responses", &name, response.take());
        }
    }
    components(document, "responses").extend(responses);
    components(document, "examples").extend(examples);
}

/// Drops unused schemas: those that were merged into others.
fn drop_unused_schemas(document: &mut Value) {
    let mut used = Vec::new();
    for_each(document, &mut |members| {
        let name = members.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix(SCHEMA_PREFIX));
        used.extend(name.map(str::to_owned));
    });
    components(document, "schemas").retain(|name, _| used.contains(name));
}

/// A reference to `value` among the shared components of a kind; adds it if it is missing. A
/// different value with the same name gets a number as its suffix.
fn refer(shared: &mut Map<String, Value>, kind: &str, name: &str, value: Value) -> Value {
    let names = std::iter::once(name.to_owned()).chain((2..).map(|number| format!("{name}{number}")));
    let mut free = names.filter(|name| shared.get(name).is_none_or(|its| *its == value));
    let name = free.next().expect("an unbounded range has a free number");
    let reference = json!({"$ref": format!("#/components/{kind}/{name}")});
    shared.entry(name).or_insert(value);
    reference
}

/// `account_id` and `Idempotency-Key` as `AccountId` and `IdempotencyKey`.
fn camel_case(name: &str) -> String {
    let words = name.split(['_', '-']).filter(|word| !word.is_empty());
    words.map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}
