//! A typed request, which is sent when it is awaited.

use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;

use reqwest::header::IF_MATCH;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::call::{Call, IDEMPOTENCY_KEY};
use crate::error::Error;
use crate::transport::{Reply, Transport};

/// A request whose answer is a `T`. Awaiting it sends it.
#[derive(Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct Request<T> {
    transport: Transport,
    call: Result<Call, Unsendable>,
    answer: PhantomData<fn() -> T>,
}

/// Why the request cannot be sent.
#[derive(Clone, Debug)]
struct Unsendable(String);

impl From<Error> for Unsendable {
    fn from(error: Error) -> Self {
        match error {
            Error::Unsendable(reason) => Self(reason),
            other => Self(other.to_string()),
        }
    }
}

/// An answer with what its headers say.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Response<T> {
    /// The answer.
    pub value: T,
    /// The version of the resource, for [`Request::if_match`].
    pub etag: Option<String>,
    /// The request's id, as in the service's log.
    pub request_id: Option<String>,
    /// Whether it is the stored answer to an earlier request with the same idempotency key.
    pub is_replayed: bool,
    /// Whether the request was a dry run.
    pub is_dry_run: bool,
    /// Whether a new resource was created (201).
    pub is_created: bool,
}

/// Also of answers that cannot be cloned. A clone gets an idempotency key of its own.
impl<T> Clone for Request<T> {
    fn clone(&self) -> Self {
        Self { transport: self.transport.clone(), call: self.call.clone(), answer: PhantomData }
    }
}

impl<T> Request<T> {
    pub(crate) fn new(transport: &Transport, call: Call) -> Self {
        Self { transport: transport.clone(), call: Ok(call), answer: PhantomData }
    }

    pub(crate) fn with_json(transport: &Transport, call: Call, body: &impl Serialize) -> Self {
        Self::new(transport, call).changed(|call| call.with_json(body))
    }

    fn changed(mut self, change: impl FnOnce(Call) -> Result<Call, Error>) -> Self {
        self.call = self.call.and_then(|call| Ok(change(call)?));
        self
    }

    /// Sends this key instead of a generated one, so that the same request of another process, or
    /// after a restart, has one effect with this one. Derive it from an id of your own.
    pub fn idempotency_key(self, key: &str) -> Self {
        self.changed(|call| call.with_header(IDEMPOTENCY_KEY, key))
    }

    /// Refuses the change with [`Error::PreconditionFailed`] if the resource has changed since this
    /// `ETag`.
    pub fn if_match(self, etag: &str) -> Self {
        self.changed(|call| call.with_header(IF_MATCH, etag))
    }

    /// Asks for the answer without the effect. Operations without a dry run refuse it, with
    /// [`Error::Invalid`].
    pub fn dry_run(self) -> Self {
        self.changed(|call| Ok(call.with_query("dry_run", true)))
    }
}

impl<T: DeserializeOwned> Request<T> {
    /// Sends the request, and returns its answer with what the headers say.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn send(self) -> Result<Response<T>, Error> {
        let call = self.call.map_err(|Unsendable(reason)| Error::Unsendable(reason))?;
        Response::parse(&self.transport.send(call).await?)
    }
}

impl<T: DeserializeOwned + 'static> IntoFuture for Request<T> {
    type Output = Result<T, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(self.send().await?.value) })
    }
}

impl<T: DeserializeOwned> Response<T> {
    fn parse(reply: &Reply) -> Result<Self, Error> {
        let header = |name| reply.header(name).map(str::to_owned);
        let body: &[u8] = if reply.body.is_empty() { b"null" } else { &reply.body };
        let value = serde_json::from_slice(body).map_err(|error| Error::UnexpectedAnswer {
            status: reply.status.as_u16(),
            reason: format!("its body is not as documented: {error}"),
            request_id: header("x-request-id"),
        })?;
        Ok(Self {
            value,
            etag: header("etag"),
            request_id: header("x-request-id"),
            is_replayed: reply.header("idempotency-replayed") == Some("true"),
            is_dry_run: reply.header("dry-run") == Some("true"),
            is_created: reply.status == reqwest::StatusCode::CREATED,
        })
    }
}
