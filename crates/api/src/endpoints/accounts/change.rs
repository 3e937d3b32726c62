//! `PATCH /accounts/{account_id}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::ChangeError;
use domain::ports::WriteTx;
use domain::{Account, AccountPatch, Action, Actor, Faults, use_cases};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{AccountBody, metadata};
use crate::AppState;
use crate::access::{AuditedEffect, Caller, Owner};
use crate::http::{AccountPath, Body, BodyFields, IfMatch, Input, tagged};
use crate::openapi::{AccountPathParams, IfMatchParams, problems};
use crate::problem::Problem;

/// The fields to change. Absent fields keep their values.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AccountChange, example = json!({"name": "Our Salon", "time_zone": "Europe/Paris"}))]
pub(crate) struct ChangeAccountRequest {
    /// The account's name, 1 to 100 characters.
    #[serde(default)]
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    name: Input,
    /// The account's IANA time zone. It applies to new bookings; existing bookings keep their day.
    #[serde(default)]
    #[schema(value_type = String)]
    time_zone: Input,
    /// Up to 20 pairs of text, which replace all pairs of the account; null removes them.
    #[serde(default)]
    #[schema(value_type = Option<std::collections::BTreeMap<String, String>>)]
    metadata: Input,
}

impl BodyFields for ChangeAccountRequest {
    type Parsed = AccountPatch;

    fn parse(self) -> Result<AccountPatch, Faults> {
        let mut faults = Faults::default();
        let name = self.name.replacement("name", &mut faults);
        let time_zone = self.time_zone.replacement("time_zone", &mut faults);
        let metadata = faults.take_optional("metadata", metadata(self.metadata)).flatten();
        faults.finish(AccountPatch::parse(name, time_zone).map(|patch| AccountPatch { metadata, ..patch }))
    }
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, FIND, WRITE, VERSION);

/// Change an account
///
/// Changes the name, the time zone and the metadata. Existing bookings keep their day.
#[utoipa::path(
    patch, path = "/accounts/{account_id}", tag = "Accounts", operation_id = "change_account",
    security(("password" = ["owner"]), ("program_key" = ["admin"])),
    params(IfMatchParams, AccountPathParams),
    request_body = ChangeAccountRequest,
    responses(
        (status = 200, description = "The changed account.",
            headers(("ETag")), body = AccountBody,
            example = json!(super::example())),
        Refusals,
    )
)]
pub(crate) async fn change_account(
    caller: Caller<Owner>,
    AccountPath(id): AccountPath,
    if_match: IfMatch,
    body: Body<ChangeAccountRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let patch = body.parse_for(&caller, id, &state).await?;
    let (catalog, now) = (state.catalog.get(), state.now());
    let change = move |tx: &mut dyn WriteTx, _: &Actor| {
        let is_expected = |it: &Account| if_match.admits(|| AccountBody::new(it.clone(), &catalog, now));
        let (account, is_changed) = use_cases::change_account(tx, id, &patch, is_expected)?;
        Ok::<_, ChangeError>((AccountBody::new(account, &catalog, now), is_changed))
    };
    let effect = move |(_, is_changed): &(AccountBody, bool)| {
        is_changed.then(|| AuditedEffect::on(id, Action::AccountChanged, &id))
    };
    let (account, _) = caller.write(&state, id, now, change, effect).await?;
    Ok(tagged(&account))
}
