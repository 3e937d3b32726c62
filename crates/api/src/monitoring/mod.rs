//! What the metrics listener reports in Prometheus' text format: counts of requests, and at each
//! scrape the statistics of the store and of the process.
//!
//! The labels are bounded: routes are patterns, never paths, and plans and metrics are those of the
//! catalogue. (A *metric* of the catalogue limits what an account may use; these metrics are about
//! the server.)

mod families;
mod store;

use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use prometheus::proto::MetricFamily;
use prometheus::{HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry, TextEncoder};
use storage::statistics::StoreStatistics;

use crate::backups::BackupStatus;
use crate::problem::Problem;
use crate::tracing::SpanCounts;
use crate::version;
use families::{counter, gauge};

/// The media type of the text format.
pub(crate) const MEDIA_TYPE: &str = prometheus::TEXT_FORMAT;

/// The route of requests whose path is unknown.
const UNKNOWN_ROUTE: &str = "unknown";
/// The method of requests with a method that clients have invented.
const OTHER_METHOD: &str = "other";
/// The upper bounds of the latencies of requests, in seconds.
const LATENCIES: [f64; 13] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

/// The counts of a server whose metrics are scraped.
pub struct Monitoring {
    registry: Registry,
    requests: IntCounterVec,
    latencies: HistogramVec,
    limit_refusals: IntCounterVec,
    replays: IntCounter,
    logins_succeeded: IntCounter,
    logins_failed: IntCounter,
}

/// The state of a server at a scrape, apart from its counts.
pub(crate) struct Observed<'a> {
    /// Whether a write to the database succeeds.
    pub(crate) is_ready: bool,
    pub(crate) store: StoreStatistics,
    /// The state of scheduled backups, if a directory is configured.
    pub(crate) backups: Option<BackupStatus>,
    /// How many requests each rate limit has refused.
    pub(crate) rate_limited: &'a [(&'static str, u64)],
    /// The spans of traces, if they are exported.
    pub(crate) spans: Option<SpanCounts>,
}

impl Default for Monitoring {
    fn default() -> Self {
        let registry = Registry::new();
        let requests = Opts::new("headroom_http_requests_total", "Requests, by route, method and status.");
        let requests = IntCounterVec::new(requests, &["route", "method", "status"]).expect("valid names");
        let latencies = HistogramOpts::new(
            "headroom_http_request_duration_seconds",
            "Time from the head of a request to its response, by route and method.",
        );
        let latencies = HistogramVec::new(latencies.buckets(LATENCIES.into()), &["route", "method"]);
        let latencies = latencies.expect("valid names and ascending buckets");
        let refusals = Opts::new(
            "headroom_limit_refusals_total",
            "Requests refused by a plan's limit, by the catalogue's metric and plan. Dry runs count, too.",
        );
        let limit_refusals = IntCounterVec::new(refusals, &["metric", "plan"]).expect("valid names");
        let replays = IntCounter::new(
            "headroom_idempotent_replays_total",
            "Requests answered with the stored response of an earlier one with the same Idempotency-Key.",
        );
        let replays = replays.expect("a valid name");
        let logins = IntCounterVec::new(
            Opts::new("headroom_logins_total", "Logins by password, by result: succeeded or failed."),
            &["result"],
        );
        let logins = logins.expect("valid names");
        let [logins_succeeded, logins_failed] =
            ["succeeded", "failed"].map(|result| logins.with_label_values(&[result]));
        let collectors: [Box<dyn prometheus::core::Collector>; 5] = [
            Box::new(requests.clone()),
            Box::new(latencies.clone()),
            Box::new(limit_refusals.clone()),
            Box::new(replays.clone()),
            Box::new(logins),
        ];
        for collector in collectors {
            registry.register(collector).expect("the names differ");
        }
        #[cfg(target_os = "linux")]
        registry
            .register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))
            .expect("the names differ");
        Self { registry, requests, latencies, limit_refusals, replays, logins_succeeded, logins_failed }
    }
}

impl Monitoring {
    /// Counts a request to the route with this pattern, which was answered after this time.
    pub(crate) fn count_request(&self, route: Option<&str>, method: &Method, status: StatusCode, took: Duration) {
        let (route, method) = (route.unwrap_or(UNKNOWN_ROUTE), method_name(method).unwrap_or(OTHER_METHOD));
        self.requests.with_label_values(&[route, method, status.as_str()]).inc();
        self.latencies.with_label_values(&[route, method]).observe(took.as_secs_f64());
    }

