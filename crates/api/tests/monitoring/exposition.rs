//! Prometheus' text format, read strictly: a scrape that breaks a rule of the format, or of the
//! naming conventions, fails the test.

use std::collections::{BTreeMap, BTreeSet};

/// The samples of one metric.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) name: String,
    kind: String,
    samples: Vec<Sample>,
}

/// One line: a name, labels and a value.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) value: f64,
}

/// A scrape.
#[derive(Debug)]
pub(crate) struct Scrape(Vec<Family>);

impl Scrape {
    /// Parses a scrape, and checks it.
    #[track_caller]
    pub(crate) fn parse(text: &str) -> Self {
        assert!(text.ends_with('\n'), "the last line is not ended");
        let mut families = Vec::<Family>::new();
        let mut help = None;
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, words) = rest.split_once(' ').expect("a HELP line has a name and a text");
                assert!(!words.trim().is_empty(), "{name} has no help");
                assert!(families.iter().all(|family| family.name != name), "{name} is there twice");
                help = Some(name);
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').expect("a TYPE line has a name and a type");
                assert_eq!(help, Some(name), "the TYPE follows the HELP");
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                families.push(Family { name: name.to_owned(), kind: kind.to_owned(), samples: Vec::new() });
            } else {
                let family = families.last_mut().expect("a TYPE line is first");
                family.samples.push(Sample::parse(line));
            }
        }
        for family in &families {
            family.check();
        }
        Self(families)
    }

    pub(crate) fn families(&self) -> &[Family] {
        &self.0
    }

    pub(crate) fn samples(&self) -> impl Iterator<Item = &Sample> {
        self.0.iter().flat_map(|family| &family.samples)
    }

    /// The sum of all samples of this name that have these labels, among others.
    pub(crate) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let has = |sample: &Sample, (label, value): &(&str, &str)| {
            sample.labels.get(*label).map(String::as_str) == Some(value)
        };
        let found = self.samples().filter(|it| it.name == name && labels.iter().all(|label| has(it, label)));
        found.fold(0.0, |sum, sample| sum + sample.value)
    }

    /// The series, without their values.
    pub(crate) fn series(&self) -> BTreeSet<String> {
        self.samples().map(Sample::series).collect()
    }
}

impl Family {
    fn check(&self) {
        let Self { name, kind, samples } = self;
        assert!(is_name(name) && (name.starts_with("headroom_") || name.starts_with("process_")), "{name}");
        assert!(!samples.is_empty(), "{name} has no samples");
        assert_eq!(kind == "counter", name.ends_with("_total"), "{name}: a counter is a _total, and nothing else");
        for unit in ["milliseconds", "microseconds", "_ms", "_kib", "_mib", "_pages", "_percent"] {
            assert!(!name.contains(unit), "{name}: the base units are seconds and bytes");
        }
        let series: BTreeSet<String> = samples.iter().map(Sample::series).collect();
        assert_eq!(series.len(), samples.len(), "{name} has a series twice");
        let label_sets: BTreeSet<Vec<&String>> = samples.iter().map(Sample::own_labels).collect();
        assert_eq!(label_sets.len(), 1, "{name}: all series have the same labels: {label_sets:?}");
        if kind == "histogram" {
            self.check_histogram();
        } else {
            assert!(samples.iter().all(|sample| sample.name == *name), "{name}: {samples:?}");
            assert!(kind == "gauge" || samples.iter().all(|sample| sample.value >= 0.0), "{name}");
        }
    }

    fn check_histogram(&self) {
        let mut parts = BTreeMap::<String, (Vec<(f64, f64)>, Option<f64>, Option<f64>)>::new();
        for sample in &self.samples {
            let mut labels = sample.labels.clone();
            let bound = labels.remove("le").map(|bound| bound.replace("+Inf", "inf").parse().expect("a bound"));
            let part = parts.entry(format!("{labels:?}")).or_default();
            match (sample.name.strip_prefix(&self.name), bound) {
                (Some("_bucket"), Some(bound)) => part.0.push((bound, sample.value)),
                (Some("_sum"), None) => part.1 = Some(sample.value),
                (Some("_count"), None) => part.2 = Some(sample.value),
                _ => panic!("not of a histogram: {sample:?}"),
            }
        }
        for (labels, (buckets, sum, count)) in parts {
            let ascending = buckets.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1);
            assert!(ascending, "{}{labels}: {buckets:?}", self.name);
            let last = buckets.last().expect("a histogram has buckets");
            assert!(last.0.is_infinite() && Some(last.1) == count && sum.is_some(), "{}{labels}", self.name);
        }
    }
}

impl Sample {
    fn parse(line: &str) -> Self {
        let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no value: {line}"));
        let value = value.parse().unwrap_or_else(|_| panic!("not a number: {line}"));
        let (name, labels) = series.split_once('{').map_or((series, ""), |(name, rest)| {
            (name, rest.strip_suffix('}').unwrap_or_else(|| panic!("the labels do not end: {line}")))
        });
        assert!(is_name(name), "{line}");
        Self { name: name.to_owned(), labels: labels_of(labels, line), value }
    }

    fn series(&self) -> String {
        format!("{}{:?}", self.name, self.labels)
    }

    /// The names of its labels, without the bound of a bucket.
    fn own_labels(&self) -> Vec<&String> {
        self.labels.keys().filter(|label| *label != "le").collect()
    }
}

fn labels_of(text: &str, line: &str) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (name, quoted) = rest.split_once("=\"").unwrap_or_else(|| panic!("no value of a label: {line}"));
        let end = quoted.find('"').unwrap_or_else(|| panic!("a value does not end: {line}"));
        let value = &quoted[..end];
        assert!(is_name(name) && !name.contains(':') && !value.contains('\\'), "{line}");
        assert!(labels.insert(name.to_owned(), value.to_owned()).is_none(), "a label is there twice: {line}");
        rest = &quoted[end + 1..];
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
    labels
}

fn is_name(text: &str) -> bool {
    let is_first = |c: char| c.is_ascii_alphabetic() || c == '_';
    text.starts_with(is_first) && text.chars().all(|c| is_first(c) || c.is_ascii_digit())
}
