//! The JSON schemas of arguments, and whether a call fits them.

use rmcp::model::JsonObject;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::failure::Failure;

/// The JSON schema of the arguments, as plain as it can be: some clients know a part of JSON Schema
/// only.
pub(super) fn of<A: JsonSchema>() -> JsonObject {
    let settings = SchemaSettings::draft2020_12().with(|it| it.inline_subschemas = true);
    let schema = settings.into_generator().into_root_schema_for::<A>();
    let mut object = match schema.to_value() {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    };
    // The name and the description of the Rust type mean nothing to a client.
    object.remove("title");
    object.remove("description");
    let properties = object.entry("properties").or_insert_with(|| Value::Object(JsonObject::new()));
    properties.as_object_mut().into_iter().flat_map(|it| it.values_mut()).for_each(simplify);
    object.insert("additionalProperties".to_owned(), false.into());
    object
}

/// Removes what says nothing to a client: formats of Rust, null beside another type (an argument that
/// is left out), and line breaks of descriptions.
fn simplify(schema: &mut Value) {
    let Value::Object(object) = schema else { return };
    object.remove("format");
    for name in ["type", "enum", "anyOf"] {
        if let Some(Value::Array(choices)) = object.get_mut(name) {
            choices.retain(|it| !it.is_null() && *it != "null" && it["type"] != "null");
            choices.iter_mut().for_each(simplify);
        }
    }
    for name in ["type", "anyOf"] {
        match object.get_mut(name) {
            Some(Value::Array(choices)) if choices.len() == 1 => match choices.remove(0) {
                Value::Object(only) => {
                    object.remove(name);
                    object.extend(only);
                }
                only => object[name] = only,
            },
            _ => {}
        }
    }
    if let Some(Value::String(description)) = object.get_mut("description") {
        *description = description.replace('\n', " ");
    }
}

/// Whether the schema has a property.
pub(super) fn has(schema: &JsonObject, name: &str) -> bool {
    schema.get("properties").is_some_and(|properties| properties.get(name).is_some())
}

/// Refuses arguments that the tool does not have (a typing error in `dry_run` must not write), and
/// those that do not fit, with a text from which an assistant can correct them.
pub(super) fn check(schema: &JsonObject, arguments: &JsonObject) -> Result<(), Failure> {
    let Some(Value::Object(properties)) = schema.get("properties") else { return Ok(()) };
    for (name, value) in arguments {
        let detail = match properties.get(name) {
            None => {
                let known: Vec<&str> = properties.keys().map(String::as_str).collect();
                format!("There is no argument {name:?}. The arguments are {}.", known.join(", "))
            }
            Some(schema) if !fits(schema, value) => {
                let description = schema["description"].as_str().unwrap_or_default();
                format!("The argument {name} cannot be {value}. {description}")
            }
            Some(_) => continue,
        };
        return Err(Failure::new("invalid_arguments", &detail));
    }
    Ok(())
}

/// Whether a value has the type and the bounds of a schema. A choice of types is left to the tool.
fn fits(schema: &Value, value: &Value) -> bool {
    let has_type = match schema["type"].as_str() {
        Some("integer") => value.as_u64().is_some_and(|number| {
            let bound = |name, default| schema[name].as_u64().unwrap_or(default);
            (bound("minimum", 0)..=bound("maximum", u64::MAX)).contains(&number)
        }),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        _ => true,
    };
    has_type && schema["enum"].as_array().is_none_or(|values| values.contains(value))
}
