//! The tools that change accounts, plans and limits.

use headroom_client::domain::{FeatureValue, Limit, OverLimit, OverrideKey, PlanKey, Timing};
use headroom_client::{AccountClient, Client, Entitlements, NewAccount, NewGrant, NewOverride, PlanChoice};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::arguments::{AccountArgument, Execution, instant, parse};
use super::{Effect, ToolEntry};
use crate::failure::Failure;

pub(super) fn tools() -> Vec<ToolEntry> {
    vec![
        ToolEntry::new(
            "create_account",
            "Creates an account for a customer, and subscribes it to a plan if one is given. Use external_id for the \
             customer's id in your own system, so that the account can be found by it.",
            Effect::Add,
            create_account,
        ),
        ToolEntry::new(
            "subscribe",
            "Puts an account on a plan, at once or at the end of its current period. What exists stays, also beyond \
             the new limits, unless over_limit is reject. Call preview_plan_change or use dry_run first.",
            Effect::Replace,
            subscribe,
        ),
        ToolEntry::new(
            "put_override",
            "Gives one account a limit or a value of a feature of its own, instead of its plan's. It replaces an \
             override that is there. Only an operator may do this.",
            Effect::Replace,
            put_override,
        ),
        ToolEntry::new(
            "add_grant",
            "Adds to a limit of one account, on top of its plan's limit or its override, for example for an add-on \
             that was bought. Only an operator may do this.",
            Effect::Add,
            add_grant,
        ),
    ]
}

/// The result of a dry run of an operation of which the service has none: it was compared with what
/// can be read.
fn would(what: &Value, more: Value) -> Value {
    let mut result = json!({
        "dry_run": true,
        "would": what,
        "note": "Checked by reading. The caller's permission to do it is checked when it is done.",
    });
    if let (Value::Object(result), Value::Object(more)) = (&mut result, more) {
        result.extend(more);
    }
    result
}

#[derive(Deserialize, JsonSchema)]
struct CreateAccount {
    /// The name, 1 to 100 characters.
    name: String,
    /// The customer's id in your own system: 1 to 128 visible characters that no other account has.
    external_id: Option<String>,
    /// The IANA time zone that decides when a day begins, such as Europe/Berlin. Default: UTC.
    time_zone: Option<String>,
    /// The key of the plan to subscribe to, as `list_plans` has it.
    plan: Option<String>,
    #[serde(flatten)]
    execution: Execution,
}

async fn create_account(client: Client, arguments: CreateAccount) -> Result<Value, Failure> {
    let CreateAccount { name, external_id, time_zone, plan, execution } = arguments;
    if execution.dry_run {
        check_new_account(&client, external_id.as_deref(), plan.as_deref()).await?;
        let fields = json!({ "name": name, "external_id": external_id, "time_zone": time_zone, "plan": plan });
        return Ok(would(&json!({ "create_account": fields }), json!({})));
    }
    let new = NewAccount { name, external_id, time_zone, plan, ..NewAccount::default() };
    Ok(json!(execution.keyed(client.accounts().create(new)).await?))
}

/// Refuses what the creation of an account would be refused for: an external id that is taken, and a
/// plan that is not on offer.
async fn check_new_account(client: &Client, external_id: Option<&str>, plan: Option<&str>) -> Result<(), Failure> {
    if let Some(external_id) = external_id
        && let Some(account) = client.accounts().find_by_external_id(external_id).await?
    {
        let detail = format!("The account {} has the external_id {external_id:?} already.", account.id);
        return Err(Failure(json!({ "code": "conflict", "detail": detail, "id": account.id })));
    }
    let Some(plan) = plan else { return Ok(()) };
    let plans = client.plans().await?.data;
    let is_offered = plan.parse::<PlanKey>().is_ok_and(|key| plans.iter().any(|it| it.key == key));
    if is_offered { Ok(()) } else { Err(Failure::new("unknown_plan", "Choose one of the plans that list_plans has.")) }
}

#[derive(Deserialize, JsonSchema)]
struct Subscribe {
    account: AccountArgument,
    /// The key of the plan, as `list_plans` has it.
    plan: String,
    /// When: immediate, or `period_end`, the end of the current period. Default: immediate.
    #[schemars(with = "Option<String>", extend("enum" = ["immediate", "period_end"]))]
    timing: Option<Timing>,
    /// If the account uses more than the plan permits: keep what exists, or reject the change.
    /// Default: keep.
    #[schemars(with = "Option<String>", extend("enum" = ["keep", "reject"]))]
    over_limit: Option<OverLimit>,
    /// The reason, for the history.
    reason: Option<String>,
    #[serde(flatten)]
    execution: Execution,
}

