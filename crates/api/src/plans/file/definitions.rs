//! Reads the metrics and the features of the file.

use domain::{Feature, FeatureDef, FeatureType, Kind, Meter, Metric, MetricDef, Window};

use super::reader::{CatalogReader, Fields, ReadMetric, Value};

/// The maximum number of custom metrics, and of features.
const METRICS_MAX: usize = 100;
const FEATURES_MAX: usize = 100;

/// The fields of each table, for error messages.
const METRIC_FIELDS: &str = "a metric has key, kind, meter, window and records";
const FEATURE_FIELDS: &str = "a feature has key and type";
/// What a key is, for error messages.
const KEY: &str = "1 to 64 of a-z, 0-9 and _";

impl<'a> CatalogReader<'a> {
    /// The valid custom metrics.
    pub(super) fn metrics(&mut self, tables: Option<Value<'a>>) -> Vec<MetricDef> {
        let builtin = MetricDef::builtin().map(|def| ReadMetric { key: def.key.to_string(), def: Some(def) });
        self.metrics.extend(builtin);
        let tables = tables.and_then(|tables| self.tables("metric", tables, 0..=METRICS_MAX));
        for table in tables.unwrap_or_default() {
            if let Some(fields) = self.fields("metric", table) {
                self.metric(fields);
            }
        }
        let defined = self.metrics.iter().filter_map(|metric| metric.def.clone());
        defined.filter(|def| !def.is_builtin()).collect()
    }

    fn metric(&mut self, mut fields: Fields<'a>) {
        let at = fields.at;
        let key_value = self.required(&mut fields, "key");
        let key_at = key_value.as_ref().map_or(at, |value| value.span().start);
        let key: Option<Metric> = key_value.and_then(|value| self.parsed("key", KEY, &value));
        let meter = match (fields.table.remove("meter"), &key) {
            (Some(value), _) => self.parsed("meter", KEY, &value),
            (None, Some(key)) => key.as_str().parse::<Meter>().ok(),
            (None, None) => None,
        };
        let kind = self.kind(&mut fields);
        let has_records = self.flag(&mut fields, "records", true);
        self.refuse_rest(fields.table, METRIC_FIELDS);
        let Some(key) = key else { return };
        let name = key.to_string();
        let def = match (meter, kind, has_records) {
            (Some(meter), Some(kind), Some(has_records)) => Some(MetricDef { key, meter, kind, has_records }),
            _ => None,
        };
        let before: Vec<MetricDef> = self.metrics.iter().filter_map(|metric| metric.def.clone()).collect();
        let fault = def.as_ref().and_then(|def| def.check(&before).err());
        if let Some(fault) = &fault {
            self.fault(key_at, fault.to_string());
        }
        self.metrics.push(ReadMetric { key: name, def: def.filter(|_| fault.is_none()) });
    }

    /// The kind with its window, which counters have and gauges do not.
    fn kind(&mut self, fields: &mut Fields<'a>) -> Option<Kind> {
        let kind = self.required(fields, "kind");
        let window_value = fields.table.remove("window");
        let takes = alternatives(Window::ALL.iter().map(|window| window.as_str()));
        let window = window_value.as_ref().map(|value| self.parsed::<Window>("window", &takes, value));
        let kind = kind?;
        match (kind.get_ref().as_str(), window) {
            (Some("gauge"), None) => Some(Kind::Gauge),
            (Some("gauge"), Some(_)) => {
                let at = window_value.map_or(fields.at, |value| value.span().start);
                self.fault(at, "a gauge has no window: it counts what exists at once".to_owned());
                None
            }
            (Some("counter"), Some(window)) => window.map(Kind::Counter),
            (Some("counter"), None) => {
                self.fault(fields.at, format!("window is missing: a counter takes {takes}"));
                None
            }
            _ => self.accept("kind", "\"gauge\" or \"counter\"", &kind, None),
        }
    }

    /// The valid features.
    pub(super) fn features(&mut self, tables: Option<Value<'a>>) -> Vec<FeatureDef> {
        let tables = tables.and_then(|tables| self.tables("feature", tables, 0..=FEATURES_MAX));
        let mut features = Vec::new();
        for table in tables.unwrap_or_default() {
            features.extend(self.fields("feature", table).and_then(|fields| self.feature(fields)));
        }
        features
    }

    fn feature(&mut self, mut fields: Fields<'a>) -> Option<FeatureDef> {
        let key_value = self.required(&mut fields, "key");
        let at = key_value.as_ref().map_or(fields.at, |value| value.span().start);
        let key: Option<Feature> = key_value.and_then(|value| self.parsed("key", KEY, &value));
        let takes = alternatives(FeatureType::ALL.iter().map(|feature_type| feature_type.as_str()));
        let feature_type = match fields.table.remove("type") {
            Some(value) => self.parsed("type", &takes, &value),
            None => Some(FeatureType::Switch),
        };
        self.refuse_rest(fields.table, FEATURE_FIELDS);
        let key = key?;
        if self.features.contains_key(key.as_str()) || self.metrics.iter().any(|metric| metric.key == key.as_str()) {
            self.fault(at, format!("the key {key} is that of another feature or of a metric"));
            return None;
        }
        self.features.insert(key.to_string(), feature_type);
        Some(FeatureDef { key, feature_type: feature_type? })
    }

    /// The text as a `T`, or a fault that says which values the field takes.
    fn parsed<T: std::str::FromStr>(&mut self, field: &str, takes: &str, value: &Value<'a>) -> Option<T> {
        let parsed = value.get_ref().as_str().and_then(|text| text.parse().ok());
        self.accept(field, takes, value, parsed)
    }
}

/// The words, each in quotes, with commas and an "or".
fn alternatives<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let mut words: Vec<String> = words.map(|word| format!("{word:?}")).collect();
    let last = words.pop().unwrap_or_default();
    format!("{} or {last}", words.join(", "))
}
