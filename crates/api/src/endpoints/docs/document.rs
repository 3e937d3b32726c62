//! The OpenAPI document of this service.

use serde_json::Value;

use crate::endpoints::catalog;
use crate::openapi;

fn document() -> Value {
    openapi::document(catalog::operations())
}

/// The document with relative URLs, as in `docs/openapi.json`. It is the same on every machine.
#[must_use]
pub fn document_json() -> String {
    format!("{:#}\n", document())
}

/// The document of a server that clients reach at `base_url`.
pub(super) fn document_json_at(base_url: &str) -> String {
    let mut document = document();
    openapi::set_base_url(&mut document, base_url);
    format!("{document}\n")
}
