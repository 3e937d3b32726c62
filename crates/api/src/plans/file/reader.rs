//! Reads values of the file, and collects its faults.

use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};

use domain::{FeatureType, InvalidCatalog, MetricDef, PlanCatalog, PlanKey, QUANTITY_MAX};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// How many characters of a refused value an error message quotes.
const QUOTE_CHARACTERS_MAX: usize = 60;
/// The fields of the document, for error messages.
const DOCUMENT_FIELDS: &str = "a catalogue has [[metric]], [[feature]] and [[plan]] tables and nothing else";

/// A fault, and its byte offset.
pub(super) struct CatalogFault {
    pub(super) at: usize,
    pub(super) reason: String,
}

pub(super) type Value<'a> = Spanned<DeValue<'a>>;

/// A table whose fields are removed as they are read, and its byte offset.
pub(super) struct Fields<'a> {
    pub(super) at: usize,
    pub(super) table: DeTable<'a>,
}

/// The definition of a metric, as far as it was read.
pub(super) struct ReadMetric {
    pub(super) key: String,
    /// `None` if it has a fault.
    pub(super) def: Option<MetricDef>,
}

/// Reads the document, and collects its faults.
pub(super) struct CatalogReader<'a> {
    pub(super) text: &'a str,
    pub(super) faults: Vec<CatalogFault>,
    /// The metrics read so far, those of every catalogue first.
    pub(super) metrics: Vec<ReadMetric>,
    /// The features read so far, without a type if it has a fault.
    pub(super) features: BTreeMap<String, Option<FeatureType>>,
    /// The byte offsets of the plan keys and positions read so far.
    pub(super) keys: BTreeMap<PlanKey, usize>,
    pub(super) positions: BTreeMap<u32, usize>,
    /// The plan of new accounts, and its byte offset.
    pub(super) default_plan: Option<(Option<PlanKey>, usize)>,
}

impl<'a> CatalogReader<'a> {
    /// The catalogue in the document. It is valid if there are no faults.
    pub(super) fn catalog(&mut self, mut document: DeTable<'a>) -> Result<PlanCatalog, InvalidCatalog> {
        let (metrics, features) = (document.remove("metric"), document.remove("feature"));
        let plans = document.remove("plan");
        self.refuse_rest(document, DOCUMENT_FIELDS);
        let metrics = self.metrics(metrics);
        let features = self.features(features);
        let plans = self.plans(plans);
        let default_plan = self.default_plan.take().and_then(|(key, _)| key);
        Ok(PlanCatalog::with_metrics(metrics, features, plans)?.with_default(default_plan))
    }

    pub(super) fn fault(&mut self, at: usize, reason: String) {
        self.faults.push(CatalogFault { at, reason });
    }

    /// The line of a byte, counted from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        line(self.text.as_bytes(), at)
    }

    pub(super) fn required(&mut self, fields: &mut Fields<'a>, name: &str) -> Option<Value<'a>> {
        let value = fields.table.remove(name);
        if value.is_none() {
            self.fault(fields.at, format!("{name} is missing"));
        }
        value
    }

    pub(super) fn refuse_rest(&mut self, rest: DeTable<'a>, known: &str) {
        for (name, _) in rest {
            self.fault(name.span().start, format!("there is no {:?}: {known}", name.get_ref()));
        }
    }

    /// Adds a fault that says which values the field takes.
    pub(super) fn refuse(&mut self, field: &str, takes: &str, span: Range<usize>) {
        let at = span.start;
        let written = self.text.get(span).and_then(|text| text.lines().next()).unwrap_or_default();
        let quote: String = written.chars().take(QUOTE_CHARACTERS_MAX).collect();
        let more = if quote.len() < written.len() { "…" } else { "" };
        self.fault(at, format!("{field} takes {takes}, not {quote}{more}"));
    }

    /// Returns the parsed value, or adds a fault that says which values the field takes.
    pub(super) fn accept<T>(&mut self, field: &str, takes: &str, value: &Value<'a>, parsed: Option<T>) -> Option<T> {
        if parsed.is_none() {
            self.refuse(field, takes, value.span());
        }
        parsed
    }

    /// The tables under `[[name]]`, as many as `range` says; `None`, with a
    /// fault, if they are anything else.
    pub(super) fn tables(
        &mut self,
        name: &str,
        value: Value<'a>,
        range: RangeInclusive<usize>,
    ) -> Option<Vec<Value<'a>>> {
        let span = value.span();
        match value.into_inner() {
            DeValue::Array(tables) if range.contains(&tables.len()) => return Some(tables.into_iter().collect()),
            DeValue::Array(tables) => {
                let (min, max) = range.into_inner();
                self.fault(span.start, format!("there are {min} to {max} {name}s, not {}", tables.len()));
            }
            _ => self.refuse(name, &format!("tables, with [[{name}]] above each"), span),
        }
        None
    }

    pub(super) fn fields(&mut self, name: &str, value: Value<'a>) -> Option<Fields<'a>> {
        let span = value.span();
        if let DeValue::Table(table) = value.into_inner() {
            return Some(Fields { at: span.start, table });
        }
        self.refuse(name, "a table", span);
        None
    }

    /// An optional `true` or `false`.
    pub(super) fn flag(&mut self, fields: &mut Fields<'a>, name: &str, default: bool) -> Option<bool> {
        let Some(value) = fields.table.remove(name) else { return Some(default) };
        self.accept(name, "true or false", &value, value.get_ref().as_bool())
    }
}

/// The line of a byte, counted from 1.
pub(super) fn line(bytes: &[u8], at: usize) -> usize {
    bytes.iter().take(at).filter(|&&byte| byte == b'\n').count() + 1
}

/// A whole number from 0 to 4294967295.
pub(super) fn number(value: &DeValue<'_>) -> Option<u32> {
    let number = value.as_integer()?;
    u32::from_str_radix(number.as_str(), number.radix()).ok()
}

/// A whole number from 0 to [`QUANTITY_MAX`].
pub(super) fn quantity(value: &DeValue<'_>) -> Option<u64> {
    let number = value.as_integer()?;
    u64::from_str_radix(number.as_str(), number.radix()).ok().filter(|&number| number <= QUANTITY_MAX)
}
