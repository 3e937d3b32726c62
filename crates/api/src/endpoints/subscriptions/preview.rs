//! `POST /accounts/{account_id}/subscribe/preview`.

use std::sync::Arc;

use actix_web::web::Data;
use domain::ports::ReadTx;
use domain::use_cases::{self, Preview};
use domain::{Actor, PlanKey};
use serde::Serialize;
use utoipa::ToSchema;

use super::subscribe::SubscribeRequest;
use crate::AppState;
use crate::access::{Caller, Viewer};
use crate::endpoints::overrides::FeatureValueBody;
use crate::http::{AccountPath, Body, Json};
use crate::openapi::{self, AccountPathParams, problems};
use crate::problem::{ExcessBody, Problem};

/// The preview of a change of plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanChangePreview)]
pub(crate) struct PreviewBody {
    /// The key of the current plan, or null.
    #[schema(required, example = "pro")]
    from: Option<String>,
    /// The key of the new plan.
    #[schema(example = "basic")]
    to: String,
    /// The direction of the change.
    #[schema(value_type = openapi::Direction)]
    direction: &'static str,
    /// The time when the change would take effect.
    #[schema(format = DateTime, example = "2026-04-28T22:00:00Z")]
    effective_at: String,
    /// The limits before and after the change.
    limits: Vec<LimitChangeBody>,
    /// The limits that usage would exceed. Existing staff members and bookings would stay, and new
    /// ones would be refused.
    exceeded: Vec<ExcessBody>,
    /// The features whose values change, if the service has custom metrics or features.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<FeatureChangeBody>, required = false)]
    features: Option<Vec<FeatureChangeBody>>,
}

/// The value of a feature before and after a change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FeatureChange)]
pub(crate) struct FeatureChangeBody {
    /// The feature.
    #[schema(example = "sso")]
    feature: String,
    /// The value now. Without a plan: false, 0, or an empty text.
    from: FeatureValueBody,
    /// The value after the change.
    to: FeatureValueBody,
}

/// The limit of a metric before and after a change; null means unlimited.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LimitChange)]
pub(crate) struct LimitChangeBody {
    /// The metric, such as `staff`.
    #[schema(example = "staff")]
    metric: String,
    /// The limit now; 0 without a plan.
    #[schema(required, example = 5)]
    from: Option<u64>,
    /// The limit after the change.
    #[schema(required, example = 2)]
    to: Option<u64>,
}

impl From<Preview> for PreviewBody {
    fn from(preview: Preview) -> Self {
        let features = preview.features.iter().map(|(feature, from, to)| FeatureChangeBody {
            feature: feature.to_string(),
            from: from.into(),
            to: to.into(),
        });
        let limits = preview.limits.into_iter();
        let limits = limits.map(|(metric, from, to)| LimitChangeBody {
            metric: metric.to_string(),
            from: from.max(),
            to: to.max(),
        });
        Self {
            from: preview.from.as_ref().map(PlanKey::to_string),
            to: preview.to.to_string(),
            direction: preview.direction.as_str(),
            effective_at: preview.effective_at.to_string(),
            limits: limits.collect(),
            exceeded: preview.exceeded.iter().map(ExcessBody::from).collect(),
            features: preview.is_extended.then(|| features.collect()),
        }
    }
}

problems!(Refusals: ANY, TOKEN, BODY, VALIDATION, FIND + [UnknownPlan]);

/// Preview a change of plan
///
/// Takes the body of `POST /accounts/{account_id}/subscribe` and returns the effects of that
/// change. Nothing is changed.
#[utoipa::path(
    post, path = "/accounts/{account_id}/subscribe/preview", tag = "Subscriptions", operation_id = "preview_plan_change",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(AccountPathParams),
    request_body = SubscribeRequest,
    responses(
        (status = 200, description = "The preview.", body = PreviewBody,
            example = json!({"from": "pro", "to": "basic", "direction": "downgrade", "effective_at": "2026-04-28T22:00:00Z",
                "limits": [{"metric": "staff", "from": 5, "to": 2}, {"metric": "bookings_per_day", "from": 20, "to": 5}],
                "exceeded": [{"metric": "staff", "day": null, "used": 3, "new_limit": 2, "excess": 1}],
                "features": [{"feature": "sso", "from": true, "to": false}]})),
        Refusals,
    )
)]
pub(crate) async fn preview_plan_change(
    caller: Caller<Viewer>,
    AccountPath(account): AccountPath,
    body: Body<SubscribeRequest>,
    state: Data<AppState>,
) -> Result<Json<PreviewBody>, Problem> {
    let choice = body.parse_for(&caller, account, &state).await?;
    let (catalog, now) = (state.catalog.get(), state.now());
    let (requested, plans) = (choice.plan.clone(), Arc::clone(&catalog));
    let preview =
        move |tx: &mut dyn ReadTx, _: &Actor| use_cases::preview_plan_change(tx, &catalog, account, &choice, now);
    let previewed = caller.read(&state, account, preview).await;
    Ok(Json(previewed.map_err(|problem| problem.naming_plans(&requested, &plans))?.into()))
}
