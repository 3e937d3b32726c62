//! Reads the plans of the file.

use std::collections::BTreeMap;

use domain::{Feature, FeatureType, FeatureValue, Limit, Metric, Name, Plan, PlanKey, QUANTITY_MAX, check_text};
use toml::de::DeValue;

use super::reader::{CatalogReader, Fields, Value, number, quantity};

/// The maximum number of plans: they are listed on one page.
const PLANS_MAX: usize = 100;
/// The maximum length of a plan's description, in characters.
const DESCRIPTION_CHARACTERS_MAX: usize = 500;

/// How many metrics every catalogue has.
const BUILTIN_METRICS: usize = 2;

/// The fields of a plan, for error messages.
const PLAN_FIELDS: &str =
    "a plan has key, name, description, position, replaces, default, self_service, limits and features";

/// A plan, and the byte offset of its table.
struct ReadPlan {
    at: usize,
    /// The position, if it has one and it is valid.
    position: Option<u32>,
    has_position: bool,
    /// `None` if it has a fault.
    plan: Option<Plan>,
}

impl<'a> CatalogReader<'a> {
    /// Every valid plan, in order: by position, or else as in the file.
    pub(super) fn plans(&mut self, tables: Option<Value<'a>>) -> Vec<Plan> {
        let Some(tables) = tables else {
            self.fault(0, "there is no plan: write a [[plan]] table for each".to_owned());
            return Vec::new();
        };
        let mut plans = Vec::new();
        for table in self.tables("plan", tables, 1..=PLANS_MAX).unwrap_or_default() {
            plans.extend(self.fields("plan", table).map(|fields| self.plan(fields)));
        }
        if plans.iter().any(|plan| plan.has_position) {
            for plan in plans.iter().filter(|plan| !plan.has_position) {
                self.fault(plan.at, "position is missing".to_owned());
            }
        }
        plans.sort_by_key(|plan| plan.position);
        plans.into_iter().filter_map(|plan| plan.plan).collect()
    }

    fn plan(&mut self, mut fields: Fields<'a>) -> ReadPlan {
        let at = fields.at;
        let position = fields.table.remove("position");
        let has_position = position.is_some();
        let position = position.and_then(|value| self.position(&value));
        let plan = self.fields_of_plan(fields);
        ReadPlan { at, position, has_position, plan }
    }

    /// The plan; its position has been read.
    fn fields_of_plan(&mut self, mut fields: Fields<'a>) -> Option<Plan> {
        let key = self.required(&mut fields, "key").and_then(|value| self.plan_key("key", &value));
        let name = self.required(&mut fields, "name").and_then(|value| self.name(&value));
        let description = fields.table.remove("description");
        let description = description.map_or(Some("".into()), |value| self.description(&value));
        let replaces = fields.table.remove("replaces").map_or(Some(Vec::new()), |value| self.replaces(&value));
        self.default_flag(&mut fields, key.as_ref());
        let is_self_service = self.flag(&mut fields, "self_service", true);
        let limits = self.required(&mut fields, "limits").and_then(|value| self.fields("limits", value));
        let limits = limits.and_then(|limits| self.limits(limits));
        let features = fields.table.remove("features");
        let features = features.map_or(Some(BTreeMap::new()), |value| {
            self.fields("features", value).and_then(|fields| self.values_of_features(fields))
        });
        self.refuse_rest(fields.table, PLAN_FIELDS);
        let (description, replaces, is_self_service) = (description?, replaces?, is_self_service?);
        let (limits, features) = (limits?, features?);
        Some(Plan { description, replaces, is_self_service, limits, features, ..Plan::new(key?, &name?) })
    }

    /// Notes the plan of new accounts. There is at most one.
    fn default_flag(&mut self, fields: &mut Fields<'a>, key: Option<&PlanKey>) {
        let at = fields.table.get("default").map_or(fields.at, |value| value.span().start);
        if self.flag(fields, "default", false) != Some(true) {
            return;
        }
        if let Some((_, first)) = &self.default_plan {
            let line = self.line(*first);
            self.fault(at, format!("at most one plan is the default: line {line} has one already"));
        } else {
            self.default_plan = Some((key.cloned(), at));
        }
    }

    fn limits(&mut self, fields: Fields<'a>) -> Option<BTreeMap<Metric, Limit>> {
        let (mut limits, mut is_valid) = (BTreeMap::new(), true);
        for (name, value) in fields.table {
            let metric = self.metrics.iter().find(|metric| metric.key == *name.get_ref().as_ref());
            let Some(metric) = metric.and_then(|metric| metric.key.parse::<Metric>().ok()) else {
                let own = if self.metrics.len() > BUILTIN_METRICS { ", and the key of each [[metric]]" } else { "" };
                let reason = format!("there is no {:?}: limits has staff and bookings_per_day{own}", name.get_ref());
                self.fault(name.span().start, reason);
                is_valid = false;
                continue;
            };
            match self.limit(metric.as_str(), &value) {
                Some(limit) => drop(limits.insert(metric, limit)),
                None => is_valid = false,
            }
        }
        is_valid.then_some(limits)
    }

