//! Sends requests: the connection, the credential, time-outs and retries.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client as Http, Method, Request as HttpRequest, StatusCode, Url};
use tokio::time::{Instant, sleep};

use crate::call::Call;
use crate::error::Error;
use crate::retry::{RetryPolicy, has_no_effect, is_unknown, random_fraction};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What all requests of a client share.
#[derive(Clone, Debug)]
pub(crate) struct Transport(Arc<Shared>);

#[derive(Clone, Debug)]
struct Shared {
    http: Http,
    base: Url,
    /// The value of `Authorization`. It is marked as sensitive, so `Debug` does not show it.
    credential: Option<HeaderValue>,
    retries: RetryPolicy,
    timeout: Duration,
    fails_open: bool,
}

/// The settings of a transport.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) base_url: String,
    pub(crate) credential: Option<HeaderValue>,
    pub(crate) retries: RetryPolicy,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) user_agent: String,
    pub(crate) fails_open: bool,
}

/// A successful answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// The value of `Authorization` for a token or an API key.
pub(crate) fn credential(token: &str) -> Result<HeaderValue, Error> {
    let value = HeaderValue::from_str(&format!("Bearer {token}"));
    let mut value = value.map_err(|_| Error::Configuration("the token takes visible characters only".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

impl Transport {
    pub(crate) fn new(settings: Settings) -> Result<Self, Error> {
        // Without the URL, which may contain a password.
        let faulty = |reason: &str| Error::Configuration(format!("the base URL {reason}"));
        let base = Url::parse(&settings.base_url).map_err(|error| faulty(&format!("is not a URL: {error}")))?;
        let is_more = base.query().is_some()
            || base.fragment().is_some()
            || !base.username().is_empty()
            || base.password().is_some();
        if !["http", "https"].contains(&base.scheme()) || is_more {
            return Err(faulty("is not of the form https://example.com or https://example.com/api"));
        }
        let builder = Http::builder()
            .timeout(settings.timeout)
            .connect_timeout(settings.connect_timeout)
            .user_agent(settings.user_agent)
            // A redirect would resend the credential, and turn a POST into a GET.
            .redirect(reqwest::redirect::Policy::none());
        let http = builder.build().map_err(|error| Error::Configuration(describe(&error)))?;
        let Settings { credential, retries, timeout, fails_open, .. } = settings;
        Ok(Self(Arc::new(Shared { http, base, credential, retries, timeout, fails_open })))
    }

    /// The same connections with another credential.
    pub(crate) fn with_credential(&self, credential: HeaderValue) -> Self {
        Self(Arc::new(Shared { credential: Some(credential), ..(*self.0).clone() }))
    }

    /// Whether checks are permitted while the service cannot answer.
    pub(crate) fn fails_open(&self) -> bool {
        self.0.fails_open
    }

    /// Sends a request, again if that is safe and may help, and returns its successful answer.
    pub(crate) async fn send(&self, call: Call) -> Result<Reply, Error> {
        let call = call.with_generated_key()?;
        let retries = self.0.retries.within(call.repeatable_for(), self.0.timeout);
        let (started, mut attempts) = (Instant::now(), 0);
        // The last attempt that may have been carried out. Those after it do not change that.
        let mut doubt = None;
        loop {
            let error = match self.attempt(&call).await {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            attempts += 1;
            let elapsed = started.elapsed();
            let repeatable = call.is_repeatable();
            match retries.next_delay(attempts, elapsed, &error, repeatable, random_fraction()) {
                Some(delay) => {
                    if call.method != Method::GET && is_unknown(&error) {
                        doubt = Some(error);
                    }
                    sleep(delay).await;
                }
                None => return Err(doubt.filter(|_| has_no_effect(&error)).unwrap_or(error)),
            }
        }
    }

    async fn attempt(&self, call: &Call) -> Result<Reply, Error> {
        let response = self.0.http.execute(self.request(call)?).await.map_err(|error| broken(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.map_err(|error| broken(&error))?.to_vec();
        if status.is_success() {
            return Ok(Reply { status, headers, body });
        }
        let retry_after = text(&headers, &RETRY_AFTER).and_then(|text| text.parse().ok()).map(Duration::from_secs);
        Err(Error::of_answer(status.as_u16(), retry_after, text(&headers, &REQUEST_ID), &body))
    }

    fn request(&self, call: &Call) -> Result<HttpRequest, Error> {
        let mut url = self.0.base.clone();
        if let Some(segment) = call.segments.iter().find(|it| matches!(it.as_str(), "" | "." | "..")) {
            return Err(Error::Unsendable(format!("{segment:?} has no place in the path of a URL")));
        }
        url.path_segments_mut()
            .map_err(|()| Error::Configuration("the base URL has no path".to_owned()))?
            .pop_if_empty()
            .extend(&call.segments);
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        let mut request = HttpRequest::new(call.method.clone(), url);
        let headers = request.headers_mut();
        headers.clone_from(&call.headers);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(credential) = &self.0.credential {
            headers.insert(AUTHORIZATION, credential.clone());
        }
        *request.body_mut() = call.body.clone().map(Into::into);
        Ok(request)
    }
}

impl Reply {
    /// A header of the answer, as text.
    pub(crate) fn header(&self, name: &'static str) -> Option<&str> {
        text(&self.headers, &HeaderName::from_static(name))
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn broken(error: &reqwest::Error) -> Error {
    if error.is_builder() {
        return Error::Unsendable(describe(error));
    }
    Error::Connection { reason: describe(error), is_sent: !error.is_connect() }
}

/// The error and its causes, without the URL, which may contain ids.
fn describe(error: &reqwest::Error) -> String {
    let mut text = if error.is_timeout() { "timed out".to_owned() } else { "failed".to_owned() };
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        text = format!("{text}: {source}");
        cause = source.source();
    }
    text
}
