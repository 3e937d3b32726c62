//! Entitlements: the limits of an account's plan, with the account's overrides applied.

use jiff::Timestamp;

use crate::{BusinessDay, FaultReason, Faults, Limit, Metric, Notes, Plan, PlanKey, Usage, UserId};

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

/// The effective limits of an account at an instant: those of its plan, with each [`Override`] in
/// force instead of the plan's limit.
#[derive(Clone, Copy, Debug)]
pub struct EffectiveLimits<'a> {
    /// The plan in force.
    pub plan: &'a Plan,
    overrides: &'a [Override],
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
    ///     metric: Metric::Staff,
    ///     limit: Limit::Unlimited,
    ///     reason: Notes::parse("Until the new year").unwrap(),
    ///     expires_at: Some(noon),
    ///     created_by: UserId::from_uuid(Uuid::nil()),
    ///     created_at: Timestamp::UNIX_EPOCH,
    /// }];
    /// let basic = catalog.find("basic").unwrap();
    /// assert_eq!(EffectiveLimits::new(basic, &overrides, Timestamp::UNIX_EPOCH).limit(Metric::Staff), Limit::Unlimited);
    /// assert_eq!(EffectiveLimits::new(basic, &overrides, noon).limit(Metric::Staff), Limit::AtMost(2));
    /// ```
    #[must_use]
    pub const fn new(plan: &'a Plan, overrides: &'a [Override], at: Timestamp) -> Self {
        Self { plan, overrides, at }
    }

    /// The effective limit of `metric`.
    #[must_use]
    pub fn limit(&self, metric: Metric) -> Limit {
        self.override_of(metric).map_or_else(|| self.plan.limit(metric), |given| given.limit)
    }

    /// The override of `metric` in force, if any.
    #[must_use]
    pub fn override_of(&self, metric: Metric) -> Option<&'a Override> {
        self.overrides.iter().find(|given| given.metric == metric && given.is_in_force(self.at))
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
    /// Used and permitted. Without a plan, nothing is permitted.
    pub usage: Usage,
    /// The business day, for a metric that is limited by day.
    pub window: Option<BusinessDay>,
    /// The plan in force, if any.
    pub plan: Option<PlanKey>,
    /// The override in force, if any.
    pub given: Option<Override>,
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ([given(Metric::Staff, None)], end, [9, 5]),
            ([given(Metric::Staff, Some(end))], end - microsecond, [9, 5]),
            ([given(Metric::Staff, Some(end))], end, [2, 5]),
            ([given(Metric::Staff, Some(end))], end + microsecond, [2, 5]),
            ([given(Metric::BookingsPerDay, Some(end))], end - microsecond, [2, 9]),
        ] {
            let effective = EffectiveLimits::new(basic, &overrides, at);
            let found = [Metric::Staff, Metric::BookingsPerDay].map(|metric| effective.limit(metric));
            assert_eq!(found, limits.map(Limit::AtMost), "{overrides:?} at {at}");
        }
    }
}
