//! The OpenAPI document: complete, valid, and identical to the committed one.

use std::fs;
use std::path::Path;

use api::problem::{Code, MEDIA_TYPE};
use serde_json::Value;

#[path = "contract/document.rs"]
mod document;
#[path = "openapi_parts/generators.rs"]
mod generators;

use document::{DOCUMENT, Operation, operations, resolve};

/// Asserts a rule for every operation and reports all violations.
fn assert_for_each(rule: impl Fn(&Operation) -> Vec<String>) {
    let name = |operation: &Operation| format!("{} {}", operation.method, operation.path);
    let all = operations();
    let broken: Vec<_> =
        all.iter().flat_map(|it| rule(it).into_iter().map(|fault| format!("{}: {fault}", name(it)))).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The responses of an operation: status and description.
fn responses(operation: &Operation) -> impl Iterator<Item = (u16, &'static Value)> {
    let responses = operation.description["responses"].as_object().expect("an operation has responses");
    responses.iter().map(|(status, response)| (status.parse().expect("a status is a number"), response))
}

fn is_said(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

#[test]
fn the_committed_document_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let committed = fs::read_to_string(path).unwrap_or_default();
    assert!(committed == api::document_json(), "docs/openapi.json is out of date: run `just openapi`");
}

#[test]
fn every_operation_is_described() {
    assert_for_each(|operation| {
        let members = ["summary", "description", "operationId"].into_iter();
        members.filter(|member| !is_said(&operation.description[member])).map(|it| format!("no {it}")).collect()
    });
    let mut ids: Vec<_> = operations().iter().map(|it| it.description["operationId"].clone()).collect();
    ids.sort_by_key(Value::to_string);
    assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "two operations with one id: {ids:?}");
}

#[test]
fn every_path_parameter_is_described_with_an_example() {
    assert_for_each(|operation| {
        let described = operation.description["parameters"].as_array().cloned().unwrap_or_default();
        let whole = |name: &str| {
            let mut parameters = described.iter().filter(|it| it["in"] == "path" && it["name"] == name);
            parameters.any(|it| is_said(&it["description"]) && is_said(&it["example"]) && it["required"] == true)
        };
        let parameters = operation.path_parameters();
        parameters.into_iter().filter(|name| !whole(name)).map(|name| format!("parameter {name}")).collect()
    });
}

/// Except login, logout, checks and previews, where a repetition does no harm.
#[test]
fn every_post_accepts_an_idempotency_key_and_documents_its_refusals() {
    assert_for_each(|operation| {
        let takes_a_key = operation.takes("Idempotency-Key");
        let asks = ["/preview", "/check"].iter().any(|end| operation.path.ends_with(end));
        let has_an_effect = !operation.path.starts_with("/token") && !asks;
        let expected = operation.method == "POST" && has_an_effect;
        let mut faults: Vec<_> = (takes_a_key != expected).then(|| "another key".to_owned()).into_iter().collect();
        let documented: Vec<_> = responses(operation).flat_map(|(status, response)| codes(status, response)).collect();
        let missing = ["invalid_parameter", "conflict", "idempotency_key_reused"].into_iter();
        let missing = missing.filter(|code| takes_a_key && !documented.iter().any(|it| it == code));
        faults.extend(missing.map(|code| format!("no {code}")));
        for (status, response) in responses(operation).filter(|(status, _)| *status < 300) {
            let is_said = response["headers"].get("Idempotency-Replayed").is_some();
            faults.extend((is_said != takes_a_key).then(|| format!("{status}: Idempotency-Replayed")));
        }
        faults
    });
}

#[test]
fn every_body_has_an_example_of_its_schema() {
    assert_for_each(|operation| {
        let mut faults = Vec::new();
        let requests = operation.description["requestBody"]["content"].as_object().into_iter().flatten();
        for (media_type, content) in requests {
            let properties = resolve(&content["schema"])["properties"].as_object().expect("a body has properties");
            let by_property = properties.values().all(|property| property.get("example").is_some());
            match operation.request_example(media_type) {
                Some(example) => faults.extend(unknown_members(example, properties)),
                None if by_property => {}
                None => faults.push(format!("no example of {media_type}")),
            }
        }
        for (status, response) in responses(operation).filter(|(status, _)| *status < 300) {
            if status == 204 {
                faults.extend(response.get("content").map(|_| "204: there is no content".to_owned()));
                continue;
            }
            let content = &response["content"]["application/json"];
            let properties = all_properties(&content["schema"]);
            match content.get("example") {
                Some(example) => {
                    faults.extend(unknown_members(example, &properties));
                    let missing = properties.keys().filter(|name| example.get(name).is_none());
                    faults.extend(missing.map(|name| format!("{status}: the example has no {name}")));
                }
                None => faults.push(format!("{status}: no example")),
            }
        }
        faults
    });
}

/// The properties of a schema and of the schemas that it is composed of; of alternatives, those of
/// the first.
fn all_properties(schema: &'static Value) -> serde_json::Map<String, Value> {
    let schema = resolve(schema);
    if let Some(first) = schema["oneOf"].get(0) {
        return all_properties(first);
    }
    let parts = schema["allOf"].as_array().into_iter().flatten().flat_map(all_properties);
    let properties: serde_json::Map<String, Value> = schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, it)| (name.clone(), it.clone()))
        .chain(parts)
        .collect();
    assert!(!properties.is_empty(), "a response has properties: {schema}");
    properties
}

