//! The HTTP client of the exporter, over `ureq`: it blocks, which suits the exporter's own thread,
//! and adds little to the program.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use rustls::crypto::aws_lc_rs;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

use super::settings::TracingSettings;

/// How much of a collector's response is read. A response says which spans were rejected.
const RESPONSE_BYTES_MAX: u64 = 64 * 1024;

/// Sends spans to a collector.
#[derive(Debug)]
pub(super) struct CollectorClient {
    agent: Agent,
    /// The last error. The SDK reports only that there was one.
    last_error: Mutex<Option<String>>,
}

impl CollectorClient {
    pub(super) fn new(settings: &TracingSettings) -> Self {
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
            .root_certs(RootCerts::new_with_certs(&settings.roots))
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(settings.timeout))
            .http_status_as_error(false)
            // A redirect would carry the headers, which may have secrets, to another host.
            .max_redirects(0);
        Self { agent: config.build().into(), last_error: Mutex::default() }
    }

    /// The error of the last request, if it failed.
    pub(super) fn take_error(&self) -> Option<String> {
        self.last_error().take()
    }

    fn last_error(&self) -> MutexGuard<'_, Option<String>> {
        // No code that can panic runs under this lock.
        self.last_error.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ureq::Error> {
        let (head, body) = request.into_parts();
        let (head, body) = self.agent.run(Request::from_parts(head, &body[..]))?.into_parts();
        let body = body.into_with_config().limit(RESPONSE_BYTES_MAX).read_to_vec()?;
        Ok(Response::from_parts(head, body.into()))
    }
}

#[async_trait]
impl HttpClient for CollectorClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sent = self.send(request);
        *self.last_error() = sent.as_ref().err().map(ToString::to_string);
        Ok(sent?)
    }
}
