//! Versions of resources: `ETag` names what was answered, `If-Match` what a change is meant for (RFC 9110, section 13.1.1).
//!
//! A version is named by what it looks like, so nothing has to be counted, and what changes by the clock alone (a plan
//! that was scheduled) is another version too.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{ETAG, IF_MATCH};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use crate::problem::Problem;

/// The entity tag of a body: 128 bits of its SHA-256.
pub(crate) fn etag(body: &[u8]) -> String {
    let hash = digest(&SHA256, body);
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]))
}

/// 200 with the resource and its version.
pub(crate) fn tagged(resource: &impl Serialize) -> HttpResponse {
    match serde_json::to_vec(resource) {
        Ok(body) => HttpResponse::Ok().insert_header((ETAG, etag(&body))).content_type("application/json").body(body),
        Err(error) => HttpResponse::from_error(Problem::internal(error)),
    }
}

/// The versions that a request is meant for; all of them, if it does not say.
#[derive(Clone, Debug)]
pub(crate) struct IfMatch(Option<Vec<String>>);

impl IfMatch {
    /// Whether the request is meant for the resource as it is.
    pub(crate) fn admits<T: Serialize>(&self, resource: impl FnOnce() -> T) -> bool {
        let Some(tags) = &self.0 else { return true };
        serde_json::to_vec(&resource()).is_ok_and(|body| tags.contains(&etag(&body)))
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // What is no text, and a weak tag, is no version of ours: it matches nothing.
        let values = request.headers().get_all(IF_MATCH).map(|value| value.to_str().unwrap_or_default());
        let tags: Vec<String> = values.flat_map(|value| value.split(',')).map(|tag| tag.trim().to_owned()).collect();
        let is_for_any = tags.is_empty() || tags.iter().any(|tag| tag == "*");
        ready(Ok(Self((!is_for_any).then_some(tags))))
    }
}
