//! The response to a POST, as a value that can be stored and sent again.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, ETAG, HeaderValue, LOCATION};
use domain::error::StorageError;
use serde::{Deserialize, Serialize};

use crate::http::{IDEMPOTENCY_REPLAYED, Versioned, etag, line};

/// The response to a POST that succeeded.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct StoredResponse {
    status: u16,
    location: Option<String>,
    etag: Option<String>,
    /// JSON.
    body: Option<String>,
    #[serde(skip)]
    is_replayed: bool,
}

impl StoredResponse {
    /// 200, with the resource as it is now.
    pub(crate) fn ok(body: &impl Versioned) -> Self {
        Self::new(StatusCode::OK, None, Some(body))
    }

    /// 201, with the path of the new resource, and the resource.
    pub(crate) fn created(location: String, body: &impl Versioned) -> Self {
        Self::new(StatusCode::CREATED, Some(location), Some(body))
    }

    /// 201, with the path of the new resource, and the resource, which has no version.
    pub(crate) fn created_unversioned(location: String, body: &impl Serialize) -> Self {
        let status = StatusCode::CREATED.as_u16();
        Self { status, location: Some(location), etag: None, body: Some(json(body)), is_replayed: false }
    }

    /// 200, with a body that has no version.
    pub(crate) fn unversioned(body: &impl Serialize) -> Self {
        let (location, etag, body) = (None, None, Some(json(body)));
        Self { status: StatusCode::OK.as_u16(), location, etag, body, is_replayed: false }
    }

    /// Whether the response was stored by an earlier request.
    pub(crate) fn is_replay(response: &HttpResponse) -> bool {
        response.headers().contains_key(IDEMPOTENCY_REPLAYED)
    }

    /// 204.
    pub(crate) fn no_content() -> Self {
        let (location, etag, body) = (None, None, None);
        Self { status: StatusCode::NO_CONTENT.as_u16(), location, etag, body, is_replayed: false }
    }

    fn new<T: Versioned>(status: StatusCode, location: Option<String>, body: Option<&T>) -> Self {
        let (etag, body) = (body.map(|body| etag(body)), body.map(json));
        Self { status: status.as_u16(), location, etag, body, is_replayed: false }
    }

    /// The id of the resource in the body, if there is one.
    pub(crate) fn resource_id(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Resource {
            id: String,
        }
        let resource: Resource = serde_json::from_str(self.body.as_deref()?).ok()?;
        Some(resource.id)
    }

    /// The response, encoded as JSON.
    pub(super) fn written(&self) -> Result<Vec<u8>, StorageError> {
        serde_json::to_vec(self).map_err(|error| StorageError::Backend(format!("cannot encode a response: {error}")))
    }

    /// Decodes a stored response, as a replay.
    pub(super) fn read_replay(bytes: &[u8]) -> Result<Self, StorageError> {
        let answer: Self = serde_json::from_slice(bytes)
            .map_err(|error| StorageError::Corrupt(format!("cannot decode a stored response: {error}")))?;
        Ok(Self { is_replayed: true, ..answer })
    }
}

fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("no body has a map of other keys than strings")
}

impl From<StoredResponse> for HttpResponse {
    fn from(answer: StoredResponse) -> Self {
        let StoredResponse { status, location, etag, body, is_replayed } = answer;
        let mut response = Self::build(StatusCode::from_u16(status).unwrap_or(StatusCode::OK));
        if let Some(location) = location {
            response.insert_header((LOCATION, location));
        }
        if let Some(etag) = etag {
            response.insert_header((ETAG, etag));
        }
        if is_replayed {
            response.insert_header((IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true")));
        }
        match body {
            Some(body) => response
                .insert_header((CONTENT_TYPE, HeaderValue::from_static("application/json")))
                .body(line(body.into_bytes())),
            None => response.finish(),
        }
    }
}
