//! The body of a check.

use domain::use_cases::{Question, When};
use domain::{FaultReason, Faults, KeyKind, Kind, MetricDef, PlanCatalog, Window, parse_day, parse_instant};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::{CatalogFields, Input, List};

/// The most questions of one request.
const QUESTIONS_MAX: usize = 100;

/// What would be created, or the feature that would be used: one of `metric`, `meter` and `feature`;
/// or several questions.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CheckRequest, example = json!({"metric": "bookings_per_day", "quantity": 3}))]
pub(crate) struct CheckRequest {
    /// The metric, such as `staff`.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    metric: Input,
    /// The number of units. Default: 1.
    #[serde(default)]
    #[schema(value_type = Option<u64>, format = Int64, minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    quantity: Input,
    /// The day, from 1970-01-01 to 2199-12-31, for counters of days or longer windows only. Default:
    /// today in the account's time zone.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    on: Input,
    /// The meter, such as `bookings`: all its metrics are checked, as creation does.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    meter: Input,
    /// The feature.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    feature: Input,
    /// The instant, RFC 3339 with an offset, for counters only. Default: now.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Input,
    /// Up to 100 questions, instead of one.
    #[serde(default)]
    #[schema(value_type = Option<Vec<QuestionFields>>, min_items = 1, max_items = 100)]
    checks: List<QuestionFields>,
}

/// One question of several: one of `metric`, `meter` and `feature`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CheckQuestion)]
pub(crate) struct QuestionFields {
    /// The metric, such as `staff`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "staff")]
    metric: Input,
    /// The number of units. Default: 1.
    #[serde(default)]
    #[schema(value_type = Option<u64>, format = Int64, minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    quantity: Input,
    /// The day, for counters of days or longer windows only.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    on: Input,
    /// The meter, such as `bookings`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    meter: Input,
    /// The feature.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    feature: Input,
    /// The instant, for counters only.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Input,
}

/// The parsed request.
pub(crate) struct ParsedCheck {
    pub(super) questions: Vec<Question>,
    pub(super) is_batch: bool,
}

impl CatalogFields for CheckRequest {
    type Parsed = ParsedCheck;

    const UNLISTED: &[&str] = &["meter", "feature", "at", "checks"];

    fn parse(self, catalog: &PlanCatalog) -> Result<ParsedCheck, Faults> {
        let Self { metric, quantity, on, meter, feature, at, checks } = self;
        let mut faults = Faults::default();
        let fields = QuestionFields { metric, quantity, on, meter, feature, at };
        let parse = |question: QuestionFields| question.parse(catalog);
        let Some(questions) = checks.parse_items("checks", QUESTIONS_MAX, &mut faults, parse) else {
            return Ok(ParsedCheck { questions: vec![fields.parse(catalog)?], is_batch: false });
        };
        for (field, _) in fields.named().into_iter().filter(|(_, value)| is_sent(value)) {
            faults.add(field, FaultReason::NotBeside { field: "checks" });
        }
        faults.finish(Ok(ParsedCheck { questions, is_batch: true }))
    }
}

fn is_sent(value: &Input) -> bool {
    !matches!(value, Input::Absent | Input::Null)
}

