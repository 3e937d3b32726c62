//! `POST /accounts/{account_id}/check`.

use actix_web::web::Data;
use domain::ports::ReadTx;
use domain::{Actor, use_cases};

use super::answer::{AnswerBody, AnswersBody, SeveralAnswersBody};
use super::question::{CheckRequest, ParsedCheck};
use crate::AppState;
use crate::access::{Caller, Viewer};
use crate::http::{AccountPath, Body, Json};
use crate::openapi::{AccountPathParams, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, BODY, VALIDATION, FIND);

/// Check a limit or a feature
///
/// Applies the same rule as creation: to one metric, or to all metrics of a meter. If the limit
/// refuses, the response has the next day and the plans that permit it. For a feature, the response
/// has its value. `checks` has up to 100 questions, which are answered in their order, all at one
/// instant. Nothing is created or reserved, so a later creation may still be refused. An
/// `Idempotency-Key` has no effect: each response is computed anew.
#[utoipa::path(
    post, path = "/accounts/{account_id}/check", tag = "Limits", operation_id = "check",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(AccountPathParams),
    request_body = CheckRequest,
    responses(
        (status = 200, description = "The result of the check.", body = AnswersBody,
            example = json!({"allowed": false, "code": "booking_limit_exceeded", "quantity": 3, "plan": "basic",
                "metric": "bookings_per_day", "limit": 5, "used": 3, "remaining": 2,
                "window": {"start": "2026-03-28T23:00:00Z", "end": "2026-03-29T22:00:00Z", "time_zone": "Europe/Berlin"},
                "next_allowed_day": "2026-03-30", "plans_that_allow": ["pro"],
                "meter": "bookings", "next_allowed_at": "2026-03-29T22:00:00Z",
                "exceeded": [{"metric": "bookings_per_day", "limit": 5, "used": 3, "requested": 3, "remaining": 2,
                    "window": {"start": "2026-03-28T23:00:00Z", "end": "2026-03-29T22:00:00Z", "time_zone": "Europe/Berlin"},
                    "next_allowed_at": "2026-03-29T22:00:00Z"}]})),
        Refusals,
    )
)]
pub(crate) async fn check(
    caller: Caller<Viewer>,
    AccountPath(account): AccountPath,
    body: Body<CheckRequest>,
    state: Data<AppState>,
) -> Result<Json<AnswersBody>, Problem> {
    let ParsedCheck { questions, is_batch } = body.parse_for(&caller, account, &state).await?;
    let (catalog, now) = (state.catalog.get(), state.now());
    let check = move |tx: &mut dyn ReadTx, _: &Actor| use_cases::check(tx, &catalog, account, &questions, now);
    let mut answers = caller.read(&state, account, check).await?.into_iter().map(AnswerBody::from);
    if is_batch {
        return Ok(Json(AnswersBody::Several(SeveralAnswersBody { checks: answers.collect() })));
    }
    answers
        .next()
        .map(|answer| Json(AnswersBody::One(answer)))
        .ok_or_else(|| Problem::internal("a check has no answer"))
}