    /// Counts a request that a plan's limit refused, if it is one.
    pub(crate) fn count_refusal(&self, problem: &Problem) {
        if let Some((metric, plan)) = problem.refused_limit() {
            self.limit_refusals.with_label_values(&[metric, plan]).inc();
        }
    }

    /// Counts a response that was stored by an earlier request.
    pub(crate) fn count_replay(&self) {
        self.replays.inc();
    }

    /// Counts a login whose password was verified.
    pub(crate) fn count_login(&self, has_succeeded: bool) {
        if has_succeeded { &self.logins_succeeded } else { &self.logins_failed }.inc();
    }

    /// All metrics in the text format.
    ///
    /// # Errors
    /// If they cannot be encoded, which is a bug.
    pub(crate) fn scrape(&self, observed: &Observed<'_>) -> prometheus::Result<String> {
        let mut families = self.registry.gather();
        families.extend(server(observed));
        families.extend(observed.spans.iter().flat_map(spans));
        families.extend(store::families(&observed.store));
        families.extend(observed.backups.iter().flat_map(backups));
        // Such as those of rate limits, if all are off. The encoder refuses a family without metrics.
        families.retain(|family| !family.get_metric().is_empty());
        families.sort_by(|one, other| one.name().cmp(other.name()));
        TextEncoder::new().encode_to_string(&families)
    }
}

/// The name of a method, unless it is one of the others, of which clients can invent any number.
pub(crate) fn method_name(method: &Method) -> Option<&'static str> {
    Some(match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => return None,
    })
}

fn server(observed: &Observed<'_>) -> [MetricFamily; 3] {
    let build = [("version", version::PROGRAM), ("time_zone_database", version::TIME_ZONES)];
    let rate_limited = observed.rate_limited.iter().map(|&(limit, count)| (vec![("limit", limit)], count));
    [
        gauge("headroom_build_info", "1, with the versions as labels.", [(build.into(), 1)]),
        gauge(
            "headroom_ready",
            "1 if a write to the database succeeded within 2 s at this scrape, as for GET /readyz; 0 if not.",
            [(vec![], u64::from(observed.is_ready))],
        ),
        counter(
            "headroom_rate_limited_requests_total",
            "Requests refused with 429, by rate limit. Limits that are off are not listed.",
            rate_limited,
        ),
    ]
}

fn backups(status: &BackupStatus) -> [MetricFamily; 3] {
    let seconds = status.last_success_at.map(|at| u64::try_from(at.as_second()).unwrap_or(0));
    let result = |result, count| (vec![("result", result)], count);
    [
        gauge(
            "headroom_backup_last_success_timestamp_seconds",
            "When the newest scheduled backup began, whichever process made it; 0 before the first.",
            [(vec![], seconds.unwrap_or(0))],
        ),
        gauge(
            "headroom_backup_size_bytes",
            "The size of the newest scheduled backup, without the keys.",
            status.last_size_bytes.map(|bytes| (vec![], bytes)),
        ),
        counter(
            "headroom_backups_total",
            "Scheduled backups of this process, by result: succeeded or failed.",
            [result("succeeded", status.successes), result("failed", status.failures)],
        ),
    ]
}

fn spans(counts: &SpanCounts) -> [MetricFamily; 2] {
    let dropped = [("queue_full", counts.queue_full), ("export_failed", counts.export_failed)];
    let dropped = dropped.map(|(reason, count)| (vec![("reason", reason)], count));
    [
        counter("headroom_exported_spans_total", "Spans that the collector accepted.", [(vec![], counts.exported)]),
        counter(
            "headroom_dropped_spans_total",
            "Spans that were not exported, by reason: queue_full or export_failed.",
            dropped,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_that_clients_invent_share_a_label() {
        let invented = [b"BREW".as_slice(), b"get", b"PROPFIND"].map(|name| Method::from_bytes(name).unwrap());
        assert!(invented.iter().all(|method| method_name(method).is_none()));
        assert_eq!([Method::GET, Method::OPTIONS].each_ref().map(method_name), [Some("GET"), Some("OPTIONS")]);
    }
}
