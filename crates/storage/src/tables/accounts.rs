//! Accounts, their subscriptions and their overrides.

use std::collections::BTreeMap;

use domain::error::StorageError;
use domain::{
    Account, AccountId, ExternalId, FeatureOverride, FeatureType, FeatureValue, Limit, Metadata, Name, Notes, Override,
    PlanKey, Requested, ScheduledChange, Subscription, SubscriptionChange, SubscriptionChangeId, SubscriptionId,
    UserId, Zone,
};

use super::{Fields, SqlRow, Table, Value, corrupt, instant, integer, parsed, text, uuid};

/// Accounts, each with its subscription and its scheduled change. A statement of its own changes
/// the columns of the subscription.
pub(crate) static ACCOUNTS: Table = Table::new(
    "accounts",
    &["id"],
    &[
        uuid("id"),
        text("name"),
        text("time_zone"),
        instant("created_at").fixed(),
        instant("deleted_at").nullable(),
        integer("version"),
        uuid("subscription_id").nullable().fixed(),
        text("plan").nullable().fixed(),
        instant("subscribed_at").nullable().fixed(),
        instant("plan_since").nullable().fixed(),
        uuid("scheduled_id").nullable().fixed(),
        text("scheduled_plan").nullable().fixed(),
        instant("scheduled_at").nullable().fixed(),
        uuid("scheduled_requested_by").nullable().fixed(),
        instant("scheduled_requested_at").nullable().fixed(),
        text("scheduled_reason").nullable().fixed(),
        text("external_id").nullable().fixed(),
        text("metadata").nullable(),
        instant("erased_at").nullable(),
        text("folded_name"),
    ],
);

/// An account without its overrides, which are in another table.
pub(crate) fn account(row: &dyn SqlRow) -> Result<Account, StorageError> {
    let mut fields = Fields::new(row, &ACCOUNTS);
    let mut account = Account {
        id: AccountId::from_uuid(fields.uuid("id")?),
        name: fields.parsed("name", Name::parse)?,
        zone: fields.parsed("time_zone", Zone::parse)?,
        created_at: fields.instant("created_at")?,
        deleted_at: fields.optional_instant("deleted_at")?,
        erased_at: None,
        version: fields.integer("version")?,
        subscription: subscription(&mut fields)?,
        overrides: Vec::new(),
        grants: Vec::new(),
        external_id: None,
        metadata: Metadata::default(),
    };
    account.external_id = fields.optional("external_id", ExternalId::parse)?;
    account.metadata = fields.optional("metadata", metadata)?.unwrap_or_default();
    account.erased_at = fields.optional_instant("erased_at")?;
    let _folded_name = fields.text("folded_name")?;
    Ok(account)
}

/// Metadata, from a JSON object.
fn metadata(json: &str) -> Result<Metadata, StorageError> {
    let pairs: BTreeMap<String, String> = parsed(json, |json| serde_json::from_str(json))?;
    Metadata::parse(pairs).map_err(|_| corrupt("metadata", json))
}

fn metadata_json(metadata: &Metadata) -> String {
    let pairs: serde_json::Map<_, _> = metadata.iter().map(|(key, value)| (key.to_owned(), value.into())).collect();
    serde_json::Value::Object(pairs).to_string()
}

fn subscription(fields: &mut Fields<'_>) -> Result<Option<Subscription>, StorageError> {
    let (id, plan) = (fields.optional_uuid("subscription_id")?, fields.optional("plan", str::parse)?);
    let (created_at, plan_since) = (fields.optional_instant("subscribed_at")?, fields.optional_instant("plan_since")?);
    let scheduled = scheduled_change(fields)?;
    match (id, plan, created_at, plan_since) {
        (None, None, None, None) => Ok(None),
        (Some(id), Some(plan), Some(created_at), Some(plan_since)) => {
            let id = SubscriptionId::from_uuid(id);
            Ok(Some(Subscription { id, plan, created_at, plan_since, scheduled }))
        }
        _ => Err(corrupt("subscription", "an incomplete one")),
    }
}

