//! The tools that change accounts, plans and limits.

use headroom_client::domain::{FeatureValue, Limit, OverLimit, OverrideKey, Timing};
use headroom_client::{Client, NewAccount, NewGrant, NewOverride, PlanChoice};
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
    let new = NewAccount { name, external_id, time_zone, plan, ..NewAccount::default() };
    let account = execution.apply(client.accounts().create(new)).await?;
    Ok(json!({ "dry_run": execution.dry_run, "account": account }))
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
    let request = account.resolve(&client).await?.overrides().put(key.as_str(), &new);
    let given = if dry_run { request.dry_run() } else { request }.await?;
    Ok(json!({ "dry_run": dry_run, "key": key.as_str(), "override": given }))
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
    let grant = execution.apply(account.grants().create(&new)).await?;
    Ok(json!({ "dry_run": execution.dry_run, "grant": grant }))
}
