//! `POST /accounts`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::StorageError;
use domain::ports::WriteTx;
use domain::{AccountId, Action, Actor, Faults, NewAccount, use_cases};
use serde::Deserialize;
use utoipa::ToSchema;

use super::AccountBody;
use crate::AppState;
use crate::access::{AuditedEffect, Caller, Opener};
use crate::http::{Body, BodyFields, Input};
use crate::idempotency::StoredResponse;
use crate::openapi::{IdempotencyParams, example_with, problems};
use crate::problem::Problem;

/// The fields of a new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAccount, example = json!({"name": "My Salon", "time_zone": "Europe/Berlin"}))]
pub(crate) struct OpenAccountRequest {
    /// The account's name, 1 to 100 characters.
    #[serde(default)]
    #[schema(value_type = String, required, min_length = 1, max_length = 100)]
    name: Input,
    /// The IANA time zone that determines the account's days. Default: `UTC`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    time_zone: Input,
}

impl BodyFields for OpenAccountRequest {
    type Parsed = NewAccount;

    fn parse(self) -> Result<NewAccount, Faults> {
        let mut faults = Faults::default();
        let name = self.name.get("name", &mut faults);
        let time_zone = self.time_zone.get("time_zone", &mut faults);
        faults.finish(NewAccount::parse(name, time_zone))
    }
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, WRITE, IDEMPOTENT);

/// Open an account
///
/// An account is a customer that subscribes to a plan: a salon, a clinic, a studio. A new account
/// has no plan, and you are its owner.
#[utoipa::path(
    post, path = "/accounts", tag = "Accounts", operation_id = "open_account",
    security(("password" = ["user"]), ("program_key" = ["write"])),
    params(IdempotencyParams),
    request_body = OpenAccountRequest,
    responses(
        (status = 201, description = "The new account.",
            body = AccountBody,
            example = json!(example_with(super::example(), [("subscription", serde_json::Value::Null)]))),
        Refusals,
    )
)]
pub(crate) async fn open_account(
    caller: Caller<Opener>,
    body: Body<OpenAccountRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let new = body.parse_for(&caller, (), &state).await?;
    let catalog = state.catalog.get();
    let (id, now) = (AccountId::from_uuid(state.next_uuid()), state.now());
    caller
        .post_unless_hidden(
            &state,
            (),
            now,
            is_hidden,
            move |tx, actor| use_cases::open_account(tx, &new, id, actor.user_id, now),
            move |_| Some(AuditedEffect::on(id, Action::AccountOpened, &id)),
            move |account| {
                StoredResponse::created(format!("/accounts/{id}"), &AccountBody::new(account, &catalog, now))
            },
        )
        .await
}

/// Whether the caller has lost access to the account in a stored response.
fn is_hidden(tx: &mut dyn WriteTx, actor: &Actor, stored: &StoredResponse) -> Result<bool, StorageError> {
    let Some(id) = stored.resource_id().and_then(|id| id.parse().ok()) else { return Ok(true) };
    if tx.find_role(id, actor.user_id)?.is_some() {
        return Ok(false);
    }
    Ok(!tx.find_user(actor.user_id)?.is_some_and(|user| user.is_operator))
}
