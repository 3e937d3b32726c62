//! The fields of a new hold, and of its confirmation.

use jiff::Timestamp;

use crate::{
    AllocationKey, FaultReason, Faults, HOLD_SECONDS_MAX, KeyKind, Kind, Meter, PlanCatalog, Reference, SignedDuration,
    parse_instant,
};

/// The fields of a new hold.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewHold {
    /// The meter.
    pub meter: Meter,
    /// How much is held, from 1.
    pub quantity: u64,
    /// How long it counts.
    pub expires_in: SignedDuration,
    /// What it is for.
    pub reference: Option<Reference>,
    /// When what is held will happen; `None` for now.
    pub at: Option<Timestamp>,
}

impl NewHold {
    /// Parses the fields of a hold. The meter and the time until its expiry are required, the
    /// quantity is 1 by default. Only a meter of counters takes an instant.
    ///
    /// # Errors
    /// All faults in `meter`, `quantity`, `expires_in_seconds`, `reference` and `at`.
    pub fn parse(
        catalog: &PlanCatalog,
        meter: Option<&str>,
        quantity: Result<Option<u64>, FaultReason>,
        expires_in_seconds: Result<Option<u64>, FaultReason>,
        reference: Option<&str>,
        at: Option<&str>,
    ) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let meter = meter.ok_or(FaultReason::Required).and_then(|key| {
            let kind = catalog.metrics().iter().find(|metric| metric.meter.as_str() == key);
            kind.map(|metric| (metric.meter.clone(), metric.kind))
                .ok_or(FaultReason::UnknownKey { kind: KeyKind::Meter })
        });
        let meter = faults.take("meter", meter);
        let quantity = faults.take("quantity", quantity);
        let expires_in = faults.take("expires_in_seconds", parse_hold_seconds(expires_in_seconds));
        let reference = faults.take_optional("reference", reference.map(Reference::parse));
        let is_gauge = matches!(meter, Some((_, Kind::Gauge)));
        let at = at.map(|at| if is_gauge { Err(FaultReason::NotApplicable) } else { parse_instant(at) });
        let at = faults.take_optional("at", at);
        match (meter, quantity, expires_in, reference, at) {
            (Some((meter, _)), Some(quantity), Some(expires_in), Some(reference), Some(at)) => {
                Ok(Self { meter, quantity: quantity.unwrap_or(1), expires_in, reference, at })
            }
            _ => Err(faults),
        }
    }
}

/// Parses the time until a hold expires: 1 to [`HOLD_SECONDS_MAX`] seconds.
///
/// # Errors
/// [`FaultReason::Required`] or [`FaultReason::OutOfRange`].
pub fn parse_hold_seconds(seconds: Result<Option<u64>, FaultReason>) -> Result<SignedDuration, FaultReason> {
    let out_of_range = FaultReason::OutOfRange { min: 1, max: HOLD_SECONDS_MAX };
    let seconds = match seconds {
        Err(FaultReason::OutOfRange { .. }) => return Err(out_of_range),
        seconds => seconds?.ok_or(FaultReason::Required)?,
    };
    let seconds = i64::try_from(seconds).ok().filter(|_| (1..=HOLD_SECONDS_MAX).contains(&seconds));
    seconds.map(SignedDuration::from_secs).ok_or(out_of_range)
}

/// What becomes of a hold that is confirmed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct HoldConfirmation {
    /// How much is used; `None` for all that is held.
    pub quantity: Option<u64>,
    /// The key of the allocation, for a meter of gauges; `None` for the hold's id.
    pub key: Option<AllocationKey>,
}

impl HoldConfirmation {
    /// Parses the fields of a confirmation. Both are optional.
    ///
    /// # Errors
    /// All faults in `quantity` and `key`.
    pub fn parse(quantity: Result<Option<u64>, FaultReason>, key: Option<&str>) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let quantity = faults.take("quantity", quantity);
        let key = faults.take_optional("key", key.map(AllocationKey::parse));
        match (quantity, key) {
            (Some(quantity), Some(key)) => Ok(Self { quantity, key }),
            _ => Err(faults),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(faults: &Faults) -> Vec<&'static str> {
        faults.iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn the_fields_of_a_hold_are_parsed_or_refused_with_all_faults() {
        let catalog = PlanCatalog::builtin();
        let parse = |meter, seconds, at| NewHold::parse(&catalog, meter, Ok(None), Ok(seconds), Some("invite:42"), at);
        let hold = parse(Some("bookings"), Some(60), Some("2026-03-29T08:00:00Z")).unwrap();
        assert_eq!((hold.meter, hold.quantity, hold.expires_in), (Meter::BOOKINGS, 1, SignedDuration::from_secs(60)));
        let nothing = NewHold::parse(&catalog, None, Err(FaultReason::Blank), Ok(None), Some(""), Some("x"));
        let all = ["meter", "quantity", "expires_in_seconds", "reference", "at"];
        assert_eq!(fields(&nothing.unwrap_err()), all);
        let gauge = parse(Some("staff"), Some(60), Some("2026-03-29T08:00:00Z")).unwrap_err();
        assert_eq!(gauge.iter().next().map(|it| (it.field, it.reason)), Some(("at", FaultReason::NotApplicable)));
        assert_eq!(fields(&parse(Some("bookings_per_day"), Some(60), None).unwrap_err()), ["meter"]);
    }

    #[test]
    fn a_hold_expires_within_366_days() {
        let out_of_range = Err(FaultReason::OutOfRange { min: 1, max: HOLD_SECONDS_MAX });
        for (seconds, parsed) in [
            (0, out_of_range),
            (1, Ok(SignedDuration::from_secs(1))),
            (HOLD_SECONDS_MAX, Ok(SignedDuration::from_hours(366 * 24))),
            (HOLD_SECONDS_MAX + 1, out_of_range),
            (u64::MAX, out_of_range),
        ] {
            assert_eq!(parse_hold_seconds(Ok(Some(seconds))), parsed, "{seconds}");
        }
    }

    #[test]
    fn a_confirmation_is_parsed_or_refused_with_all_faults() {
        assert_eq!(HoldConfirmation::parse(Ok(None), None), Ok(HoldConfirmation::default()));
        let faults = HoldConfirmation::parse(Err(FaultReason::Blank), Some("a b")).unwrap_err();
        assert_eq!(fields(&faults), ["quantity", "key"]);
    }
}
