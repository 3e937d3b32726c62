//! Schemas in the form that client generators handle best: merged objects, enumerated codes,
//! bounded numbers.

use serde_json::{Map, Value, json};

use super::{SCHEMA_PREFIX, components, for_each, operations};
use crate::openapi::refusals;
use crate::problem::Code;

/// The largest integer that every JSON parser represents exactly: 2^53 - 1.
const INTEGER_MAX: u64 = (1 << 53) - 1;

pub(super) fn refine(document: &mut Value) {
    merge(components(document, "schemas"));
    list_codes(components(document, "schemas"));
    for_each(document, &mut bound_number);
    for_each(document, &mut join_lines);
    for operation in operations(document) {
        let parameters = operation.members.get_mut("parameters").and_then(Value::as_array_mut);
        parameters.into_iter().flatten().for_each(forbid_null);
    }
}

/// Replaces `allOf` by one object. Generators make a union or an intersection of `allOf`, and few
/// recognise that two parts have the same property `code`.
fn merge(schemas: &mut Map<String, Value>) {
    let names: Vec<String> = schemas.keys().cloned().collect();
    for name in names {
        let merged = object(&schemas[&name], schemas);
        if let Some(merged) = merged {
            schemas[&name] = merged;
        }
    }
}

/// The object with the properties of all parts of a schema; `None` if it has no `allOf`.
fn object(schema: &Value, schemas: &Map<String, Value>) -> Option<Value> {
    let mut merged = json!({"type": "object", "description": schema["description"]});
    let (mut required, mut properties) = (Vec::new(), Map::new());
    for part in schema["allOf"].as_array()? {
        let part = resolve(part, schemas);
        let part = object(part, schemas).unwrap_or_else(|| part.clone());
        required.extend(part["required"].as_array().into_iter().flatten().cloned());
        properties
            .extend(part["properties"].as_object().into_iter().flatten().map(|(name, it)| (name.clone(), it.clone())));
    }
    merged["required"] = required.into();
    merged["properties"] = properties.into();
    Some(merged)
}

fn resolve<'a>(schema: &'a Value, schemas: &'a Map<String, Value>) -> &'a Value {
    let name = schema["$ref"].as_str().and_then(|it| it.strip_prefix(SCHEMA_PREFIX));
    name.and_then(|name| schemas.get(name)).unwrap_or(schema)
}

/// Enumerates the codes of each schema of problems, so that the code tells a client the schema.
fn list_codes(schemas: &mut Map<String, Value>) {
    for name in refusals::SCHEMAS {
        let codes = Code::ALL.iter().filter(|code| refusals::schema(**code) == name).map(|code| code.as_str());
        schemas[name]["properties"]["code"]["enum"] = codes.collect();
    }
}

/// Sets the format and the maximum of an integer: `int32` is too small for some values of the API.
fn bound_number(schema: &mut Map<String, Value>) {
    let is_integer = |it: &Value| it == "integer";
    let its_type = &schema.get("type");
    let is_integer_or_null =
        its_type.is_some_and(|it| is_integer(it) || it.as_array().is_some_and(|all| all.iter().any(is_integer)));
    if is_integer_or_null {
        schema.insert("format".to_owned(), "int64".into());
        schema.entry("maximum").or_insert(INTEGER_MAX.into());
    }
}

/// Joins the lines of a paragraph, whose breaks are those of the source.
fn join_lines(described: &mut Map<String, Value>) {
    if let Some(Value::String(text)) = described.get_mut("description") {
        let paragraphs: Vec<String> = text.split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect();
        *text = paragraphs.join("\n\n");
    }
}

/// Removes `null` from a parameter's types: a parameter may be absent, but not null.
fn forbid_null(parameter: &mut Value) {
    let Some(types) = parameter.pointer("/schema/type").and_then(Value::as_array) else { return };
    let mut others = types.iter().filter(|it| *it != "null");
    if let (Some(only), None) = (others.next(), others.next()) {
        parameter["schema"]["type"] = only.clone();
    }
}
