//! Usage records, allocations, holds, grants and features of the database to copy.

use domain::error::StorageError;
use domain::ports::{ReadTx, WriteTx};
use domain::{
    AccountId, Allocation, Attribution, Charge, FeatureOverride, FeatureValue, Grant, Hold, HoldState, Metric,
    Occurrence, Origin, QUANTITY_MAX, Reference, SignedDuration, UNBOUNDED, UsageFilter, UsageRecord,
};
use testkit::fixtures::{
    CountingIds, NOW, allocation, attribution, day, feature_override, grant, hold, instant, metric_key, usage_record,
};

/// Adds usage records, charges, allocations and holds.
pub(crate) fn add_metered(
    tx: &mut dyn WriteTx,
    [busy, other]: [AccountId; 2],
    ids: &CountingIds,
) -> Result<(), StorageError> {
    let without_key =
        Attribution { api_key: None, origin: Origin { address: None, request_id: "r".into() }, ..attribution() };
    for (number, account) in [busy, busy, other].into_iter().enumerate() {
        let plain = usage_record(account, ids.usage_record(), "sms", 7);
        let record = match number {
            0 => UsageRecord { created_by: without_key.clone(), quantity: QUANTITY_MAX - 7, ..plain },
            _ => {
                UsageRecord { occurrence: Occurrence { period: Some(day("2026-03-20")), ..plain.occurrence }, ..plain }
            }
        };
        tx.insert_usage_record(&record)?;
        let charge =
            |metric, window_start| Charge { metric: metric_key(metric), window_start, quantity: record.quantity };
        let charges = [charge("sms_per_month", instant("2026-03-01T00:00:00Z")), charge("sms_ever", UNBOUNDED)];
        tx.charge(account, record.id.uuid(), &charges, true)?;
        if number == 2 {
            tx.refund(account, record.id.uuid())?;
            tx.remove_usage_record(account, record.id, NOW)?;
        }
    }
    let unrecorded = Charge { metric: metric_key("calls"), window_start: NOW, quantity: 3 };
    tx.charge(busy, ids.booking().uuid(), &[unrecorded], false)?;
    for (key, quantity) in [("a", 1), ("b/~", QUANTITY_MAX - 1)] {
        tx.put_allocation(&allocation(busy, "disks", key, quantity))?;
    }
    tx.put_allocation(&Allocation { created_by: without_key, ..allocation(other, "disks", "a", 5) })?;
    let held = hold(busy, ids.hold(), "sms", 2);
    let confirmed =
        Hold { state: HoldState::Confirmed, closed_at: Some(NOW), version: 2, ..hold(busy, ids.hold(), "disks", 1) };
    let released =
        Hold { state: HoldState::Released, reference: Reference::parse("invite:42").ok(), ..confirmed.clone() };
    let released = Hold {
        id: ids.hold(),
        occurrence: Occurrence { period: Some(day("2026-03-20")), ..held.occurrence },
        ..released
    };
    [held, confirmed, released].iter().try_for_each(|hold| tx.insert_hold(hold))
}

/// Adds grants and overrides of features.
pub(crate) fn add_given(
    tx: &mut dyn WriteTx,
    [busy, other]: [AccountId; 2],
    ids: &CountingIds,
) -> Result<(), StorageError> {
    let at = NOW + SignedDuration::from_hours(999);
    let plain = grant(ids.grant(), Metric::STAFF, 1);
    tx.insert_grant(busy, &plain)?;
    let reference = Reference::parse("INV-7").ok();
    let (id, expires_at) = (ids.grant(), Some(at));
    tx.insert_grant(other, &Grant { id, quantity: QUANTITY_MAX, reference, expires_at, ..plain })?;
    for (feature, value, expires_at) in [
        ("sso", FeatureValue::Switch(true), None),
        ("seats", FeatureValue::Number(QUANTITY_MAX), Some(at)),
        ("support", FeatureValue::Text("".into()), None),
    ] {
        tx.put_feature_override(busy, &FeatureOverride { expires_at, ..feature_override(feature, value) })?;
    }
    Ok(())
}

/// Usage records, allocations, holds, features and counters of custom metrics.
pub(crate) fn read_metered(tx: &mut dyn ReadTx, account: AccountId) -> Result<String, StorageError> {
    let records = tx.list_usage_records(account, &UsageFilter::default(), None, 99)?;
    let allocations = tx.list_allocations(account, &"disks".parse().expect("a key"), None, 99)?;
    let windows = [UNBOUNDED, instant("2026-03-01T00:00:00Z"), NOW];
    let mut lines = vec![format!("{records:?} {allocations:?} {:?}", tx.list_holds(account, None, 99)?)];
    for metric in ["sms_per_month", "sms_ever", "calls", "disks"].map(metric_key) {
        lines.push(format!("{metric} {:?}", tx.used_in(account, &metric, &windows)?));
    }
    lines.push(format!("{:?}", tx.list_feature_overrides(account)?));
    Ok(lines.join("\n"))
}
