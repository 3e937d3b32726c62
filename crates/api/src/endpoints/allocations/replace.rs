//! `PUT /accounts/{account_id}/allocations/{meter}`.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::ports::WriteTx;
use domain::use_cases::{self, AllocationsReplaced};
use domain::{ALLOCATIONS_MAX, Action, Actor, AllocationKey, DryRun, Fault, FaultReason, Faults};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::AppState;
use crate::access::{AuditedEffect, Caller, DryRunQuery, Manager};
use crate::http::{AllocationsPath, Body, BodyFields, Input, json};
use crate::openapi::{AccountPathParams, DryRunParams, MeterPathParams, problems};
use crate::problem::Problem;

/// The keys of all allocations of the meter.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AllocationKeys, example = json!({"keys": ["app", "website"]}))]
pub(crate) struct ReplaceAllocationsRequest {
    /// The keys, each 1 to 128 visible ASCII characters. Equal ones are one.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required, max_items = 1000)]
    keys: Input,
}

impl BodyFields for ReplaceAllocationsRequest {
    type Parsed = BTreeSet<AllocationKey>;

    fn parse(self) -> Result<BTreeSet<AllocationKey>, Faults> {
        let mut faults = Faults::default();
        let parsed = match &self.keys {
            Input::Array(keys) if keys.len() <= ALLOCATIONS_MAX => {
                let parse = |(index, key)| faults.collect_item("keys", index, parse_key(key));
                keys.iter().enumerate().filter_map(parse).collect()
            }
            Input::Array(_) => refuse(&mut faults, FaultReason::ItemCountOutOfRange { min: 0, max: ALLOCATIONS_MAX }),
            Input::Absent | Input::Null => refuse(&mut faults, FaultReason::Required),
            Input::Text(_) | Input::Whole(_) | Input::Flag(_) | Input::Object(_) | Input::WrongType => {
                refuse(&mut faults, FaultReason::WrongType { expected: "list of strings" })
            }
        };
        faults.finish(Ok(parsed))
    }
}

fn refuse(faults: &mut Faults, reason: FaultReason) -> BTreeSet<AllocationKey> {
    faults.add("keys", reason);
    BTreeSet::new()
}

fn parse_key(input: &Input) -> Result<AllocationKey, Faults> {
    let parsed = match input {
        Input::Text(key) => AllocationKey::parse(key),
        _ => Err(FaultReason::WrongType { expected: "string" }),
    };
    // The item itself is at fault, no field of it.
    parsed.map_err(|reason| Fault { field: "", reason }.into())
}

/// The effect of replacing the allocations of a meter: keys, in ascending order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AllocationsReplaced)]
pub(crate) struct AllocationsReplacedBody {
    /// The keys that are new, each with the quantity 1.
    added: Vec<String>,
    /// The keys that were removed.
    removed: Vec<String>,
    /// The keys that existed already, each with the quantity that it had.
    unchanged: Vec<String>,
}

impl From<AllocationsReplaced> for AllocationsReplacedBody {
    fn from(replaced: AllocationsReplaced) -> Self {
        let texts = |keys: Vec<AllocationKey>| keys.iter().map(AllocationKey::to_string).collect();
        let AllocationsReplaced { added, removed, unchanged } = replaced;
        Self { added: texts(added), removed: texts(removed), unchanged: texts(unchanged) }
    }
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, FIND, WRITE + [Conflict, SubscriptionRequired, LimitExceeded]);

/// Replace the allocations of a meter
///
/// Makes the allocations of the meter exactly those with these keys: allocates the missing ones,
/// and removes the others, at most 1000. It is refused as a whole if the account's plan does not
/// permit what would be added beyond what would be removed. The body is at most 160 KiB.
#[utoipa::path(
    put, path = "/accounts/{account_id}/allocations/{meter}", tag = "Allocations", operation_id = "replace_allocations",
    security(("password" = ["manager"]), ("program_key" = ["write"])),
    params(DryRunParams, AccountPathParams, MeterPathParams),
    request_body = ReplaceAllocationsRequest,
    responses(
        (status = 200, description = "What changed, or would change (dry run).", body = AllocationsReplacedBody,
            example = json!({"added": ["app"], "removed": ["shop"], "unchanged": ["website"]})),
        Refusals,
    )
)]
pub(crate) async fn replace_allocations(
    caller: Caller<Manager>,
    AllocationsPath(account, meter): AllocationsPath,
    dry_run: DryRunQuery,
    body: Body<ReplaceAllocationsRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let is_dry_run = dry_run.parse_for(&caller, account, &state).await?;
    let keys = body.parse_for(&caller, account, &state).await?;
    let (catalog, origin, now) = (state.catalog.get(), caller.origin(), state.now());
    if is_dry_run {
        let replace = move |tx: &mut DryRun<'_>, actor: &Actor| {
            let by = actor.attribution(&origin);
            use_cases::replace_allocations(tx, &catalog, account, &meter, &keys, &by, now)
        };
        return caller.dry_run(&state, account, replace, AllocationsReplacedBody::from).await;
    }
    let audited = meter.clone();
    let replace = move |tx: &mut dyn WriteTx, actor: &Actor| {
        let by = actor.attribution(&origin);
        use_cases::replace_allocations(tx, &catalog, account, &meter, &keys, &by, now)
    };
    let effect = move |replaced: &AllocationsReplaced| {
        replaced.has_changed().then(|| AuditedEffect::on(account, Action::AllocationsReplaced, &audited))
    };
    let replaced = caller.write(&state, account, now, replace, effect).await?;
    Ok(json(&mut HttpResponse::Ok(), &AllocationsReplacedBody::from(replaced)))
}
