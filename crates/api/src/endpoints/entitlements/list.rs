//! `GET /accounts/{account_id}/entitlements`.

use std::sync::Arc;

use actix_web::web::Data;
use domain::ports::ReadTx;
use domain::use_cases::Entitlements;
use domain::{AccountId, Actor, Date, Entitlement, PlanKey, parse_day, use_cases};
use serde::Serialize;
use utoipa::ToSchema;

use crate::AppState;
use crate::access::{Caller, Viewer};
use crate::endpoints::overrides::OverrideBody;
use crate::http::{AccountPath, Json, Parameters, Query};
use crate::openapi::problems;
use crate::problem::{Code, Problem, WindowBody};

/// What an account may have of everything that is limited, and how much of it is used.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountEntitlements)]
pub(crate) struct EntitlementsBody {
    /// The account.
    account_id: String,
    /// The plan in force, or null.
    #[schema(required)]
    plan: Option<String>,
    /// The day that limits by day are told for.
    #[schema(format = Date)]
    on: String,
    /// One for each metric.
    entitlements: Vec<EntitlementBody>,
}

/// How much of one metric an account may have, and how much it has.
#[derive(Serialize, ToSchema)]
#[schema(as = Entitlement)]
pub(crate) struct EntitlementBody {
    /// What is limited: `staff` or `bookings_per_day`.
    #[schema(example = "staff")]
    metric: &'static str,
    /// How many are permitted; null means unlimited, and without a plan it is 0.
    #[schema(required, format = Int64, example = 2)]
    limit: Option<u32>,
    /// How many there are.
    #[schema(example = 1)]
    used: u32,
    /// How many more fit; null means any number.
    #[schema(required, format = Int64, example = 1)]
    remaining: Option<u32>,
    /// How many there are too many.
    #[schema(example = 0)]
    over_by: u32,
    /// The day that it is about; null for what is not about a day.
    #[schema(required)]
    window: Option<WindowBody>,
    /// The plan in force, or null.
    #[schema(required, example = "basic")]
    plan: Option<String>,
    /// What takes the place of the plan's limit, or null.
    #[schema(required)]
    r#override: Option<OverrideBody>,
}

impl EntitlementsBody {
    fn new(account: AccountId, entitlements: &Entitlements) -> Self {
        Self {
            account_id: account.to_string(),
            plan: entitlements.plan.as_ref().map(PlanKey::to_string),
            on: entitlements.on.to_string(),
            entitlements: entitlements.all.iter().map(EntitlementBody::from).collect(),
        }
    }
}

impl From<&Entitlement> for EntitlementBody {
    fn from(it: &Entitlement) -> Self {
        Self {
            metric: it.metric.as_str(),
            limit: it.usage.limit.max(),
            used: it.usage.used,
            remaining: it.usage.remaining(),
            over_by: it.usage.over_by(),
            window: it.window.as_ref().map(WindowBody::from),
            plan: it.plan.as_ref().map(PlanKey::to_string),
            r#override: it.given.as_ref().map(OverrideBody::from),
        }
    }
}

/// The parameter `on`.
fn on(parameters: &mut Parameters) -> Result<Option<Date>, Problem> {
    let not_a_day = |_| {
        let detail = "The parameter on is a day from 1970-01-01 to 2199-12-31, such as 2026-03-29.";
        Problem::new(Code::InvalidParameter).with_detail(detail)
    };
    parameters.take("on")?.map(|day| parse_day(&day).map_err(not_a_day)).transpose()
}

problems!(Refusals: ANY, TOKEN, FIND + [InvalidParameter]);

/// Get the entitlements of an account
///
/// Every limit, and how much of it is used: by the same count and the same day by which creating is
/// refused. The numbers are of one instant; to create is to find out whether there is still room.
#[utoipa::path(
    get, path = "/accounts/{account_id}/entitlements", tag = "Limits", operation_id = "list_entitlements",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(
        ("account_id" = String, Path, description = "The account's id.", example = "acct_01h455vb4pex5vsknk084sn02q"),
        ("on" = Option<String>, Query, format = Date,
            description = "The day that limits by day are told for, from 1970-01-01 to 2199-12-31; today in the account's time zone if left out."),
    ),
    responses(
        (status = 200, description = "The account's limits.", body = EntitlementsBody,
            example = json!({"account_id": "acct_01h455vb4pex5vsknk084sn02q", "plan": "basic", "on": "2026-03-29",
                "entitlements": [
                    {"metric": "staff", "limit": 4, "used": 3, "remaining": 1, "over_by": 0, "window": null, "plan": "basic",
                        "override": {"limit": 4, "reason": "Trial until the autumn", "expires_at": "2026-09-01T00:00:00Z",
                            "created_by": "user_01h455vb4pex5vsknk084sn02q", "created_at": "2026-03-20T12:34:56.789012Z"}},
                    {"metric": "bookings_per_day", "limit": 5, "used": 2, "remaining": 3, "over_by": 0,
                        "window": {"start": "2026-03-28T23:00:00Z", "end": "2026-03-29T22:00:00Z",
                            "time_zone": "Europe/Berlin"},
                        "plan": "basic", "override": null}]})),
        Refusals,
    )
)]
pub(crate) async fn list_entitlements(
    caller: Caller<Viewer>,
    AccountPath(account): AccountPath,
    query: Query,
    state: Data<AppState>,
) -> Result<Json<EntitlementsBody>, Problem> {
    let on = query.parse_for(&caller, account, &state, on).await?;
    let (catalog, now) = (Arc::clone(&state.catalog), state.now());
    let list = move |tx: &mut dyn ReadTx, _: &Actor| use_cases::list_entitlements(tx, &catalog, account, on, now);
    Ok(Json(EntitlementsBody::new(account, &caller.read(&state, account, list).await?)))
}