fn scheduled_change(fields: &mut Fields<'_>) -> Result<Option<ScheduledChange>, StorageError> {
    let (id, to) = (fields.optional_uuid("scheduled_id")?, fields.optional("scheduled_plan", str::parse)?);
    let at = fields.optional_instant("scheduled_at")?;
    let by = fields.optional_uuid("scheduled_requested_by")?;
    let requested_at = fields.optional_instant("scheduled_requested_at")?;
    let reason = fields.optional("scheduled_reason", Notes::parse)?;
    match (id, at, by, requested_at) {
        (None, None, None, None) => Ok(None),
        (Some(id), Some(at), Some(by), Some(requested_at)) => {
            let requested = Requested { by: UserId::from_uuid(by), at: requested_at, reason };
            Ok(Some(ScheduledChange { id: SubscriptionChangeId::from_uuid(id), to, at, requested }))
        }
        _ => Err(corrupt("scheduled change", "an incomplete one")),
    }
}

pub(crate) fn account_values(account: &Account) -> [Value<'_>; 20] {
    let [subscription_id, plan, subscribed_at, plan_since, id, to, at, by, requested_at, reason] =
        subscription_values(account.subscription.as_ref());
    [
        account.id.uuid().into(),
        account.name.as_str().into(),
        account.zone.name().into(),
        account.created_at.into(),
        account.deleted_at.into(),
        account.version.into(),
        subscription_id,
        plan,
        subscribed_at,
        plan_since,
        id,
        to,
        at,
        by,
        requested_at,
        reason,
        account.external_id.as_ref().map(ExternalId::as_str).into(),
        Some(&account.metadata).filter(|it| !it.is_empty()).map(metadata_json).into(),
        account.erased_at.into(),
        account.name.folded().as_str().to_owned().into(),
    ]
}

/// The columns of `accounts` from `subscription_id` on.
pub(crate) fn subscription_values(subscription: Option<&Subscription>) -> [Value<'_>; 10] {
    let scheduled = subscription.and_then(|it| it.scheduled.as_ref());
    [
        subscription.map(|it| it.id.uuid()).into(),
        subscription.map(|it| it.plan.as_str()).into(),
        subscription.map(|it| it.created_at).into(),
        subscription.map(|it| it.plan_since).into(),
        scheduled.map(|it| it.id.uuid()).into(),
        scheduled.and_then(|it| it.to.as_ref()).map(PlanKey::as_str).into(),
        scheduled.map(|it| it.at).into(),
        scheduled.map(|it| it.requested.by.uuid()).into(),
        scheduled.map(|it| it.requested.at).into(),
        scheduled.and_then(|it| it.requested.reason.as_ref()).map(Notes::as_str).into(),
    ]
}

/// The history of subscriptions.
pub(crate) static SUBSCRIPTION_CHANGES: Table = Table::new(
    "subscription_changes",
    &["account_id", "id"],
    &[
        uuid("account_id"),
        uuid("id"),
        text("from_plan").nullable(),
        text("to_plan").nullable(),
        instant("at"),
        uuid("requested_by"),
        instant("requested_at"),
        text("reason").nullable(),
    ],
);

pub(crate) fn subscription_change(row: &dyn SqlRow) -> Result<SubscriptionChange, StorageError> {
    let mut fields = Fields::new(row, &SUBSCRIPTION_CHANGES);
    let _account_id = fields.uuid("account_id")?;
    Ok(SubscriptionChange {
        id: SubscriptionChangeId::from_uuid(fields.uuid("id")?),
        from: fields.optional("from_plan", str::parse)?,
        to: fields.optional("to_plan", str::parse)?,
        at: fields.instant("at")?,
        requested: Requested {
            by: UserId::from_uuid(fields.uuid("requested_by")?),
            at: fields.instant("requested_at")?,
            reason: fields.optional("reason", Notes::parse)?,
        },
    })
}

