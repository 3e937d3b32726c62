//! Traces, exported with OTLP over HTTP: a span for each request, and child spans for the stages of
//! its units of work.
//!
//! Spans wait in a bounded queue, and a thread of their own sends them. A collector that is down or
//! slow delays no request: spans that find the queue full are dropped and counted
//! (docs/adr/0022-tracing.md).

mod client;
mod counts;
mod current;
mod pipeline;
mod settings;
mod span;
mod units;

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::{EnvResourceDetector, TelemetryResourceDetector};
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracer, SdkTracerProvider};

use crate::clock::UuidV7Generator;
use crate::version;
use client::CollectorClient;
pub(crate) use counts::SpanCounts;
use counts::SpanRecord;
pub(crate) use current::{HASH_PASSWORD, VERIFY_PASSWORD, in_span, step};
use domain::ports::IdGenerator;
use pipeline::{BoundedProcessor, CountingExporter};
pub use settings::TracingSettings;
pub(crate) use span::{Parent, RequestSpan};
pub(crate) use units::{read, write};

/// How long the spans in the queue may take to be sent when the server stops.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// Begins the spans of a server, and exports them.
pub struct Tracing {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
    record: Arc<SpanRecord>,
}

impl Tracing {
    /// Starts the thread that exports spans.
    ///
    /// # Errors
    /// If the exporter cannot be built, which the settings exclude.
    pub fn start(settings: &TracingSettings) -> Result<Self, ExporterBuildError> {
        let record = Arc::new(SpanRecord::default());
        let client = Arc::new(CollectorClient::new(settings));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_shared_http_client(Arc::clone(&client) as _)
            .with_endpoint(settings.endpoint.clone())
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(settings.timeout)
            .build()?;
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(settings.queue_max)
            .with_max_export_batch_size(settings.batch_max)
            .with_scheduled_delay(settings.delay)
            .build();
        let exporter = CountingExporter::new(exporter, client, Arc::clone(&record));
        let batches = BatchSpanProcessor::builder(exporter).with_batch_config(batches).build();
        let provider = SdkTracerProvider::builder()
            .with_sampler(settings.sampler.clone())
            .with_resource(resource(settings.service_name.as_deref()))
            .with_span_processor(BoundedProcessor::new(batches, settings.queue_max, Arc::clone(&record)))
            .build();
        log::info!("exporting traces to {}", settings.destination());
        Ok(Self { tracer: provider.tracer("headroom"), provider, record })
    }

    /// How many spans were exported and dropped so far.
    pub(crate) fn counts(&self) -> SpanCounts {
        self.record.snapshot()
    }

    /// Sends the spans in the queue, for a [limited time](FLUSH_TIMEOUT). Later spans are dropped.
    pub(crate) fn flush(&self) {
        if self.provider.shutdown_with_timeout(FLUSH_TIMEOUT).is_err() {
            log::warn!("{} spans were not exported before the stop", self.record.queued());
        }
    }
}

/// What describes this server. The environment (`OTEL_RESOURCE_ATTRIBUTES`, `OTEL_SERVICE_NAME`)
/// takes precedence.
fn resource(service_name: Option<&str>) -> Resource {
    let defaults = [
        KeyValue::new("service.name", "headroom"),
        KeyValue::new("service.version", version::PROGRAM),
        KeyValue::new("service.instance.id", UuidV7Generator.next_uuid().to_string()),
    ];
    let named = service_name.map(|name| KeyValue::new("service.name", name.to_owned()));
    Resource::builder_empty()
        .with_attributes(defaults)
        .with_detectors(&[Box::new(TelemetryResourceDetector), Box::new(EnvResourceDetector::new())])
        .with_attributes(named)
        .build()
}
