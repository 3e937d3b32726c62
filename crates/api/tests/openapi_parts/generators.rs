//! Rules for client generators: each one was broken by a real generator.

use std::collections::BTreeSet;

use api::problem::{Code, MEDIA_TYPE};
use serde_json::{Map, Value};

use crate::document::{DOCUMENT, operations, resolve};
use crate::{assert_for_each, responses};

/// The size of the committed file, pretty-printed.
const BYTES_MAX: usize = 500_000;

/// Every object of the document, and its path.
fn objects() -> Vec<(String, &'static Map<String, Value>)> {
    fn collect(path: &str, value: &'static Value, found: &mut Vec<(String, &'static Map<String, Value>)>) {
        if let Value::Object(members) = value {
            found.push((path.to_owned(), members));
        }
        match value {
            Value::Object(members) => {
                members.iter().for_each(|(name, it)| collect(&format!("{path}/{name}"), it, found));
            }
            Value::Array(items) => items.iter().for_each(|it| collect(path, it, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    collect("", &DOCUMENT, &mut found);
    found
}

/// Asserts that no object of the document breaks a rule.
fn assert_no_object(is_faulty: impl Fn(&Map<String, Value>) -> bool) {
    let faulty: Vec<String> = objects().into_iter().filter(|(_, it)| is_faulty(it)).map(|(path, _)| path).collect();
    assert!(faulty.is_empty(), "{}", faulty.join("\n"));
}

#[test]
fn the_document_is_small() {
    let bytes = api::document_json().len();
    assert!(bytes <= BYTES_MAX, "{bytes} bytes");
}

/// openapi-typescript makes a field with a default a required one.
#[test]
fn no_schema_has_a_default() {
    // A plan has a member of that name, in its schema and in examples.
    let is_schema = |path: &str| !path.contains("/example") && !path.ends_with("/properties");
    let faulty = objects().into_iter().filter(|(path, it)| is_schema(path) && it.contains_key("default"));
    assert_eq!(faulty.map(|(path, _)| path).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn every_integer_is_an_int64_with_a_maximum() {
    assert_no_object(|it| {
        let types = it.get("type").map(Value::to_string).unwrap_or_default();
        types.contains("integer") && (it.get("format") != Some(&"int64".into()) || !it.contains_key("maximum"))
    });
}

#[test]
fn no_schema_is_composed_of_others() {
    assert_no_object(|it| it.contains_key("allOf"));
}

#[test]
fn every_body_is_json_and_nothing_else() {
    assert_for_each(|operation| {
        let content = operation.description["requestBody"]["content"].as_object();
        let media_types = content.into_iter().flat_map(Map::keys).filter(|it| *it != "application/json");
        media_types.cloned().collect()
    });
}

/// openapi-python-client makes one variable of the two.
#[test]
fn no_schema_has_a_property_of_its_own_name() {
    for (name, schema) in DOCUMENT["components"]["schemas"].as_object().expect("there are schemas") {
        let properties = schema["properties"].as_object().into_iter().flat_map(Map::keys);
        let in_one_word = |property: &String| property.replace('_', "");
        assert!(properties.map(in_one_word).all(|property| property != name.to_lowercase()), "{name}");
    }
}

/// An example date in the future becomes a date in the past, which is refused.
#[test]
fn no_example_of_a_body_has_a_date_that_expires() {
    assert_for_each(|operation| {
        let example = operation.request_example("application/json").map(Value::to_string).unwrap_or_default();
        let years = example.split('"').filter(|it| it.len() >= 10 && it.as_bytes()[4] == b'-');
        years.filter(|it| **it < *"2099").map(str::to_owned).collect()
    });
}

#[test]
fn every_code_belongs_to_one_problem_schema() {
    let mut listed = Vec::new();
    for (name, schema) in DOCUMENT["components"]["schemas"].as_object().expect("there are schemas") {
        let is_problem =
            schema["properties"].get("request_id").is_some() && schema["properties"].get("title").is_some();
        let codes = schema["properties"]["code"]["enum"].as_array();
        assert_eq!(codes.is_some(), is_problem, "{name}");
        listed.extend(codes.into_iter().flatten().filter_map(Value::as_str));
    }
    listed.sort_unstable();
    let mut codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    codes.sort_unstable();
    assert_eq!(listed, codes);
}

#[test]
fn the_general_problem_schema_is_matched_last() {
    assert_for_each(|operation| {
        let mut faults = Vec::new();
        for (status, response) in responses(operation).filter(|(status, _)| *status >= 400) {
            let content = &response["content"][MEDIA_TYPE];
            let schema = &content["schema"];
            let schemas = schema["anyOf"].as_array().map_or_else(|| vec![schema], |all| all.iter().collect());
            let is_general = |schema: &Value| schema["$ref"] == "#/components/schemas/Problem";
            let (_, specific) = schemas.split_last().expect("there is a schema");
            faults.extend(
                specific.iter().any(|it| is_general(it)).then(|| format!("{status}: the general one is not last")),
            );
            let codes = schemas
                .iter()
                .flat_map(|it| resolve(it)["properties"]["code"]["enum"].as_array().into_iter().flatten());
            let codes: BTreeSet<_> = codes.filter_map(Value::as_str).collect();
            let examples = content["examples"].as_object().into_iter().flat_map(Map::keys);
            faults.extend(
                examples
                    .filter(|code| !codes.contains(code.as_str()))
                    .map(|code| format!("{status}: {code} fits none")),
            );
        }
        faults
    });
}

#[test]
fn response_links_lead_to_the_created_resource() {
    let operations = operations();
    assert_for_each(|operation| {
        let Some((_, created)) = responses(operation).find(|(status, _)| *status == 201) else { return Vec::new() };
        let link = &created["links"]["find"];
        let target = operations.iter().find(|it| it.description["operationId"] == link["operationId"]);
        let Some(target) = target.filter(|it| it.method == "GET") else { return vec!["no link".to_owned()] };
        let parameters = link["parameters"].as_object().expect("a link has parameters");
        let fits = parameters.keys().eq(target.path_parameters());
        (!fits).then(|| format!("{link} does not fit {}", target.path)).into_iter().collect()
    });
}
