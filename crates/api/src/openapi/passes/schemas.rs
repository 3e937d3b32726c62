//! Schemas as client generators take them: objects in one piece, codes as lists, numbers with
//! bounds.

use serde_json::{Map, Value, json};

use super::{SCHEMA_PREFIX, components, for_each, operations};
use crate::openapi::refusals;
use crate::problem::Code;

/// The largest whole number that every JSON reader keeps exactly: 2^53 - 1.
const WHOLE_NUMBER_MAX: u64 = (1 << 53) - 1;

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

/// Makes one object of a schema that is composed of several: generators make a union or an
/// intersection of those, and few see that the `code` of one part is the `code` of another.
fn merge(schemas: &mut Map<String, Value>) {
    let names: Vec<String> = schemas.keys().cloned().collect();
    for name in names {
        let merged = object(&schemas[&name], schemas);
        if let Some(merged) = merged {
            schemas[&name] = merged;
        }
    }
}

/// The one object that all parts of a schema are together; `None` if it is not composed.
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

/// Lists the codes that a schema of problems stands for, so that a client knows by the code which
/// one it has.
fn list_codes(schemas: &mut Map<String, Value>) {
    for name in refusals::SCHEMAS {
        let codes = Code::ALL.iter().filter(|code| refusals::schema(**code) == name).map(|code| code.as_str());
        schemas[name]["properties"]["code"]["enum"] = codes.collect();
    }
}

/// Gives a whole number the format that holds it, and a maximum: `int32` does not hold all that we
/// take and answer.
fn bound_number(schema: &mut Map<String, Value>) {
    let is_whole = |it: &Value| it == "integer";
    let its_type = &schema.get("type");
    let is_whole_number =
        its_type.is_some_and(|it| is_whole(it) || it.as_array().is_some_and(|all| all.iter().any(is_whole)));
    if is_whole_number {
        schema.insert("format".to_owned(), "int64".into());
        schema.entry("maximum").or_insert(WHOLE_NUMBER_MAX.into());
    }
}

/// Puts a paragraph on one line: its breaks are those of the source.
fn join_lines(described: &mut Map<String, Value>) {
    if let Some(Value::String(text)) = described.get_mut("description") {
        let paragraphs: Vec<String> = text.split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect();
        *text = paragraphs.join("\n\n");
    }
}

/// A parameter is there or it is not: it has no way to be null.
fn forbid_null(parameter: &mut Value) {
    let Some(types) = parameter.pointer("/schema/type").and_then(Value::as_array) else { return };
    let mut others = types.iter().filter(|it| *it != "null");
    if let (Some(only), None) = (others.next(), others.next()) {
        parameter["schema"]["type"] = only.clone();
    }
}