pub(crate) fn subscription_change_values(account: AccountId, change: &SubscriptionChange) -> [Value<'_>; 8] {
    [
        account.uuid().into(),
        change.id.uuid().into(),
        change.from.as_ref().map(PlanKey::as_str).into(),
        change.to.as_ref().map(PlanKey::as_str).into(),
        change.at.into(),
        change.requested.by.uuid().into(),
        change.requested.at.into(),
        change.requested.reason.as_ref().map(Notes::as_str).into(),
    ]
}

/// Overrides of an account's limits.
pub(crate) static OVERRIDES: Table = Table::new(
    "overrides",
    &["account_id", "metric"],
    &[
        uuid("account_id"),
        text("metric"),
        integer("at_most").nullable(),
        text("reason"),
        instant("expires_at").nullable(),
        uuid("created_by"),
        instant("created_at"),
    ],
);

/// An override. (`override` alone is a reserved word of Rust.)
pub(crate) fn given_override(row: &dyn SqlRow) -> Result<Override, StorageError> {
    let mut fields = Fields::new(row, &OVERRIDES);
    let _account_id = fields.uuid("account_id")?;
    Ok(Override {
        metric: fields.parsed("metric", str::parse)?,
        limit: fields.optional_quantity("at_most")?.map_or(Limit::Unlimited, Limit::AtMost),
        reason: fields.parsed("reason", Notes::parse)?,
        expires_at: fields.optional_instant("expires_at")?,
        created_by: UserId::from_uuid(fields.uuid("created_by")?),
        created_at: fields.instant("created_at")?,
    })
}

pub(crate) fn override_values(account: AccountId, given: &Override) -> [Value<'_>; 7] {
    [
        account.uuid().into(),
        given.metric.as_str().into(),
        given.limit.max().into(),
        given.reason.as_str().into(),
        given.expires_at.into(),
        given.created_by.uuid().into(),
        given.created_at.into(),
    ]
}

/// Overrides of an account's features.
pub(crate) static FEATURE_OVERRIDES: Table = Table::new(
    "feature_overrides",
    &["account_id", "feature"],
    &[
        uuid("account_id"),
        text("feature"),
        text("type"),
        text("value"),
        text("reason"),
        instant("expires_at").nullable(),
        uuid("created_by"),
        instant("created_at"),
    ],
);

pub(crate) fn feature_override(row: &dyn SqlRow) -> Result<FeatureOverride, StorageError> {
    let mut fields = Fields::new(row, &FEATURE_OVERRIDES);
    let _account_id = fields.uuid("account_id")?;
    Ok(FeatureOverride {
        feature: fields.parsed("feature", str::parse)?,
        value: {
            let feature_type = fields.parsed("type", str::parse)?;
            feature_value(feature_type, fields.text("value")?)?
        },
        reason: fields.parsed("reason", Notes::parse)?,
        expires_at: fields.optional_instant("expires_at")?,
        created_by: UserId::from_uuid(fields.uuid("created_by")?),
        created_at: fields.instant("created_at")?,
    })
}

fn feature_value(feature_type: FeatureType, text: &str) -> Result<FeatureValue, StorageError> {
    match (feature_type, text) {
        (FeatureType::Switch, "on") => Ok(FeatureValue::Switch(true)),
        (FeatureType::Switch, "off") => Ok(FeatureValue::Switch(false)),
        (FeatureType::Switch, _) => Err(corrupt("switch", text)),
        (FeatureType::Number, _) => parsed(text, str::parse).map(FeatureValue::Number),
        (FeatureType::Text, _) => Ok(FeatureValue::Text(text.into())),
    }
}

pub(crate) fn feature_override_values(account: AccountId, given: &FeatureOverride) -> [Value<'_>; 8] {
    [
        account.uuid().into(),
        given.feature.as_str().into(),
        given.value.feature_type().as_str().into(),
        given.value.to_string().into(),
        given.reason.as_str().into(),
        given.expires_at.into(),
        given.created_by.uuid().into(),
        given.created_at.into(),
    ]
}