impl QuestionFields {
    fn named(&self) -> [(&'static str, &Input); 6] {
        let Self { metric, quantity, on, meter, feature, at } = self;
        [("metric", metric), ("quantity", quantity), ("on", on), ("meter", meter), ("feature", feature), ("at", at)]
    }

    fn parse(self, catalog: &PlanCatalog) -> Result<Question, Faults> {
        let is_about = |value: &Input| is_sent(value) && !is_sent(&self.metric);
        if is_about(&self.feature) {
            self.parse_feature(catalog)
        } else if is_about(&self.meter) {
            self.parse_meter(catalog)
        } else {
            self.parse_metric(catalog)
        }
    }

    fn parse_feature(&self, catalog: &PlanCatalog) -> Result<Question, Faults> {
        let mut faults = Faults::default();
        self.refuse_beside("feature", &["quantity", "on", "meter", "at"], &mut faults);
        let feature = self.feature.get("feature", &mut faults).ok_or(FaultReason::Required);
        let unknown = FaultReason::UnknownKey { kind: KeyKind::Feature };
        let feature = feature.and_then(|key| catalog.feature(key).cloned().ok_or(unknown));
        match faults.take("feature", feature) {
            Some(feature) if faults.is_empty() => Ok(Question::Feature(feature)),
            _ => Err(faults),
        }
    }

    fn parse_meter(&self, catalog: &PlanCatalog) -> Result<Question, Faults> {
        let mut faults = Faults::default();
        self.refuse_beside("meter", &["feature"], &mut faults);
        let meter = self.meter.get("meter", &mut faults).ok_or(FaultReason::Required);
        let metrics = meter.and_then(|key| {
            let of_meter = catalog.metrics().iter().filter(|metric| metric.meter.as_str() == key);
            let metrics: Vec<MetricDef> = of_meter.cloned().collect();
            if metrics.is_empty() { Err(FaultReason::UnknownKey { kind: KeyKind::Meter }) } else { Ok(metrics) }
        });
        let metrics = faults.take("meter", metrics);
        self.parse_limit(metrics, faults)
    }

    fn parse_metric(&self, catalog: &PlanCatalog) -> Result<Question, Faults> {
        let mut faults = Faults::default();
        self.refuse_beside("metric", &["meter", "feature"], &mut faults);
        let metric = self.metric.get("metric", &mut faults).ok_or(FaultReason::Required);
        let unknown = if catalog.is_extended() {
            FaultReason::UnknownKey { kind: KeyKind::Metric }
        } else {
            FaultReason::NotOneOf { words: "staff, bookings_per_day" }
        };
        let metrics = metric.and_then(|key| catalog.metric(key).map(|metric| vec![metric.clone()]).ok_or(unknown));
        let metrics = faults.take("metric", metrics);
        self.parse_limit(metrics, faults)
    }

    /// Adds a fault for each of these fields that was sent.
    fn refuse_beside(&self, subject: &'static str, others: &[&str], faults: &mut Faults) {
        let others = self.named().into_iter().filter(|(field, value)| others.contains(field) && is_sent(value));
        for (field, _) in others {
            faults.add(field, FaultReason::NotBeside { field: subject });
        }
    }

    /// The question about these metrics, which are `None` if there is a fault already.
    fn parse_limit(&self, metrics: Option<Vec<MetricDef>>, mut faults: Faults) -> Result<Question, Faults> {
        let quantity = faults.take("quantity", self.quantity.number(1)).map(|quantity| quantity.unwrap_or(1));
        let on = self.on.get("on", &mut faults);
        if on.is_some() && !metrics.iter().flatten().all(is_by_day) {
            faults.add("on", FaultReason::NotByDay);
        }
        let on = faults.take_optional("on", on.map(parse_day));
        let at = self.at.get("at", &mut faults);
        if at.is_some() && metrics.iter().flatten().any(|metric| metric.kind == Kind::Gauge) {
            faults.add("at", FaultReason::NotApplicable);
        }
        if at.is_some() && is_sent(&self.on) {
            faults.add("at", FaultReason::NotBeside { field: "on" });
        }
        let at = faults.take_optional("at", at.map(parse_instant));
        let when = match (on, at) {
            (Some(Some(day)), _) => Some(When::On(day)),
            (_, Some(Some(at))) => Some(When::At(at)),
            (Some(None), Some(None)) => Some(When::Now),
            _ => None,
        };
        match (metrics, quantity, when) {
            (Some(metrics), Some(requested), Some(when)) if faults.is_empty() => {
                Ok(Question::Limit { metrics, requested, when })
            }
            _ => Err(faults),
        }
    }
}

/// Whether the windows of the metric are days, or longer spans of days.
const fn is_by_day(metric: &MetricDef) -> bool {
    matches!(metric.kind, Kind::Counter(Window::Day | Window::Week | Window::Month | Window::Year | Window::Period))
}
