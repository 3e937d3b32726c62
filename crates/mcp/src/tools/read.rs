//! The tools that only read.

use headroom_client::domain::Timing;
use headroom_client::{
    Account, AuditEntry, Check, CheckQuestion, Client, Entitlements, HistoryQuery, Hold, List, Page, PlanChangePreview,
    PlanChoice, PlanList, UsageHistory,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::arguments::{AccountArgument, PageArguments, day, instant, moment};
use super::{Effect, ToolEntry};
use crate::failure::Failure;

pub(super) fn tools() -> Vec<ToolEntry> {
    vec![
        ToolEntry::new(
            "list_accounts",
            "Lists the accounts that the API key may see, the newest first, or those that a search finds. An account \
             is a customer, with the plan that it is subscribed to. Use search to find a customer by name.",
            Effect::Read,
            list_accounts,
        ),
        ToolEntry::new(
            "find_account",
            "Gets one account, by its id or its external_id: name, time zone, metadata, and the subscription (null: \
             none) with its plan, its current period and its scheduled change. To find an account by its name, use \
             list_accounts.",
            Effect::Read,
            find_account,
        ),
        ToolEntry::new(
            "get_entitlements",
            "Gets what an account may do: for each metric its limit and what remains (null is unlimited), what is \
             used, and the window at whose end a counter begins at 0 again (a gauge has none); and its features. Use \
             this to answer how much a customer has left.",
            Effect::Read,
            get_entitlements,
        ),
        ToolEntry::new(
            "check",
            "Asks whether an account may have more of a metric or a meter, or has a feature. If not, the result says \
             which limit is in the way, when there is room again, and plans_that_allow, the plans to upgrade to. It \
             reserves nothing.",
            Effect::Read,
            check,
        ),
        ToolEntry::new(
            "list_plans",
            "Lists the plans on offer with their limits (null is unlimited) and features, each an upgrade of those \
             before it, and the metrics and features of the catalogue. The keys are the arguments of other tools: a \
             plan's key, a metric's key, a metric's meter, a feature's key.",
            Effect::Read,
            |client: Client, NoArguments {}| async move { Ok::<PlanList, Failure>(client.plans().await?) },
        ),
        ToolEntry::new(
            "get_usage_history",
            "Gets how much of each counter an account used in each window (day, month, …) of a range, the oldest \
             first, with the present limit. At most 366 windows.",
            Effect::Read,
            get_usage_history,
        ),
        ToolEntry::new(
            "preview_plan_change",
            "Says what a change of plan would change: each limit and feature before and after, when it would take \
             effect, and in exceeded what the account has beyond the new limits. It changes nothing.",
            Effect::Read,
            preview_plan_change,
        ),
        ToolEntry::new(
            "list_audit_log",
            "Lists who changed what in an account and when, the newest first. It needs the role owner.",
            Effect::Read,
            list_audit_log,
        ),
        ToolEntry::new(
            "list_holds",
            "Lists the holds of an account, the newest first: quantities that are kept free, and count as used, until \
             they are confirmed, released or expired.",
            Effect::Read,
            list_holds,
        ),
    ]
}

#[derive(Deserialize, JsonSchema)]
struct NoArguments {}

#[derive(Deserialize, JsonSchema)]
struct ListAccounts {
    /// Only accounts whose name begins with this text, in any letter case, or whose id or `external_id`
    /// it is. Default: all.
    search: Option<String>,
    /// true: removed accounts, too.
    #[serde(default)]
    include_deleted: bool,
    #[serde(flatten)]
    page: PageArguments,
}

async fn list_accounts(client: Client, arguments: ListAccounts) -> Result<Value, Failure> {
    let ListAccounts { search, include_deleted, page: position } = arguments;
    let list = client.accounts().list();
    let list = search.iter().fold(list, |list, text| list.search(text));
    page(if include_deleted { list.include_deleted() } else { list }, position).await
}

/// One page of a list.
async fn page<T>(list: List<T>, arguments: PageArguments) -> Result<Value, Failure>
where
    T: DeserializeOwned + serde::Serialize + 'static,
{
    let list = match arguments.limit {
        Some(limit) => list.limit(limit),
        None => list,
    };
    let list = match &arguments.cursor {
        Some(cursor) => list.cursor(cursor),
        None => list,
    };
    let Page { data, next_cursor, .. } = list.page().await?;
    Ok(json!({ "data": data, "next_cursor": next_cursor }))
}

#[derive(Deserialize, JsonSchema)]
struct OfAccount {
    account: AccountArgument,
}

async fn find_account(client: Client, arguments: OfAccount) -> Result<Account, Failure> {
    Ok(arguments.account.resolve(&client).await?.find().await?)
}

#[derive(Deserialize, JsonSchema)]
struct GetEntitlements {
    account: AccountArgument,
    /// The day whose usage to report, such as 2026-03-29. Default: today in the account's time zone.
    on: Option<String>,
}

async fn get_entitlements(client: Client, arguments: GetEntitlements) -> Result<Entitlements, Failure> {
    let account = arguments.account.resolve(&client).await?;
    Ok(match day("on", arguments.on.as_deref())? {
        Some(day) => account.entitlements_on(day).await?,
        None => account.entitlements().await?,
    })
}

#[derive(Deserialize, JsonSchema)]
struct CheckArguments {
    account: AccountArgument,
    /// The key of the metric to ask about, such as staff. Give one of metric, meter and feature.
    metric: Option<String>,
    /// The meter to ask about: all metrics that limit it, as for a request that creates it.
    meter: Option<String>,
    /// The key of the feature to ask about.
    feature: Option<String>,
    /// How much more: a whole number from 1. Default: 1.
    #[schemars(range(min = 1, max = 9_007_199_254_740_991_u64))]
    quantity: Option<u64>,
    /// The time to ask about, such as 2026-03-29T10:00:00Z. Default: now.
    at: Option<String>,
}

async fn check(client: Client, arguments: CheckArguments) -> Result<Check, Failure> {
    let CheckArguments { account, metric, meter, feature, quantity, at } = arguments;
    let question = match (metric, meter, feature) {
        (Some(metric), None, None) => CheckQuestion::metric(metric),
        (None, Some(meter), None) => CheckQuestion::meter(meter),
        (None, None, Some(feature)) => CheckQuestion::feature(feature),
        _ => return Err(Failure::new("invalid_arguments", "Give one of metric, meter and feature.")),
    };
    let question = quantity.into_iter().fold(question, CheckQuestion::quantity);
    let question = instant("at", at.as_deref())?.into_iter().fold(question, CheckQuestion::at);
    Ok(account.resolve(&client).await?.check(&question).await?)
}

#[derive(Deserialize, JsonSchema)]
struct GetUsageHistory {
    account: AccountArgument,
    /// The key of the counter. Default: all counters.
    metric: Option<String>,
    /// A day such as 2026-03-29, or a time. Default: now.
    from: Option<String>,
    /// A day such as 2026-03-29, or a time. Default: now.
    to: Option<String>,
}

async fn get_usage_history(client: Client, arguments: GetUsageHistory) -> Result<UsageHistory, Failure> {
    let GetUsageHistory { account, metric, from, to } = arguments;
    let query = HistoryQuery { metric, from: moment("from", from.as_deref())?, to: moment("to", to.as_deref())? };
    Ok(account.resolve(&client).await?.usage().history(&query).await?)
}

#[derive(Deserialize, JsonSchema)]
struct PreviewPlanChange {
    account: AccountArgument,
    /// The key of the new plan, as `list_plans` has it.
    plan: String,
    /// When: immediate, or `period_end`, the end of the current period. Default: immediate.
    #[schemars(with = "Option<String>", extend("enum" = ["immediate", "period_end"]))]
    timing: Option<Timing>,
}

async fn preview_plan_change(client: Client, arguments: PreviewPlanChange) -> Result<PlanChangePreview, Failure> {
    let PreviewPlanChange { account, plan, timing } = arguments;
    let choice = PlanChoice { plan, timing, ..PlanChoice::default() };
    Ok(account.resolve(&client).await?.preview(choice).await?)
}

#[derive(Deserialize, JsonSchema)]
struct ListOfAccount {
    account: AccountArgument,
    #[serde(flatten)]
    page: PageArguments,
}

async fn list_audit_log(client: Client, arguments: ListOfAccount) -> Result<Value, Failure> {
    page::<AuditEntry>(arguments.account.resolve(&client).await?.audit(), arguments.page).await
}

async fn list_holds(client: Client, arguments: ListOfAccount) -> Result<Value, Failure> {
    page::<Hold>(arguments.account.resolve(&client).await?.holds().list(), arguments.page).await
}
