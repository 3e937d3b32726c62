//! Entitlements: the limits and features of an account's plan, with the account's overrides and grants
//! applied.

use jiff::Timestamp;

use crate::{
    FaultReason, Faults, Feature, FeatureDef, FeatureOverride, FeatureValue, Grant, Kind, Limit, LimitWindow, Meter,
    Metric, Notes, Plan, PlanKey, Usage, UserId,
};

/// A limit that an operator set for one account, instead of its plan's.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Override {
    /// The metric it limits.
    pub metric: Metric,
    /// The limit.
    pub limit: Limit,
    /// The operator's reason.
    pub reason: Notes,
    /// When it expires; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// The operator who set it.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
}

impl Override {
    /// Whether it has not expired at `now`.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// The fields of a new override.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewOverride {
    /// The limit.
    pub limit: Limit,
    /// Why.
    pub reason: Notes,
    /// When it expires; `None` for never.
    pub expires_at: Option<Timestamp>,
}

impl NewOverride {
    /// Parses an override. The caller checks that `expires_at` is in the future.
    ///
    /// # Errors
    /// All faults in the fields.
    pub fn parse(
        limit: Result<Limit, FaultReason>,
        reason: Option<&str>,
        expires_at: Option<&str>,
    ) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let limit = faults.take("limit", limit);
        let reason = faults.take("reason", reason.ok_or(FaultReason::Required).and_then(Notes::parse));
        let expires_at = faults.take_optional("expires_at", expires_at.map(crate::parse_instant));
        match (limit, reason, expires_at) {
            (Some(limit), Some(reason), Some(expires_at)) => Ok(Self { limit, reason, expires_at }),
            _ => Err(faults),
        }
    }
}

/// The effective limits of an account at an instant: of each metric, the [`Override`] in force or
/// else the plan's limit, and the [`Grant`]s in force on top of it.
#[derive(Clone, Copy, Debug)]
pub struct EffectiveLimits<'a> {
    /// The plan in force.
    pub plan: &'a Plan,
    overrides: &'a [Override],
    grants: &'a [Grant],
    at: Timestamp,
}

impl<'a> EffectiveLimits<'a> {
    /// The effective limits of an account on `plan` with `overrides`, at an instant.
    ///
    /// ```
    /// use domain::{Limit, Metric, Override, Notes, PlanCatalog, EffectiveLimits, Timestamp, UserId, Uuid};
    ///
    /// let (catalog, noon) = (PlanCatalog::builtin(), "2026-03-29T12:00:00Z".parse().unwrap());
    /// let overrides = [Override {
    ///     metric: Metric::STAFF,
    ///     limit: Limit::Unlimited,
    ///     reason: Notes::parse("Until the new year").unwrap(),
    ///     expires_at: Some(noon),
    ///     created_by: UserId::from_uuid(Uuid::nil()),
    ///     created_at: Timestamp::UNIX_EPOCH,
    /// }];
    /// let basic = catalog.find("basic").unwrap();
    /// let before = EffectiveLimits::new(basic, &overrides, Timestamp::UNIX_EPOCH);
    /// assert_eq!(before.limit(&Metric::STAFF), Limit::Unlimited);
    /// assert_eq!(EffectiveLimits::new(basic, &overrides, noon).limit(&Metric::STAFF), Limit::AtMost(2));
    /// ```
    #[must_use]
    pub const fn new(plan: &'a Plan, overrides: &'a [Override], at: Timestamp) -> Self {
        Self { plan, overrides, grants: &[], at }
    }

    /// These limits, with `grants` on top.
    #[must_use]
    pub const fn with_grants(self, grants: &'a [Grant]) -> Self {
        Self { grants, ..self }
    }

    /// The effective limit of `metric`.
    #[must_use]
    pub fn limit(&self, metric: &Metric) -> Limit {
        let base = self.override_of(metric).map_or_else(|| self.plan.limit(metric), |given| given.limit);
        base.plus(self.granted(metric))
    }

