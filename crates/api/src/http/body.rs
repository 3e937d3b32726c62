//! Request bodies: read within a limit of size and time, and parsed strictly. All faults are
//! reported together.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap, HeaderValue, TRANSFER_ENCODING};
use actix_web::rt::time::timeout;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use domain::{Faults, PlanCatalog};
use serde::de::DeserializeOwned;

use super::connection::Connection;
use super::fields;
use super::negotiation::{is_json, names_media_type};
use crate::plans::SharedCatalog;
use crate::problem::{Code, Problem};

/// The maximum size of a body, in bytes.
pub(crate) const BODY_BYTES_MAX: usize = 16 * 1024;
/// The same for bodies that list up to a thousand keys.
pub(crate) const LARGE_BODY_BYTES_MAX: usize = 160 * 1024;
/// How long a body may take to arrive. The framework's own deadline covers the headers only.
const BODY_DEADLINE: Duration = Duration::from_secs(5);

/// Reads a body. A client that sent `Expect: 100-continue` gets `100 Continue` when the body is
/// first awaited.
pub(crate) fn read_bytes(
    request: &HttpRequest,
    payload: &mut Payload,
) -> impl Future<Output = Result<Bytes, Problem>> + use<> {
    let body = Bytes::from_request(request, payload);
    let connection = request.conn_data::<Rc<Connection>>().cloned();
    async move {
        let mut body = pin!(body);
        let wanted = poll_fn(|context| {
            let read = body.as_mut().poll(context);
            if let (true, Some(connection)) = (read.is_pending(), &connection) {
                connection.want_body();
            }
            read
        });
        match timeout(BODY_DEADLINE, wanted).await {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(error)) => Err(match error.as_error() {
                Some(PayloadError::Overflow) => Problem::new(Code::PayloadTooLarge),
                _ => Problem::new(Code::InvalidParameter).with_detail("The body could not be read to its end."),
            }),
            Err(_) => Err(Problem::new(Code::RequestTimeout)),
        }
    }
}

/// A JSON body, or its fault. A handler parses it after the permission is checked.
pub(crate) struct Body<T> {
    fields: Result<T, Problem>,
    /// The body as it was sent.
    bytes: Bytes,
}

/// The fields of a JSON body.
pub(crate) trait BodyFields: DeserializeOwned {
    /// The domain's type for them.
    type Parsed;

    /// Parses the fields.
    fn parse(self) -> Result<Self::Parsed, Faults>;
}

/// The fields of a JSON body that may name metrics, meters or features of the catalogue.
pub(crate) trait CatalogFields: DeserializeOwned {
    /// The domain's type for them.
    type Parsed;

    /// Fields that a refusal of unknown ones lists only if the catalogue has custom metrics, or
    /// features.
    const UNLISTED: &[&str] = &[];

    /// Parses the fields.
    fn parse(self, catalog: &PlanCatalog) -> Result<Self::Parsed, Faults>;
}

impl<T: BodyFields> CatalogFields for T {
    type Parsed = T::Parsed;

    fn parse(self, _: &PlanCatalog) -> Result<T::Parsed, Faults> {
        BodyFields::parse(self)
    }
}

impl<T: BodyFields> Body<T> {
    /// Parses the body.
    pub(crate) fn parse(self) -> Result<T::Parsed, Problem> {
        self.fields.and_then(|fields| BodyFields::parse(fields).map_err(Problem::from))
    }
}

impl<T: CatalogFields> Body<T> {
    /// The body as it was sent.
    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Parses the body of a request about metrics, meters or features of `catalog`.
    pub(crate) fn parse_in(self, catalog: &PlanCatalog) -> Result<T::Parsed, Problem> {
        let problem = |faults| Problem::of_faults(faults, &self.bytes, catalog);
        self.fields.and_then(|fields| CatalogFields::parse(fields, catalog).map_err(problem))
    }
}

impl<T: CatalogFields + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let headers = request.headers();
        let is_json = is_json(headers);
        let may_be_empty = !names_media_type(headers) && !announces_body(headers);
        let bytes = read_bytes(request, payload);
        let is_extended = request.app_data::<SharedCatalog>().is_some_and(|catalog| catalog.get().is_extended());
        let unlisted = if is_extended { &[] } else { T::UNLISTED };
        Box::pin(async move {
            let faulty = |fault| Ok(Self { fields: Err(fault), bytes: Bytes::new() });
            if !is_json && !may_be_empty {
                return faulty(Problem::new(Code::UnsupportedMediaType));
            }
            match bytes.await {
                Ok(bytes) if is_json => Ok(Self { fields: fields::parse(&bytes, unlisted), bytes }),
                Ok(bytes) if bytes.is_empty() => faulty(fields::empty_body()),
                Ok(_) => faulty(Problem::new(Code::UnsupportedMediaType)),
                Err(fault) => faulty(fault),
            }
        })
    }
}

/// Whether the headers announce a body of at least one byte.
fn announces_body(headers: &HeaderMap) -> bool {
    let length = headers.get(CONTENT_LENGTH).map(HeaderValue::as_bytes);
    headers.contains_key(TRANSFER_ENCODING) || length.is_some_and(|length| length != b"0")
}