/// The fields of an example that its schema does not have.
fn unknown_members(example: &Value, properties: &serde_json::Map<String, Value>) -> Vec<String> {
    let members = example.as_object().expect("an example is an object").keys();
    members.filter(|name| !properties.contains_key(*name)).map(|name| format!("the schema has no {name}")).collect()
}

#[test]
fn every_status_of_an_operation_is_documented() {
    assert_for_each(|operation| {
        let limited = ["/staff", "/bookings", "/usage"].iter().any(|end| operation.path.ends_with(end));
        let (_, scope) = operation.permissions();
        // A viewer's login and a read key have the least permissions: a request cannot lack them.
        let can_be_too_little = operation.is_secured() && scope != "read";
        let expected: [(bool, &[&str]); 7] = [
            (can_be_too_little, &["forbidden"]),
            (true, &["not_acceptable", "rate_limited", "headers_too_large", "internal"]),
            (operation.is_secured(), &["unauthenticated", "invalid_token", "token_expired", "unavailable"]),
            (!operation.path_parameters().is_empty(), &["not_found"]),
            (operation.takes_a_body(), &["invalid_json", "unknown_field", "request_timeout", "payload_too_large"]),
            (operation.takes_a_body(), &["unsupported_media_type", "validation_failed"]),
            (limited && operation.takes_a_body(), &["subscription_required"]),
        ];
        let expected = expected.iter().filter(|(applies, _)| *applies).flat_map(|(_, codes)| *codes);
        let documented: Vec<_> = responses(operation).flat_map(|(status, response)| codes(status, response)).collect();
        let successes = responses(operation).filter(|(status, _)| (200..300).contains(status)).count();
        let missing = expected.filter(|code| !documented.iter().any(|it| it == *code));
        missing.map(|code| format!("no {code}")).chain((successes == 0).then(|| "no success".to_owned())).collect()
    });
}

/// The codes of the examples of a problem response.
fn codes(status: u16, response: &Value) -> Vec<String> {
    let examples = response["content"][MEDIA_TYPE]["examples"].as_object();
    let values = examples.into_iter().flatten().map(|(_, example)| &example["value"]);
    let values = values.inspect(|value| assert_eq!(value["status"], status, "{value}"));
    let codes: Vec<_> = values.filter_map(|value| value["code"].as_str().map(str::to_owned)).collect();
    assert!(status < 400 || !codes.is_empty(), "{status} has no example");
    codes
}

#[test]
fn every_problem_has_its_media_type_schema_and_examples() {
    assert_for_each(|operation| {
        let mut faults = Vec::new();
        for (status, response) in responses(operation).filter(|(status, _)| *status >= 400) {
            let content = response["content"].as_object().expect("a problem has content");
            if !content.keys().eq([MEDIA_TYPE]) || content[MEDIA_TYPE].get("schema").is_none() {
                faults.push(format!("{status}: another media type, or no schema"));
            }
            let wrong = codes(status, response).into_iter().filter(|code| {
                let known = Code::ALL.iter().find(|known| known.as_str() == code);
                known.is_none_or(|known| known.status().as_u16() != status)
            });
            faults.extend(wrong.map(|code| format!("{status}: {code} is not in the table")));
        }
        faults
    });
}

#[test]
fn every_reference_resolves_and_every_schema_is_used() {
    fn collect(value: &'static Value, found: &mut Vec<&'static str>) {
        match value {
            Value::Object(members) => {
                if members.get("$ref").is_some_and(Value::is_string) {
                    assert!(resolve(value).is_object());
                    found.extend(members["$ref"].as_str());
                }
                members.values().for_each(|value| collect(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| collect(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    collect(&DOCUMENT, &mut found);
    let schemas = DOCUMENT["components"]["schemas"].as_object().unwrap();
    let unused: Vec<_> = schemas
        .keys()
        .filter(|name| !found.iter().any(|it| it.strip_prefix("#/components/schemas/") == Some(name)))
        .collect();
    assert!(!found.is_empty() && unused.is_empty(), "{unused:?}");
}

#[test]
fn the_authorize_button_uses_the_token_endpoint() {
    let flow = &DOCUMENT["components"]["securitySchemes"]["password"]["flows"]["password"];
    assert_eq!(flow["tokenUrl"], "/token");
    assert_eq!(flow["scopes"].as_object().map(serde_json::Map::len), Some(0), "each scope would be a check box");
    assert_for_each(|operation| {
        let schemes = operation.description["security"].as_array().expect("every operation has a security list");
        let schemes = schemes.iter().filter_map(Value::as_object).flatten();
        schemes
            .filter(|(name, scopes)| {
                !["password", "program_key"].contains(&name.as_str()) || *scopes != &Value::Array(Vec::new())
            })
            .map(|(name, scopes)| format!("{name} {scopes}: no such scheme, or scopes"))
            .collect()
    });
}