    /// The override of `metric` in force, if any.
    #[must_use]
    pub fn override_of(&self, metric: &Metric) -> Option<&'a Override> {
        self.overrides.iter().find(|given| given.metric == *metric && given.is_in_force(self.at))
    }

    /// The sum of the grants of `metric` in force.
    #[must_use]
    pub fn granted(&self, metric: &Metric) -> u64 {
        let grants = self.grants.iter().filter(|grant| grant.metric == *metric && grant.is_in_force(self.at));
        grants.fold(0, |sum, grant| sum.saturating_add(grant.quantity))
    }
}

impl<'a> From<&'a Plan> for EffectiveLimits<'a> {
    /// The limits of the plan alone.
    fn from(plan: &'a Plan) -> Self {
        Self::new(plan, &[], Timestamp::MIN)
    }
}

/// The limit of one metric for an account, how much of it is used, and where the limit comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Entitlement {
    /// The metric.
    pub metric: Metric,
    /// What it counts.
    pub meter: Meter,
    /// How it counts.
    pub kind: Kind,
    /// Used and permitted; what is held is used. Without a plan, nothing is permitted.
    pub usage: Usage,
    /// How much of the usage is held.
    pub held: u64,
    /// How much of the limit was granted.
    pub granted: u64,
    /// The window, for a counter. `None` also for one that never resets.
    pub window: Option<LimitWindow>,
    /// The plan in force, if any.
    pub plan: Option<PlanKey>,
    /// The override in force, if any.
    pub given: Option<Override>,
}

/// The value of one feature for an account, and where it comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct FeatureEntitlement {
    /// The feature.
    pub feature: Feature,
    /// The value. Without a plan, it is [absent](FeatureValue::absent).
    pub value: FeatureValue,
    /// The value of the plan alone.
    pub plan_value: FeatureValue,
    /// The plan in force, if any.
    pub plan: Option<PlanKey>,
    /// The override in force, if any.
    pub given: Option<FeatureOverride>,
}

