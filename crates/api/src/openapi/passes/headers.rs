//! Headers: which responses have which. Each header is described once; `http::observe` and what it
//! calls write them.

use serde_json::{Map, Value, json};

use super::{Operation, components, operations};

/// A header: its name, its type, whether each response that names it has it, and what it says.
type Header = (&'static str, &'static str, bool, &'static str);

const HEADERS: [Header; 10] = [
    (
        REQUEST_ID,
        "string",
        true,
        "The request's id, as in the log: the `X-Request-Id` that was sent if it is a sane one.",
    ),
    (
        RATE_LIMIT,
        "string",
        false,
        "What is left of the rate limit (draft-ietf-httpapi-ratelimit-headers), unless it is off.",
    ),
    (RATE_LIMIT_POLICY, "string", false, "The rate limit that the request counts towards, unless it is off."),
    (RETRY_AFTER, "integer", false, "How many seconds to wait before the next try."),
    (CHALLENGE, "string", false, "How to be known, and what was wrong with the token or is missing in it (RFC 6750)."),
    (ETAG, "string", false, "The version of the resource: for `If-Match`."),
    (LINK, "string", false, "The next page as `<…>; rel=\"next\"`, if there is one."),
    (LOCATION, "string", true, "The path of the new resource."),
    (REPLAYED, "boolean", false, "`true` if this is the response to the first request of this idempotency key."),
    (DRY_RUN, "boolean", false, "`true` if nothing was done: this is what would be the response."),
];

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

fn responses<'a>(operation: &'a Operation<'_>) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let responses = operation.members["responses"].as_object().into_iter().flatten();
    responses.map(|(status, response)| (status.as_str(), response))
}

/// The headers of a response: those that its annotation names, and those that follow from what it
/// is.
fn headers(operation: &Operation<'_>, status: &str, response: &Value) -> Vec<&'static str> {
    let is_annotated = |name: &str| response.get("headers").is_some_and(|headers| headers.get(name).is_some());
    let of_all: &[&str] = match status {
        "304" => &[REQUEST_ID, RATE_LIMIT, RATE_LIMIT_POLICY, ETAG],
        "401" | "403" => &[REQUEST_ID, RATE_LIMIT, RATE_LIMIT_POLICY, CHALLENGE],
        "429" | "503" => &[REQUEST_ID, RATE_LIMIT, RATE_LIMIT_POLICY, RETRY_AFTER],
        "201" => &[REQUEST_ID, RATE_LIMIT, RATE_LIMIT_POLICY, ETAG, LOCATION],
        // Probes are not counted by any rate limit; but refusals are the same for all operations.
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
        DRY_RUN => operation.takes("dry_run") && status == "200",
        ETAG => is_idempotent_post && is_resource && !is_dry_run,
        LINK => operation.takes("cursor") && status == "200",
        _ => false,
    };
    let names = HEADERS.iter().map(|(name, ..)| *name);
    names.filter(|name| of_all.contains(name) || is_annotated(name) || has(name)).collect()
}
