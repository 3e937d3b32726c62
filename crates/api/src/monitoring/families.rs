//! Builds metric families from plain numbers, with the names and units of Prometheus' conventions.

use prometheus::proto::{Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType};
use storage::statistics::Distribution;

/// The labels of a number.
pub(super) type Labels = Vec<(&'static str, &'static str)>;

/// A family of numbers that only rise. Its name ends with `_total`.
pub(super) fn counter(name: &str, help: &str, values: impl IntoIterator<Item = (Labels, u64)>) -> MetricFamily {
    let metrics = values.into_iter().map(|(labels, value)| {
        let (mut metric, mut counter) = (labelled(labels), Counter::default());
        counter.set_value(float(value));
        metric.set_counter(counter);
        metric
    });
    family(name, help, MetricType::COUNTER, metrics.collect())
}

/// A family of numbers that rise and fall.
pub(super) fn gauge(name: &str, help: &str, values: impl IntoIterator<Item = (Labels, u64)>) -> MetricFamily {
    let metrics = values.into_iter().map(|(labels, value)| {
        let (mut metric, mut gauge) = (labelled(labels), Gauge::default());
        gauge.set_value(float(value));
        metric.set_gauge(gauge);
        metric
    });
    family(name, help, MetricType::GAUGE, metrics.collect())
}

/// A histogram.
pub(super) fn histogram(name: &str, help: &str, distribution: &Distribution) -> MetricFamily {
    let buckets = distribution.buckets.iter().map(|&(bound, count)| {
        let mut bucket = Bucket::default();
        bucket.set_upper_bound(bound);
        bucket.set_cumulative_count(count);
        bucket
    });
    let mut histogram = Histogram::default();
    histogram.set_bucket(buckets.collect());
    histogram.set_sample_count(distribution.count);
    histogram.set_sample_sum(distribution.sum);
    let mut metric = Metric::default();
    metric.set_histogram(histogram);
    family(name, help, MetricType::HISTOGRAM, vec![metric])
}

fn family(name: &str, help: &str, kind: MetricType, metrics: Vec<Metric>) -> MetricFamily {
    let mut family = MetricFamily::default();
    family.set_name(name.to_owned());
    family.set_help(help.to_owned());
    family.set_field_type(kind);
    family.set_metric(metrics);
    family
}

fn labelled(labels: Labels) -> Metric {
    let pairs = labels.into_iter().map(|(name, value)| {
        let mut pair = LabelPair::default();
        pair.set_name(name.to_owned());
        pair.set_value(value.to_owned());
        pair
    });
    Metric::from_label(pairs.collect())
}

#[expect(clippy::cast_precision_loss, reason = "Prometheus computes with f64")]
const fn float(value: u64) -> f64 {
    value as f64
}
