//! Headers that the document says many answers may have.

use utoipa::Modify;
use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Header, RefOr};

/// Says of every answer to what can be done once that it may be a repeated one.
pub(super) struct Replays;

impl Modify for Replays {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let posts = document.paths.paths.values_mut().filter_map(|path| path.post.as_mut());
        let description = "`true` if this is the answer to the first request of this key.";
        let posts = posts.filter(|post| takes(post, "Idempotency-Key"));
        for (status, response) in posts.flat_map(|post| &mut post.responses.responses) {
            if let (true, RefOr::T(response)) = (status.starts_with('2'), response) {
                response.headers.insert("Idempotency-Replayed".to_owned(), flag(description).into());
            }
        }
    }
}

/// Says of the 200 of what can be rehearsed that it may be the answer to a rehearsal.
pub(super) struct Rehearsals;

impl Modify for Rehearsals {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let description = "`true` if this is what there would be: nothing was done.";
        let posts = document.paths.paths.values_mut().filter_map(|path| path.post.as_mut());
        for post in posts.filter(|post| takes(post, "dry_run")) {
            if let Some(RefOr::T(response)) = post.responses.responses.get_mut("200") {
                response.headers.insert("Dry-Run".to_owned(), flag(description).into());
            }
        }
    }
}

/// Whether an operation has a parameter of this name.
fn takes(operation: &Operation, name: &str) -> bool {
    let is_it = |it: &RefOr<Parameter>| matches!(it, RefOr::T(it) if it.name == name);
    operation.parameters.iter().flatten().any(is_it)
}

/// A header that is `true`, where it is there.
fn flag(description: &str) -> Header {
    let mut header = Header::new(ObjectBuilder::new().schema_type(Type::Boolean).build());
    header.description = Some(description.to_owned());
    header
}
