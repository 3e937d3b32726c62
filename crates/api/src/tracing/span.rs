//! The span of a request, and its child spans.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use domain::Timestamp;
use domain::ports::Clock;
use opentelemetry::trace::{
    Span as _, SpanBuilder, SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags, TraceId, TraceState,
    Tracer,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::Span;
use storage::{Stage, StageTimes};

use super::Tracing;
use crate::clock::SystemClock;
use crate::logging::TraceIds;

/// The longest `tracestate` that is passed on. Longer ones are discarded, as W3C Trace Context
/// permits (level 1, section 3.3.1.5).
const TRACE_STATE_BYTES_MAX: usize = 512;

/// The caller's span, as it was received in `traceparent` and `tracestate`.
pub(crate) struct Parent {
    /// The lower-case hexadecimal trace id.
    pub(crate) trace_id: String,
    /// The lower-case hexadecimal span id.
    pub(crate) span_id: String,
    /// Whether the caller samples the trace.
    pub(crate) is_sampled: bool,
    pub(crate) trace_state: String,
}

impl Parent {
    fn context(&self) -> Option<SpanContext> {
        let (trace, span) = (TraceId::from_hex(&self.trace_id).ok()?, SpanId::from_hex(&self.span_id).ok()?);
        let state = Some(&self.trace_state).filter(|state| state.len() <= TRACE_STATE_BYTES_MAX);
        let state: Option<TraceState> = state.and_then(|state| state.parse().ok());
        let flags = TraceFlags::default().with_sampled(self.is_sampled);
        Some(SpanContext::new(trace, span, flags, true, state.unwrap_or_default())).filter(SpanContext::is_valid)
    }
}

/// The span of a request. If it is not sampled, it has only ids.
pub(crate) struct RequestSpan {
    tracing: Arc<Tracing>,
    span: RefCell<Span>,
    context: SpanContext,
    /// When the request began, on both clocks. The times of all its spans derive from it, so that
    /// child spans lie within their parents even if the machine's clock is set meanwhile.
    begun: (Instant, SystemTime),
}

impl RequestSpan {
    /// The span of a request that begins now. If the client hangs up before the response, the span
    /// keeps this name.
    pub(crate) fn begin(tracing: &Arc<Tracing>, name: &'static str, parent: Option<&Parent>) -> Self {
        let begun = (Instant::now(), system_time(SystemClock.now()));
        let context = Context::new();
        let context = match parent.and_then(Parent::context) {
            Some(parent) => context.with_remote_span_context(parent),
            None => context,
        };
        let builder = SpanBuilder::from_name(name).with_kind(SpanKind::Server).with_start_time(begun.1);
        let span = tracing.tracer.build_with_context(builder, &context);
        let context = span.span_context().clone();
        Self { tracing: Arc::clone(tracing), span: RefCell::new(span), context, begun }
    }

    /// Whether it is exported.
    pub(crate) fn is_sampled(&self) -> bool {
        self.context.is_sampled()
    }

    /// Its ids, for log lines.
    pub(crate) fn ids(&self) -> TraceIds {
        TraceIds {
            trace_id: u128::from_be_bytes(self.context.trace_id().to_bytes()),
            span_id: u64::from_be_bytes(self.context.span_id().to_bytes()),
        }
    }

    /// The `traceparent` of what this request causes.
    pub(crate) fn traceparent(&self) -> String {
        let TraceIds { trace_id, span_id } = self.ids();
        format!("00-{trace_id:032x}-{span_id:016x}-{:02x}", self.context.trace_flags().to_u8())
    }

    /// Ends it now.
    pub(crate) fn end(&self, name: String, attributes: Vec<KeyValue>, has_failed: bool) {
        let mut span = self.span.borrow_mut();
        span.update_name(name);
        span.set_attributes(attributes);
        if has_failed {
            span.set_status(Status::error(""));
        }
        span.end_with_timestamp(self.time_of(Instant::now()));
    }

    /// Adds a child span for a step of the request.
    pub(super) fn add_step(&self, name: &'static str, begun: Instant, ended: Instant) {
        self.child(&self.context, name, Vec::new(), begun).end_with_timestamp(self.time_of(ended));
    }

    /// Adds a child span for a unit of work, with a child span for each of its stages.
    pub(super) fn add_unit(&self, kind: UnitKind, database: &'static str, stages: &[StageTimes]) {
        let (Some(first), Some(last)) = (stages.first(), stages.last()) else { return };
        let database = vec![KeyValue::new("db.system.name", database)];
        let mut unit = self.child(&self.context, kind.name(), database, first.begun);
        for StageTimes { stage, begun, ended } in stages {
            let attributes = match stage {
                Stage::Commit { units } => {
                    vec![KeyValue::new("headroom.batch_size", i64::try_from(*units).unwrap_or(i64::MAX))]
                }
                _ => Vec::new(),
            };
            let mut child = self.child(unit.span_context(), stage_name(*stage), attributes, *begun);
            child.end_with_timestamp(self.time_of(*ended));
        }
        unit.end_with_timestamp(self.time_of(last.ended));
    }

    fn child(&self, parent: &SpanContext, name: &'static str, attributes: Vec<KeyValue>, begun: Instant) -> Span {
        let builder = SpanBuilder::from_name(name)
            .with_kind(SpanKind::Internal)
            .with_start_time(self.time_of(begun))
            .with_attributes(attributes);
        // In spite of its name it takes any context, and this one is not remote.
        let context = Context::new().with_remote_span_context(parent.clone());
        self.tracing.tracer.build_with_context(builder, &context)
    }

    fn time_of(&self, instant: Instant) -> SystemTime {
        self.begun.1 + instant.saturating_duration_since(self.begun.0)
    }
}

fn system_time(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(at.as_microsecond()).unwrap_or_default())
}

/// A kind of unit of work.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum UnitKind {
    Read,
    Write,
}

impl UnitKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Read => "store.read",
            Self::Write => "store.write",
        }
    }
}

const fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Queue => "store.queue",
        Stage::Connection => "store.connection",
        Stage::Account => "store.account",
        Stage::Work => "store.work",
        Stage::Batch => "store.batch",
        Stage::Commit { .. } => "store.commit",
        Stage::Pause => "store.pause",
    }
}