async fn subscribe(client: Client, arguments: Subscribe) -> Result<Value, Failure> {
    let Subscribe { account, plan, timing, over_limit, reason, execution } = arguments;
    let choice = PlanChoice { plan, timing, over_limit, reason };
    let request = account.resolve(&client).await?.subscribe(choice);
    Ok(json!({ "dry_run": execution.dry_run, "subscription": execution.apply(request).await? }))
}

#[derive(Deserialize, JsonSchema)]
struct PutOverride {
    account: AccountArgument,
    /// The key of the metric or the feature, as `list_plans` has it.
    key: String,
    /// For a metric: the limit, a whole number, or "unlimited". Give limit or value.
    limit: Option<LimitArgument>,
    /// For a feature: true or false, a whole number, or a text.
    value: Option<ValueArgument>,
    /// The reason. It is shown to the account's owners.
    reason: String,
    /// When it expires, such as 2026-03-29T10:00:00Z. Default: never.
    expires_at: Option<String>,
    /// true: only say what would happen, and write nothing. Do this first, and show the result to
    /// the user.
    #[serde(default)]
    dry_run: bool,
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum LimitArgument {
    Number(#[schemars(range(max = 9_007_199_254_740_991_u64))] u64),
    Word(Unlimited),
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Unlimited {
    Unlimited,
}

impl From<LimitArgument> for Limit {
    fn from(limit: LimitArgument) -> Self {
        match limit {
            LimitArgument::Number(max) => Self::AtMost(max),
            LimitArgument::Word(Unlimited::Unlimited) => Self::Unlimited,
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum ValueArgument {
    Switch(bool),
    Number(u64),
    Text(String),
}

impl From<ValueArgument> for FeatureValue {
    fn from(value: ValueArgument) -> Self {
        match value {
            ValueArgument::Switch(is_on) => Self::Switch(is_on),
            ValueArgument::Number(number) => Self::Number(number),
            ValueArgument::Text(text) => Self::Text(text.into()),
        }
    }
}

async fn put_override(client: Client, arguments: PutOverride) -> Result<Value, Failure> {
    let PutOverride { account, key, limit, value, reason, expires_at, dry_run } = arguments;
    let key: OverrideKey = parse("key", &key, "the key of a metric or a feature")?;
    let new = match (limit, value) {
        (Some(limit), None) => NewOverride::limit(limit.into(), reason),
        (None, Some(value)) => NewOverride::value(value.into(), reason),
        _ => return Err(Failure::new("invalid_arguments", "Give limit for a metric, or value for a feature.")),
    };
    let new = instant("expires_at", expires_at.as_deref())?.into_iter().fold(new, NewOverride::expires_at);
    let account = account.resolve(&client).await?;
    if dry_run {
        let now = present(&account, key.as_str()).await?;
        return Ok(would(&json!({ "put_override": { "key": key.as_str(), "override": new } }), json!({ "now": now })));
    }
    Ok(json!({ "key": key.as_str(), "override": account.overrides().put(key.as_str(), &new).await? }))
}

/// The limit or the feature with this key, as it is.
async fn present(account: &AccountClient, key: &str) -> Result<Value, Failure> {
    let entitlements: Entitlements = account.entitlements().await?;
    let metric = entitlements.metric(key).map(|it| json!(it));
    let unknown = || Failure::new("not_found", &format!("The catalogue has no metric and no feature {key:?}."));
    metric.or_else(|| entitlements.feature(key).map(|it| json!(it))).ok_or_else(unknown)
}

#[derive(Deserialize, JsonSchema)]
struct AddGrant {
    account: AccountArgument,
    /// The key of the metric whose limit becomes larger, as `list_plans` has it.
    metric: String,
    /// By how much, in what the metric's meter counts.
    #[schemars(range(min = 1, max = 9_007_199_254_740_991_u64))]
    quantity: u64,
    /// The reason.
    reason: String,
    /// A reference of your own, such as the number of an invoice.
    reference: Option<String>,
    /// When it expires, such as 2026-03-29T10:00:00Z. Default: never.
    expires_at: Option<String>,
    #[serde(flatten)]
    execution: Execution,
}

async fn add_grant(client: Client, arguments: AddGrant) -> Result<Value, Failure> {
    let AddGrant { account, metric, quantity, reason, reference, expires_at, execution } = arguments;
    let expires_at = instant("expires_at", expires_at.as_deref())?;
    let account = account.resolve(&client).await?;
    let new = NewGrant { reference, expires_at, ..NewGrant::new(&metric, quantity, reason) };
    if execution.dry_run {
        let entitlements = account.entitlements().await?;
        let Some(now) = entitlements.metric(&metric) else {
            return Err(Failure::new("not_found", &format!("The catalogue has no metric {metric:?}.")));
        };
        let limit = now.limit.max().map(|max| max.saturating_add(quantity));
        return Ok(would(&json!({ "add_grant": new }), json!({ "now": now, "limit_then": limit })));
    }
    Ok(json!(execution.keyed(account.grants().create(&new)).await?))
}
