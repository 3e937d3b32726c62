//! The OpenAPI document as tests enumerate it, so a new operation is covered or a test fails.

use std::sync::LazyLock;

use serde_json::Value;

/// The document.
pub(crate) static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&api::document_json()).expect("the document is JSON"));

/// The paths, with references to responses, parameters, examples and headers resolved. References
/// to schemas stay.
static PATHS: LazyLock<Value> = LazyLock::new(|| inline(&DOCUMENT["paths"]));

fn inline(value: &Value) -> Value {
    match value {
        Value::Object(members) => match members.get("$ref").and_then(Value::as_str) {
            Some(reference) if !reference.starts_with("#/components/schemas/") => inline(find(reference)),
            _ => members.iter().map(|(name, member)| (name.clone(), inline(member))).collect(),
        },
        Value::Array(items) => items.iter().map(inline).collect(),
        other => other.clone(),
    }
}

/// One method of one path.
pub(crate) struct Operation {
    /// In upper case.
    pub(crate) method: String,
    /// With its parameters in braces.
    pub(crate) path: &'static str,
    /// Its object in the document.
    pub(crate) description: &'static Value,
}

impl Operation {
    /// Whether it needs a token.
    pub(crate) fn is_secured(&self) -> bool {
        self.description["security"].as_array().is_some_and(|schemes| !schemes.is_empty())
    }

    /// The role that a login needs, and the scope that an API key needs; `""` where neither will
    /// do.
    pub(crate) fn permissions(&self) -> (&'static str, &'static str) {
        let permission = |name: &str| self.description[name].as_str().unwrap_or_default();
        (permission("x-required-role"), permission("x-required-scope"))
    }

    /// Whether it takes a body.
    pub(crate) fn takes_a_body(&self) -> bool {
        self.description.get("requestBody").is_some()
    }

    /// The names of the parameters in its path.
    pub(crate) fn path_parameters(&self) -> Vec<&'static str> {
        self.path.split(['{', '}']).skip(1).step_by(2).collect()
    }

    /// Whether it has a parameter of this name.
    pub(crate) fn takes(&self, parameter: &str) -> bool {
        self.description["parameters"].as_array().is_some_and(|all| all.iter().any(|it| it["name"] == parameter))
    }

    /// An example of a body of this media type.
    pub(crate) fn request_example(&self, media_type: &str) -> Option<&'static Value> {
        example(&self.description["requestBody"]["content"][media_type])
    }
}

/// Every operation.
pub(crate) fn operations() -> Vec<Operation> {
    let paths = PATHS.as_object().expect("the document has paths");
    let operations = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().expect("a path has methods");
        methods.iter().map(|(method, description)| Operation { method: method.to_uppercase(), path, description })
    });
    let operations: Vec<_> = operations.collect();
    assert!(operations.iter().any(Operation::is_secured) && operations.iter().any(Operation::takes_a_body));
    operations
}

/// The example of a media type: its own, or its schema's.
fn example(media_type: &'static Value) -> Option<&'static Value> {
    let schema = resolve(&media_type["schema"]);
    media_type.get("example").or_else(|| schema.get("example"))
}

/// The schema itself, or the schema that it refers to.
pub(crate) fn resolve(schema: &'static Value) -> &'static Value {
    let Some(reference) = schema["$ref"].as_str() else { return schema };
    find(reference)
}

fn find(reference: &str) -> &'static Value {
    let pointer = reference.strip_prefix('#').expect("a reference is to the document itself");
    DOCUMENT.pointer(pointer).unwrap_or_else(|| panic!("{reference} does not resolve"))
}
