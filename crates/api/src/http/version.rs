//! Conditional requests: `ETag` is the version of a resource, `If-Match` the version to change,
//! `If-None-Match` the version that the client has (RFC 9110, sections 8.8.3 and 13.1).

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{ETAG, HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::error::StorageError;
use serde::Serialize;

use super::json::json;
use super::unread::Unread;
use crate::problem::{Code, Problem};

/// A resource that has an entity tag.
pub(crate) trait Versioned: Serialize {
    /// The version, in letters, digits and hyphens. It changes whenever the resource changes.
    fn version(&self) -> String;
}

impl<T: Versioned> Versioned for &T {
    fn version(&self) -> String {
        (*self).version()
    }
}

/// The version of a resource without a version number: 128 bits of the SHA-256 of its JSON.
pub(crate) fn content_version(resource: &impl Serialize) -> String {
    bytes_version(&serde_json::to_vec(resource).unwrap_or_default())
}

/// The version of bytes: 128 bits of their SHA-256.
pub(crate) fn bytes_version(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(&digest(&SHA256, bytes).as_ref()[..16])
}

/// The entity tag of a resource.
pub(crate) fn etag(resource: &impl Versioned) -> String {
    format!("\"{}\"", resource.version())
}

/// 200 with the resource and its version.
pub(crate) fn tagged(resource: &impl Versioned) -> HttpResponse {
    json(HttpResponse::Ok().insert_header((ETAG, etag(resource))), resource)
}

/// The versions that a condition names.
#[derive(Clone, Debug)]
enum Versions {
    /// No condition was sent.
    Unconditional,
    /// `*`: any version of an existing resource.
    Any,
    These(Vec<String>),
}

impl Versions {
    fn of(headers: &HeaderMap, name: HeaderName) -> Self {
        // A value that is not text matches no version.
        let values = headers.get_all(name).map(|value| value.to_str().unwrap_or_default());
        let tags: Vec<String> = values.flat_map(|value| value.split(',')).map(|tag| tag.trim().to_owned()).collect();
        if tags.is_empty() {
            Self::Unconditional
        } else if tags.iter().any(|tag| tag == "*") {
            Self::Any
        } else {
            Self::These(tags)
        }
    }
}

/// The versions in `If-Match`; all versions without the header. Handlers without this extractor
/// refuse `If-Match`.
#[derive(Clone, Debug)]
pub(crate) struct IfMatch(Versions);

impl IfMatch {
    /// Whether the current version of the resource matches.
    pub(crate) fn admits<T: Versioned>(&self, resource: impl FnOnce() -> T) -> bool {
        match &self.0 {
            Versions::Unconditional | Versions::Any => true,
            // The tags are strong, and so is this comparison.
            Versions::These(tags) => tags.contains(&etag(&resource())),
        }
    }

    /// Refuses the request if the version of the resource that `find` returns does not match, or if
    /// the resource is missing.
    pub(crate) fn check<T: Versioned, E: From<StorageError>>(
        &self,
        find: impl FnOnce() -> Result<Option<T>, StorageError>,
    ) -> Result<(), NotChanged<E>> {
        if matches!(self.0, Versions::Unconditional) {
            return Ok(());
        }
        match find()? {
            Some(resource) if self.admits(|| &resource) => Ok(()),
            _ => Err(NotChanged::AnotherVersion),
        }
    }

    /// As [`IfMatch::check`], for a removal: a resource that is already removed is not a conflict
    /// (RFC 9110, section 13.1.1).
    pub(crate) fn check_removal<T: Versioned, E: From<StorageError>>(
        &self,
        find: impl FnOnce() -> Result<Option<T>, StorageError>,
    ) -> Result<(), NotChanged<E>> {
        if matches!(self.0, Versions::Unconditional) {
            return Ok(());
        }
        match find()? {
            Some(resource) if !self.admits(|| &resource) => Err(NotChanged::AnotherVersion),
            _ => Ok(()),
        }
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        Unread::note_if_match_read(request);
        ready(Ok(Self(Versions::of(request.headers(), IF_MATCH))))
    }
}

/// Why a conditional change failed.
#[derive(Debug)]
pub(crate) enum NotChanged<E> {
    /// The condition does not match the current version.
    AnotherVersion,
    /// The use case refused.
    Refused(E),
}

impl<E: From<StorageError>> From<StorageError> for NotChanged<E> {
    fn from(error: StorageError) -> Self {
        Self::Refused(error.into())
    }
}

impl<E> From<NotChanged<E>> for Problem
where
    Self: From<E>,
{
    fn from(not_changed: NotChanged<E>) -> Self {
        match not_changed {
            NotChanged::AnotherVersion => Self::new(Code::PreconditionFailed),
            NotChanged::Refused(error) => error.into(),
        }
    }
}

/// The conditions of a GET.
#[derive(Debug)]
pub(crate) struct Conditions {
    if_match: IfMatch,
    if_none_match: Versions,
}

impl Conditions {
    /// The resource with its version; 304 if the client has this version, or 412 if `If-Match` does
    /// not match.
    pub(crate) fn respond(&self, resource: &impl Versioned) -> Result<HttpResponse, Problem> {
        let tag = etag(resource);
        if matches!(&self.if_match.0, Versions::These(tags) if !tags.contains(&tag)) {
            return Err(Problem::new(Code::PreconditionFailed));
        }
        let is_known = match &self.if_none_match {
            Versions::Unconditional => false,
            Versions::Any => true,
            // Proxies that compress make tags weak, so this comparison is weak.
            Versions::These(tags) => tags.iter().any(|its| its.strip_prefix("W/").unwrap_or(its) == tag),
        };
        if is_known {
            return Ok(HttpResponse::NotModified().insert_header((ETAG, tag)).finish());
        }
        Ok(json(HttpResponse::Ok().insert_header((ETAG, tag)), resource))
    }
}

impl FromRequest for Conditions {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let if_none_match = Versions::of(request.headers(), IF_NONE_MATCH);
        let if_match = IfMatch::from_request(request, payload).into_inner();
        ready(if_match.map(|if_match| Self { if_match, if_none_match }))
    }
}
