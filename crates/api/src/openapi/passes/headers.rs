//! Response headers: their descriptions, and which responses have them. `http::headers` writes
//! them.

use serde_json::{Map, Value, json};

use super::{OperationObject, components, operations};

/// A header: name, type, whether it is required, and description.
type Header = (&'static str, &'static str, bool, &'static str);

const HEADERS: [Header; 10] = [
    (
        REQUEST_ID,
        "string",
        true,
        "The request's id, as in the log: the client's `X-Request-Id` if it is valid, else a new id.",
    ),
    (
        RATE_LIMIT,
        "string",
        false,
        "The remaining quota (draft-ietf-httpapi-ratelimit-headers). Absent if the rate limit is off.",
    ),
    (RATE_LIMIT_POLICY, "string", false, "The rate limit that the request counts towards. Absent if it is off."),
    (RETRY_AFTER, "integer", false, "The number of seconds to wait before a retry."),
    (CHALLENGE, "string", false, "The authentication scheme, and why the token is refused (RFC 6750)."),
    (ETAG, "string", false, "The version of the resource, for `If-Match`."),
    (LINK, "string", false, "The URL of the next page, as `<…>; rel=\"next\"`. Absent on the last page."),
    (LOCATION, "string", true, "The path of the new resource."),
    (
        REPLAYED,
        "boolean",
        false,
        "`true` if this is the stored response to an earlier request with this idempotency key.",
    ),
    (DRY_RUN, "boolean", false, "`true` if the request is a dry run, which changes nothing."),
];

/// Paths whose creations answer no `ETag`, because the resources never change.
const WITHOUT_VERSION: [&str; 1] = ["/accounts/{account_id}/usage"];

const REQUEST_ID: &str = "X-Request-Id";
const RATE_LIMIT: &str = "RateLimit";
const RATE_LIMIT_POLICY: &str = "RateLimit-Policy";
const RETRY_AFTER: &str = "Retry-After";
const CHALLENGE: &str = "WWW-Authenticate";
const ETAG: &str = "ETag";
const LINK: &str = "Link";
const LOCATION: &str = "Location";
const REPLAYED: &str = "Idempotency-Replayed";
const DRY_RUN: &str = "Dry-Run";

pub(super) fn complete(document: &mut Value) {
    for operation in operations(document) {
        let names: Vec<Vec<&str>> = responses(&operation).map(|(status, it)| headers(&operation, status, it)).collect();
        let responses = operation.members["responses"].as_object_mut().into_iter().flatten();
        for ((_, response), names) in responses.zip(names) {
            let headers = names.into_iter().map(|name| (name.to_owned(), reference(name)));
            response["headers"] = headers.collect::<Map<_, _>>().into();
        }
    }
    let headers = HEADERS.iter().map(|(name, its_type, required, description)| {
        let header = json!({"description": description, "required": required, "schema": {"type": its_type}});
        ((*name).to_owned(), header)
    });
    components(document, "headers").extend(headers);
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/headers/{name}")})
}

fn responses<'a>(operation: &'a OperationObject<'_>) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let responses = operation.members["responses"].as_object().into_iter().flatten();
    responses.map(|(status, response)| (status.as_str(), response))
}

/// The headers of a response: those in its annotation, and those that follow from its status and
/// operation.
fn headers(operation: &OperationObject<'_>, status: &str, response: &Value) -> Vec<&'static str> {
    let is_annotated = |name: &str| response.get("headers").is_some_and(|headers| headers.get(name).is_some());
    let of_all: &[&str] = match status {
        "304" => &[REQUEST_ID, RATE_LIMIT, RATE_LIMIT_POLICY, ETAG],
        "401" | "403" => &[REQUEST_ID, RATE_LIMIT, RATE_LIMIT_POLICY, CHALLENGE],
        "429" | "503" => &[REQUEST_ID, RATE_LIMIT, RATE_LIMIT_POLICY, RETRY_AFTER],
        "201" if WITHOUT_VERSION.contains(&operation.path) => &[REQUEST_ID, RATE_LIMIT, RATE_LIMIT_POLICY, LOCATION],
        "201" => &[REQUEST_ID, RATE_LIMIT, RATE_LIMIT_POLICY, ETAG, LOCATION],
        // No rate limit counts probes. Their error responses are shared with other operations.
        "200" if ["/health", "/readyz"].contains(&operation.path) => &[REQUEST_ID],
        _ => &[REQUEST_ID, RATE_LIMIT, RATE_LIMIT_POLICY],
    };
    let is_success = status.starts_with('2');
    let is_resource = is_success && response.get("content").is_some();
    // The 200 beside a 201 is that of a dry run.
    let is_dry_run = status == "200" && operation.members["responses"].get("201").is_some();
    let is_idempotent_post = operation.method == "post" && operation.takes("Idempotency-Key");
    let has = |name: &str| match name {
        REPLAYED => is_idempotent_post && is_success,
        DRY_RUN => operation.takes("dry_run") && ["200", "204"].contains(&status),
        ETAG => is_idempotent_post && is_resource && !is_dry_run && !WITHOUT_VERSION.contains(&operation.path),
        LINK => operation.takes("cursor") && status == "200",
        _ => false,
    };
    let names = HEADERS.iter().map(|(name, ..)| *name);
    names.filter(|name| of_all.contains(name) || is_annotated(name) || has(name)).collect()
}
