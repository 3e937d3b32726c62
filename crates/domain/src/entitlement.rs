//! What an account may have: its plan's limits, and those that were given to it alone.

use jiff::Timestamp;

use crate::{BusinessDay, FaultReason, Faults, Limit, Metric, Notes, Plan, PlanKey, Usage, UserId};

/// A limit that an operator gave to one account, in place of its plan's.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Override {
    /// What it limits.
    pub metric: Metric,
    /// How much of it is permitted.
    pub limit: Limit,
    /// Why, in the operator's words.
    pub reason: Notes,
    /// The first instant at which it no longer counts, if any.
    pub expires_at: Option<Timestamp>,
    /// Who gave it.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
}

impl Override {
    /// Whether it counts at `now`.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// What it takes to give an account a limit of its own.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewOverride {
    /// How much is permitted.
    pub limit: Limit,
    /// Why.
    pub reason: Notes,
    /// The first instant at which it no longer counts, if any.
    pub expires_at: Option<Timestamp>,
}

impl NewOverride {
    /// Reads an override. Whether `expires_at` lies ahead is for whoever knows the time.
    ///
    /// # Errors
    /// Every fault in the fields.
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

/// What an account is entitled to at an instant: the limits of its plan, but for those that an [`Override`] takes the
/// place of.
#[derive(Clone, Copy, Debug)]
pub struct EffectiveLimits<'a> {
    /// The plan in force.
    pub plan: &'a Plan,
    overrides: &'a [Override],
    at: Timestamp,
}

impl<'a> EffectiveLimits<'a> {
    /// The limits of an account on `plan`, with these overrides, at `at`.
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

    /// How much of `metric` is permitted.
    #[must_use]
    pub fn limit(&self, metric: Metric) -> Limit {
        self.override_of(metric).map_or_else(|| self.plan.limit(metric), |given| given.limit)
    }

    /// The override of `metric` that counts, if any.
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

/// How much of one metric an account may have, how much it has, and why that much.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Entitlement {
    /// What is limited.
    pub metric: Metric,
    /// How much of it is used, and how much is permitted: nothing, where there is no plan.
    pub usage: Usage,
    /// The day that it is about; `None` for what is not about a day.
    pub window: Option<BusinessDay>,
    /// The plan in force; `None` where nothing can be created for want of one.
    pub plan: Option<PlanKey>,
    /// What takes the place of the plan's limit, if anything does.
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
}
