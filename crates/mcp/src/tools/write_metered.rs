//! The tools that record usage, and hold a quantity.

use std::time::Duration;

use headroom_client::domain::HoldId;
use headroom_client::{Client, HoldConfirmation, NewHold, NewUsage};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::arguments::{AccountArgument, Execution, instant, parse};
use super::{Effect, ToolEntry};
use crate::failure::Failure;

pub(super) fn tools() -> Vec<ToolEntry> {
    vec![
        ToolEntry::new(
            "record_usage",
            "Records that an account used a quantity of a meter that counters limit, if every limit has room for it. A \
             refusal says which limit is in the way, when there is room again, and plans_that_allow. Staff members and \
             bookings are not usage: the product creates them.",
            Effect::Add,
            record_usage,
        ),
        ToolEntry::new(
            "take_hold",
            "Keeps a quantity of any meter free for an account for a while, for example a seat while an invitation \
             is open. It counts as used until it is confirmed, released or expired.",
            Effect::Add,
            take_hold,
        ),
        ToolEntry::new(
            "confirm_hold",
            "Makes usage or an allocation of a hold. The meters staff and bookings are confirmed by creating a staff \
             member or a booking instead.",
            Effect::Replace,
            confirm_hold,
        ),
        ToolEntry::new(
            "release_hold",
            "Ends a hold that is held: its quantity is free again at once.",
            Effect::Replace,
            release_hold,
        ),
    ]
}

#[derive(Deserialize, JsonSchema)]
struct RecordUsage {
    account: AccountArgument,
    /// The meter of what was used, as `list_plans` has it among the metrics.
    meter: String,
    /// How much: a whole number from 1. Default: 1.
    #[schemars(range(min = 1, max = 9_007_199_254_740_991_u64))]
    quantity: Option<u64>,
    /// When, such as 2026-03-29T10:00:00Z: it counts in the windows of this time. Default: now.
    at: Option<String>,
    #[serde(flatten)]
    execution: Execution,
}

async fn record_usage(client: Client, arguments: RecordUsage) -> Result<Value, Failure> {
    let RecordUsage { account, meter, quantity, at, execution } = arguments;
    let new = NewUsage { meter, quantity, at: instant("at", at.as_deref())? };
    let request = account.resolve(&client).await?.usage().record(&new);
    Ok(json!({ "dry_run": execution.dry_run, "usage": execution.apply(request).await? }))
}

#[derive(Deserialize, JsonSchema)]
struct TakeHold {
    account: AccountArgument,
    /// The meter of what to hold, as `list_plans` has it among the metrics.
    meter: String,
    /// How much: a whole number from 1. Default: 1.
    #[schemars(range(min = 1, max = 9_007_199_254_740_991_u64))]
    quantity: Option<u64>,
    /// For how many seconds, up to 31622400 (366 days).
    #[schemars(range(min = 1, max = 31_622_400))]
    expires_in_seconds: u64,
    /// A reference of your own.
    reference: Option<String>,
    #[serde(flatten)]
    execution: Execution,
}

async fn take_hold(client: Client, arguments: TakeHold) -> Result<Value, Failure> {
    let TakeHold { account, meter, quantity, expires_in_seconds, reference, execution } = arguments;
    let new = NewHold::new(meter, Duration::from_secs(expires_in_seconds));
    let request = account.resolve(&client).await?.holds().create(&NewHold { quantity, reference, ..new });
    Ok(json!({ "dry_run": execution.dry_run, "hold": execution.apply(request).await? }))
}

/// A hold of an account.
#[derive(Deserialize, JsonSchema)]
struct OfHold {
    account: AccountArgument,
    /// The id of the hold (hold_…), as `take_hold` and `list_holds` have it.
    hold: String,
    #[serde(flatten)]
    execution: Execution,
}

fn hold_id(text: &str) -> Result<HoldId, Failure> {
    parse("hold", text, "the id of a hold (hold_…)")
}

#[derive(Deserialize, JsonSchema)]
struct ConfirmHold {
    #[serde(flatten)]
    hold: OfHold,
    /// How much: a whole number from 1. Default: all that is held. The rest is released.
    #[schemars(range(min = 1, max = 9_007_199_254_740_991_u64))]
    quantity: Option<u64>,
    /// For a gauge: the key of the allocation. Default: the hold's id.
    key: Option<String>,
}

async fn confirm_hold(client: Client, arguments: ConfirmHold) -> Result<Value, Failure> {
    let ConfirmHold { hold: OfHold { account, hold, execution }, quantity, key } = arguments;
    let id = hold_id(&hold)?;
    let request = account.resolve(&client).await?.holds().confirm(id, &HoldConfirmation { quantity, key });
    Ok(json!({ "dry_run": execution.dry_run, "hold": execution.apply(request).await? }))
}

async fn release_hold(client: Client, arguments: OfHold) -> Result<Value, Failure> {
    let OfHold { account, hold, execution } = arguments;
    let id = hold_id(&hold)?;
    let request = account.resolve(&client).await?.holds().release(id);
    Ok(json!({ "dry_run": execution.dry_run, "hold": execution.apply(request).await? }))
}
