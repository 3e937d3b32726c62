//! `POST /accounts/{account_id}/usage`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::ports::WriteTx;
use domain::use_cases::RecordedUsage;
use domain::{
    AccountId, Actor, DryRun, FaultReason, Faults, NewUsageRecord, PlanCatalog, USAGE_ITEMS_MAX, UsageRecordId,
    use_cases,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::UsageRecordBody;
use crate::AppState;
use crate::access::{Caller, DryRunQuery, Manager};
use crate::http::{AccountPath, Body, CatalogFields, Input, List};
use crate::idempotency::StoredResponse;
use crate::openapi::{AccountPathParams, DryRunParams, IdempotencyParams, problems};
use crate::problem::Problem;

/// The usage of a meter, or a batch of usage: either `meter`, `quantity` and `at`, or `items`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewUsage, example = json!({"meter": "sms", "quantity": 3}))]
pub(crate) struct CreateUsageRequest {
    /// The meter: one of counters, but not `bookings`. Required without `items`.
    #[serde(default)]
    #[schema(value_type = String)]
    meter: Input,
    /// How much is used. Default: 1.
    #[serde(default)]
    #[schema(value_type = Option<u64>, format = Int64, minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    quantity: Input,
    /// The time of the usage, RFC 3339 with an offset, from 1970 to 2199. Default: now.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Input,
    /// A batch, which is recorded as a whole or not at all.
    #[serde(default)]
    #[schema(value_type = Option<Vec<CreateUsageItem>>, min_items = 1, max_items = 20)]
    items: List<CreateUsageItem>,
}

/// The usage of a meter.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewUsageItem)]
pub(crate) struct CreateUsageItem {
    /// The meter: one of counters, but not `bookings`.
    #[serde(default)]
    #[schema(value_type = String, required, example = "sms")]
    meter: Input,
    /// How much is used. Default: 1.
    #[serde(default)]
    #[schema(value_type = Option<u64>, format = Int64, minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    quantity: Input,
    /// The time of the usage, RFC 3339 with an offset, from 1970 to 2199. Default: now.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Input,
}

impl CreateUsageItem {
    fn parse(&self, catalog: &PlanCatalog) -> Result<NewUsageRecord, Faults> {
        let mut faults = Faults::default();
        let meter = self.meter.get("meter", &mut faults);
        let at = self.at.get("at", &mut faults);
        faults.finish(NewUsageRecord::parse(catalog, meter, self.quantity.number(1), at))
    }
}

/// The parsed request.
pub(crate) struct ParsedUsage {
    new: Vec<NewUsageRecord>,
    is_batch: bool,
}

impl CatalogFields for CreateUsageRequest {
    type Parsed = ParsedUsage;

    fn parse(self, catalog: &PlanCatalog) -> Result<ParsedUsage, Faults> {
        let Self { meter, quantity, at, items } = self;
        let mut faults = Faults::default();
        let parse = |item: CreateUsageItem| item.parse(catalog);
        let Some(new) = items.parse_items("items", USAGE_ITEMS_MAX, &mut faults, parse) else {
            let new = CreateUsageItem { meter, quantity, at }.parse(catalog)?;
            return Ok(ParsedUsage { new: vec![new], is_batch: false });
        };
        for (field, value) in [("meter", meter), ("quantity", quantity), ("at", at)] {
            if !matches!(value, Input::Absent | Input::Null) {
                faults.add(field, FaultReason::NotBeside { field: "items" });
            }
        }
        faults.finish(Ok(ParsedUsage { new, is_batch: true }))
    }
}

/// The recorded usage: a record for one, `items` for a batch.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = RecordedUsage)]
enum CreatedBody {
    One(UsageRecordBody),
    Batch(BatchBody),
}

/// The usage of a batch, in the order of the request.
#[derive(Serialize, ToSchema)]
#[schema(as = UsageBatch)]
struct BatchBody {
    /// The usage records.
    items: Vec<UsageRecordBody>,
}

impl CreatedBody {
    fn new(recorded: Vec<RecordedUsage>, is_batch: bool) -> Self {
        let mut items: Vec<_> = recorded.into_iter().map(UsageRecordBody::from).collect();
        match items.pop_if(|_| !is_batch) {
            Some(one) => Self::One(one),
            None => Self::Batch(BatchBody { items }),
        }
    }

    /// The path of the record, or else of the list.
    fn location(&self, account: AccountId) -> String {
        let list = format!("/accounts/{account}/usage");
        match self {
            Self::One(UsageRecordBody { id: Some(id), .. }) => format!("{list}/{id}"),
            Self::One(_) | Self::Batch(_) => list,
        }
    }
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, FIND, WRITE, IDEMPOTENT + [SubscriptionRequired, LimitExceeded]);

/// Record usage
///
/// Records usage if the account's plan permits it in every window of `at` that a metric limits. The
/// limits are exact, also under concurrent requests. A batch of `items` is checked as a whole, and
/// recorded as a whole or not at all. `Location` is the record; of a batch, and of a meter without
/// records, it is the list.
#[utoipa::path(
    post, path = "/accounts/{account_id}/usage", tag = "Usage", operation_id = "create_usage",
    security(("password" = ["manager"]), ("program_key" = ["write"])),
    params(IdempotencyParams, DryRunParams, AccountPathParams),
    request_body = CreateUsageRequest,
    responses(
        (status = 201, description = "The recorded usage. It is durable on disk.",
            body = CreatedBody,
            example = json!(super::example())),
        (status = 200, description = "The usage as it would be (dry run).", body = CreatedBody,
            example = json!(super::example())),
        Refusals,
    )
)]
pub(crate) async fn create_usage(
    caller: Caller<Manager>,
    AccountPath(account): AccountPath,
    dry_run: DryRunQuery,
    body: Body<CreateUsageRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let is_dry_run = dry_run.parse_for(&caller, account, &state).await?;
    let ParsedUsage { new, is_batch } = body.parse_for(&caller, account, &state).await?;
    let new: Vec<_> = new.into_iter().map(|new| (UsageRecordId::from_uuid(state.next_uuid()), new)).collect();
    let (catalog, origin, now) = (state.catalog.get(), caller.origin(), state.now());
    if is_dry_run {
        let record = move |tx: &mut DryRun<'_>, actor: &Actor| {
            use_cases::record_usage(tx, &catalog, account, &new, &actor.attribution(&origin), now)
        };
        return caller.dry_run(&state, account, record, |recorded| CreatedBody::new(recorded, is_batch)).await;
    }
    let record = move |tx: &mut dyn WriteTx, actor: &Actor| {
        use_cases::record_usage(tx, &catalog, account, &new, &actor.attribution(&origin), now)
    };
    let respond = move |recorded| {
        let body = CreatedBody::new(recorded, is_batch);
        StoredResponse::created_unversioned(body.location(account), &body)
    };
    // The rows themselves have their origin.
    caller.post(&state, account, now, record, |_| None, respond).await
}