    fn values_of_features(&mut self, fields: Fields<'a>) -> Option<BTreeMap<Feature, FeatureValue>> {
        let (mut values, mut is_valid) = (BTreeMap::new(), true);
        for (name, value) in fields.table {
            let Some(&feature_type) = self.features.get(name.get_ref().as_ref()) else {
                let reason = format!("there is no {:?}: features has the key of a [[feature]] alone", name.get_ref());
                self.fault(name.span().start, reason);
                is_valid = false;
                continue;
            };
            let read =
                feature_type.and_then(|feature_type| self.value_of_feature(name.get_ref(), feature_type, &value));
            match (name.get_ref().parse::<Feature>(), read) {
                (Ok(feature), Some(value)) => drop(values.insert(feature, value)),
                _ => is_valid = false,
            }
        }
        is_valid.then_some(values)
    }

    fn value_of_feature(&mut self, name: &str, feature_type: FeatureType, value: &Value<'a>) -> Option<FeatureValue> {
        let (takes, read) = match feature_type {
            FeatureType::Switch => ("true or false".to_owned(), value.get_ref().as_bool().map(FeatureValue::Switch)),
            FeatureType::Number => {
                (format!("0 to {QUANTITY_MAX}"), quantity(value.get_ref()).map(FeatureValue::Number))
            }
            FeatureType::Text => {
                let max = FeatureValue::CHARACTERS_MAX;
                let is_good = |text: &&str| text.chars().count() <= max && check_text(text).is_ok();
                let text = value.get_ref().as_str().map(str::trim).filter(|text| !text.is_empty()).filter(is_good);
                (
                    format!("a text of 1 to {max} characters and no control character"),
                    text.map(|text| FeatureValue::Text(text.into())),
                )
            }
        };
        self.accept(name, &takes, value, read)
    }

    fn name(&mut self, value: &Value<'a>) -> Option<Box<str>> {
        let name = value.get_ref().as_str().and_then(|text| Name::parse(text).ok()).map(|name| name.as_str().into());
        let max = Name::CHARACTERS_MAX;
        self.accept("name", &format!("1 to {max} characters, not dots alone, and no control character"), value, name)
    }

    fn description(&mut self, value: &Value<'a>) -> Option<Box<str>> {
        let max = DESCRIPTION_CHARACTERS_MAX;
        let is_good = |text: &&str| text.is_empty() || (text.chars().count() <= max && check_text(text).is_ok());
        let text = value.get_ref().as_str().map(str::trim).filter(is_good).map(Box::from);
        self.accept("description", &format!("0 to {max} characters and no control character"), value, text)
    }

    fn limit(&mut self, field: &str, value: &Value<'a>) -> Option<Limit> {
        let limit = match value.get_ref() {
            DeValue::String(text) if text == "unlimited" => Some(Limit::Unlimited),
            value => quantity(value).map(Limit::AtMost),
        };
        self.accept(field, &format!("0 to {QUANTITY_MAX} or \"unlimited\""), value, limit)
    }

    fn position(&mut self, value: &Value<'a>) -> Option<u32> {
        let position = self.accept("position", "0 to 4294967295", value, number(value.get_ref()))?;
        let at = value.span().start;
        if let Some(first) = self.positions.insert(position, at) {
            let line = self.line(first);
            self.fault(at, format!("the position {position} is in line {line} already"));
        }
        Some(position)
    }

    fn replaces(&mut self, value: &Value<'a>) -> Option<Vec<PlanKey>> {
        match value.get_ref().as_array() {
            Some(keys) => Some(keys.iter().filter_map(|key| self.plan_key("replaces", key)).collect()),
            None => self.accept("replaces", "a list of plan keys", value, None),
        }
    }

    fn plan_key(&mut self, field: &str, value: &Value<'a>) -> Option<PlanKey> {
        let key = value.get_ref().as_str().and_then(|text| text.parse::<PlanKey>().ok());
        let key = self.accept(field, "1 to 64 of a-z, 0-9, _ and -", value, key)?;
        let at = value.span().start;
        if let Some(first) = self.keys.insert(key.clone(), at) {
            let line = self.line(first);
            self.fault(at, format!("the plan key {key} is in line {line} already"));
        }
        Some(key)
    }
}
