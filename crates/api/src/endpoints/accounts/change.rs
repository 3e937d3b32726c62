//! `PATCH /accounts/{account_id}`.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::ChangeError;
use domain::ports::{Accounts, WriteTx};
use domain::{Account, AccountId, AccountPatch, Action, Actor, DryRun, Faults, PlanCatalog, Timestamp, use_cases};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{AccountBody, metadata};
use crate::AppState;
use crate::access::{AuditedEffect, Caller, DryRunQuery, Owner};
use crate::http::{AccountPath, Body, BodyFields, IfMatch, Input, tagged};
use crate::openapi::{AccountPathParams, DryRunParams, IfMatchParams, problems};
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

/// The unit of work that changes an account, on the store or in a dry run.
struct ChangeUnit {
    id: AccountId,
    if_match: IfMatch,
    patch: AccountPatch,
    catalog: Arc<PlanCatalog>,
    now: Timestamp,
}

impl ChangeUnit {
    /// The changed account, and whether anything changed.
    fn run(&self, tx: &mut (impl Accounts + ?Sized)) -> Result<(AccountBody, bool), ChangeError> {
        let body = |account: Account| AccountBody::new(account, &self.catalog, self.now);
        let is_expected = |it: &Account| self.if_match.admits(|| body(it.clone()));
        let (account, is_changed) = use_cases::change_account(tx, self.id, &self.patch, is_expected)?;
        Ok((body(account), is_changed))
    }
}

/// Change an account
///
/// Changes the name, the time zone and the metadata. Existing bookings keep their day.
#[utoipa::path(
    patch, path = "/accounts/{account_id}", tag = "Accounts", operation_id = "change_account",
    security(("password" = ["owner"]), ("program_key" = ["admin"])),
    params(IfMatchParams, DryRunParams, AccountPathParams),
    request_body = ChangeAccountRequest,
    responses(
        (status = 200, description = "The account: changed, or as it would be (dry run).",
            headers(("ETag")), body = AccountBody,
            example = json!(super::example())),
        Refusals,
    )
)]
pub(crate) async fn change_account(
    caller: Caller<Owner>,
    AccountPath(id): AccountPath,
    if_match: IfMatch,
    dry_run: DryRunQuery,
    body: Body<ChangeAccountRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let is_dry_run = dry_run.parse_for(&caller, id, &state).await?;
    let patch = body.parse_for(&caller, id, &state).await?;
    let now = state.now();
    let unit = ChangeUnit { id, if_match, patch, catalog: state.catalog.get(), now };
    if is_dry_run {
        let change = move |tx: &mut DryRun<'_>, _: &Actor| unit.run(tx);
        return caller.dry_run(&state, id, change, |(account, _)| account).await;
    }
    let change = move |tx: &mut dyn WriteTx, _: &Actor| unit.run(tx);
    let effect = move |(_, is_changed): &(AccountBody, bool)| {
        is_changed.then(|| AuditedEffect::on(id, Action::AccountChanged, &id))
    };
    let (account, _) = caller.write(&state, id, now, change, effect).await?;
    Ok(tagged(&account))
}
