//! The way of an ended span: into the bounded queue, and in batches to the collector.
//!
//! The SDK's batch processor has the queue and the thread. It does not say what it drops, so these
//! two count around it: spans that enter the queue, and spans that leave it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_otlp::SpanExporter as OtlpExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor};

use super::client::CollectorClient;
use super::counts::SpanRecord;

/// Lets at most so many spans into the queue of the batch processor, and counts the others.
#[derive(Debug)]
pub(super) struct BoundedProcessor {
    batches: BatchSpanProcessor,
    queue_max: usize,
    record: Arc<SpanRecord>,
}

impl BoundedProcessor {
    pub(super) const fn new(batches: BatchSpanProcessor, queue_max: usize, record: Arc<SpanRecord>) -> Self {
        Self { batches, queue_max, record }
    }
}

impl SpanProcessor for BoundedProcessor {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.batches.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if self.record.enqueue(self.queue_max) {
            self.batches.on_end(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.batches.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.batches.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.batches.set_resource(resource);
    }
}

/// Counts what the collector accepts, and logs what was dropped. It runs on the batch processor's
/// thread.
#[derive(Debug)]
pub(super) struct CountingExporter {
    exporter: OtlpExporter,
    client: Arc<CollectorClient>,
    record: Arc<SpanRecord>,
    /// How many spans had found the queue full when that was last logged.
    logged: AtomicU64,
}

impl CountingExporter {
    pub(super) fn new(exporter: OtlpExporter, client: Arc<CollectorClient>, record: Arc<SpanRecord>) -> Self {
        Self { exporter, client, record, logged: AtomicU64::default() }
    }

    /// Not on the threads that drop spans, which serve requests.
    fn log_drops(&self) {
        let dropped = self.record.snapshot().queue_full;
        if self.logged.swap(dropped, Ordering::Relaxed) != dropped {
            log::warn!(dropped_spans = dropped; "spans are dropped, because the queue of traces is full");
        }
    }
}

impl SpanExporter for CountingExporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        self.record.dequeue(spans);
        let result = self.exporter.export(batch).await;
        self.record.count_export(spans, result.is_ok());
        if let Err(error) = &result {
            let cause = self.client.take_error().unwrap_or_else(|| error.to_string());
            log::warn!("spans are dropped, because the collector of traces does not accept them: {cause}");
        }
        self.log_drops();
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
