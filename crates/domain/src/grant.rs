//! Grants: quantities that an operator adds to an account's limits.

use jiff::Timestamp;

use crate::{FaultReason, Faults, GrantId, Metric, Notes, Reference, UserId};

/// The most grants of an account that have not expired.
pub const GRANTS_MAX: usize = 100;

/// A quantity that an operator added to an account's limit, such as an add-on that was bought.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Grant {
    /// The id.
    pub id: GrantId,
    /// The metric.
    pub metric: Metric,
    /// How many more are permitted.
    pub quantity: u64,
    /// The operator's reason.
    pub reason: Notes,
    /// What the grant is called elsewhere, such as an invoice.
    pub reference: Option<Reference>,
    /// When it expires; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// The operator who made it.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
}

impl Grant {
    /// Whether it has not expired at `now`.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// The fields of a new grant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewGrant {
    /// The metric.
    pub metric: Metric,
    /// How many more are permitted, from 1.
    pub quantity: u64,
    /// Why.
    pub reason: Notes,
    /// What the grant is called elsewhere.
    pub reference: Option<Reference>,
    /// When it expires; `None` for never.
    pub expires_at: Option<Timestamp>,
}

impl NewGrant {
    /// Parses a grant. The use case checks that `expires_at` is in the future.
    ///
    /// # Errors
    /// All faults in the fields.
    pub fn parse(
        metric: Result<Metric, FaultReason>,
        quantity: Result<u64, FaultReason>,
        reason: Option<&str>,
        reference: Option<&str>,
        expires_at: Option<&str>,
    ) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let metric = faults.take("metric", metric);
        let quantity = faults.take("quantity", quantity);
        let reason = faults.take("reason", reason.ok_or(FaultReason::Required).and_then(Notes::parse));
        let reference = faults.take_optional("reference", reference.map(Reference::parse));
        let expires_at = faults.take_optional("expires_at", expires_at.map(crate::parse_instant));
        match (metric, quantity, reason, reference, expires_at) {
            (Some(metric), Some(quantity), Some(reason), Some(reference), Some(expires_at)) => {
                Ok(Self { metric, quantity, reason, reference, expires_at })
            }
            _ => Err(faults),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_parsed_or_refused_with_all_its_faults() {
        let parsed = NewGrant::parse(Ok(Metric::STAFF), Ok(5), Some("Add-on"), Some("in_123"), None).unwrap();
        assert_eq!((parsed.quantity, parsed.reference.unwrap().as_str()), (5, "in_123"));
        let required = FaultReason::Required;
        let faults = NewGrant::parse(Err(required), Err(required), None, Some("a b"), Some("soon")).unwrap_err();
        let fields: Vec<_> = faults.iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["metric", "quantity", "reason", "reference", "expires_at"]);
    }
}