impl FeatureEntitlement {
    /// The value for an account with these effective limits, if it has a plan, and `overrides` of
    /// its features. An override of another type is of an earlier catalogue, and has no effect.
    #[must_use]
    pub fn new(
        feature: &FeatureDef,
        limits: Option<EffectiveLimits<'_>>,
        overrides: &[FeatureOverride],
        at: Timestamp,
    ) -> Self {
        let plan = limits.map(|limits| limits.plan);
        let plan_value = plan.map_or_else(|| FeatureValue::absent(feature.feature_type), |plan| plan.feature(feature));
        let applies = |given: &&FeatureOverride| {
            given.feature == feature.key && given.value.feature_type() == feature.feature_type && given.is_in_force(at)
        };
        let given = overrides.iter().find(applies).filter(|_| plan.is_some());
        Self {
            feature: feature.key.clone(),
            value: given.map_or_else(|| plan_value.clone(), |given| given.value.clone()),
            plan_value,
            plan: plan.map(|plan| plan.key.clone()),
            given: given.cloned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FeatureType;

    #[test]
    fn an_override_is_parsed_or_refused_with_all_its_faults() {
        let parsed = NewOverride::parse(Ok(Limit::AtMost(3)), Some("Add-on"), None).unwrap();
        assert_eq!((parsed.limit, parsed.expires_at), (Limit::AtMost(3), None));
        let faults = NewOverride::parse(Err(FaultReason::Required), None, Some("soon")).unwrap_err();
        let fields: Vec<_> = faults.iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["limit", "reason", "expires_at"]);
    }

    #[test]
    fn an_override_replaces_the_limit_of_its_metric_until_it_expires() {
        let end: Timestamp = "2026-03-29T12:00:00Z".parse().unwrap();
        let microsecond = jiff::SignedDuration::from_micros(1);
        let given = |metric, expires_at| Override {
            metric,
            limit: Limit::AtMost(9),
            reason: Notes::parse("Add-on").unwrap(),
            expires_at,
            created_by: UserId::from_uuid(crate::Uuid::nil()),
            created_at: Timestamp::UNIX_EPOCH,
        };
        let catalog = crate::PlanCatalog::builtin();
        let basic = catalog.find("basic").unwrap();
        for (overrides, at, limits) in [
            ([given(Metric::STAFF, None)], end, [9, 5]),
            ([given(Metric::STAFF, Some(end))], end - microsecond, [9, 5]),
            ([given(Metric::STAFF, Some(end))], end, [2, 5]),
            ([given(Metric::STAFF, Some(end))], end + microsecond, [2, 5]),
            ([given(Metric::BOOKINGS_PER_DAY, Some(end))], end - microsecond, [2, 9]),
        ] {
            let effective = EffectiveLimits::new(basic, &overrides, at);
            let found = [Metric::STAFF, Metric::BOOKINGS_PER_DAY].map(|metric| effective.limit(&metric));
            assert_eq!(found, limits.map(Limit::AtMost), "{overrides:?} at {at}");
        }
    }

    #[test]
    fn grants_in_force_add_up_on_top_of_the_plan_or_an_override() {
        let end: Timestamp = "2026-03-29T12:00:00Z".parse().unwrap();
        let microsecond = jiff::SignedDuration::from_micros(1);
        let grant = |quantity, expires_at| Grant {
            id: crate::GrantId::from_uuid(crate::Uuid::nil()),
            metric: Metric::STAFF,
            quantity,
            reason: Notes::parse("Add-on").unwrap(),
            reference: None,
            expires_at,
            created_by: UserId::from_uuid(crate::Uuid::nil()),
            created_at: Timestamp::UNIX_EPOCH,
        };
        let catalog = crate::PlanCatalog::builtin();
        let basic = catalog.find("basic").unwrap();
        let grants = [grant(3, None), grant(10, Some(end))];
        let limits = EffectiveLimits::new(basic, &[], end - microsecond).with_grants(&grants);
        assert_eq!(limits.limit(&Metric::STAFF), Limit::AtMost(15));
        assert_eq!(limits.limit(&Metric::BOOKINGS_PER_DAY), Limit::AtMost(5));
        let limits = EffectiveLimits::new(basic, &[], end).with_grants(&grants);
        assert_eq!((limits.limit(&Metric::STAFF), limits.granted(&Metric::STAFF)), (Limit::AtMost(5), 3));
        let most = [grant(u64::MAX, None), grant(1, None)];
        assert_eq!(limits.with_grants(&most).limit(&Metric::STAFF), Limit::AtMost(crate::QUANTITY_MAX));
    }

    #[test]
    fn an_override_in_force_of_the_same_type_replaces_the_plans_value() {
        let (end, microsecond) = (Timestamp::constant(1_774_000_000, 0), jiff::SignedDuration::from_micros(1));
        let feature = FeatureDef { key: "history".parse().unwrap(), feature_type: FeatureType::Number };
        let given = |value| FeatureOverride {
            feature: feature.key.clone(),
            value,
            reason: Notes::parse("A pilot").unwrap(),
            expires_at: Some(end),
            created_by: UserId::from_uuid(crate::Uuid::nil()),
            created_at: Timestamp::UNIX_EPOCH,
        };
        let mut plan = Plan::new("pro".parse().unwrap(), "Pro");
        plan.features.insert(feature.key.clone(), FeatureValue::Number(30));
        let number = [given(FeatureValue::Number(90))];
        let before = end - microsecond;
        for (plan, overrides, at, value) in [
            (Some(&plan), &number[..], before, 90),
            (Some(&plan), &number, end, 30),
            (Some(&plan), &[given(FeatureValue::Switch(true))], before, 30),
            (Some(&plan), &[], before, 30),
            (None, &number, before, 0),
        ] {
            let limits = plan.map(EffectiveLimits::from);
            let entitlement = FeatureEntitlement::new(&feature, limits, overrides, at);
            assert_eq!(entitlement.value, FeatureValue::Number(value), "{overrides:?} at {at}");
            assert_eq!(entitlement.given.is_some(), value == 90);
        }
    }
}
