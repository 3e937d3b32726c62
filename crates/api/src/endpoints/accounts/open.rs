//! `POST /accounts`.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::{AccessError, OpenAccountError};
use domain::ports::{Accounts, Members, ReadHolds, ReadUsage, ReadUsers, Subscriptions, WriteTx};
use domain::{
    Account, AccountId, Action, Actor, AuditEntryId, DryRun, ExternalId, Faults, NewAccount, NewChange, OverLimit,
    PlanCatalog, PlanChoice, Requested, Role, Scope, SubscriptionChangeId, SubscriptionId, Timestamp, Timing,
    use_cases,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{AccountBody, metadata};
use crate::AppState;
use crate::access::{AuditedEffect, Caller, DryRunQuery, Opener};
use crate::http::{Body, BodyFields, Input};
use crate::idempotency::StoredResponse;
use crate::openapi::{DryRunParams, IdempotencyParams, example_with, problems};
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
    /// The account's id in your own system: 1 to 128 visible ASCII characters that no other account
    /// has. It does not change.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 128)]
    external_id: Input,
    /// Up to 20 pairs of text: keys of 1 to 64 visible ASCII characters, values of up to 500
    /// characters.
    #[serde(default)]
    #[schema(value_type = Option<std::collections::BTreeMap<String, String>>)]
    metadata: Input,
    /// The key of the plan to subscribe to, as `GET /plans` lists it, in any letter case. Default:
    /// the plan that the service is configured with, if any.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 64)]
    plan: Input,
}

/// The parsed request.
pub(crate) struct ParsedAccount {
    new: NewAccount,
    plan: Option<String>,
}

impl BodyFields for OpenAccountRequest {
    type Parsed = ParsedAccount;

    fn parse(self) -> Result<ParsedAccount, Faults> {
        let mut faults = Faults::default();
        let name = self.name.get("name", &mut faults);
        let time_zone = self.time_zone.get("time_zone", &mut faults);
        let external_id = self.external_id.get("external_id", &mut faults).map(ExternalId::parse);
        let external_id = faults.take_optional("external_id", external_id).flatten();
        let plan = self.plan.get("plan", &mut faults).map(str::to_owned);
        let metadata = faults.take_optional("metadata", metadata(self.metadata)).flatten().unwrap_or_default();
        let new = NewAccount::parse(name, time_zone);
        faults.finish(new.map(|new| ParsedAccount { new: NewAccount { external_id, metadata, ..new }, plan }))
    }
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, WRITE, IDEMPOTENT + [UnknownPlan]);

/// The plan of a new account.
struct FirstPlan {
    key: String,
    /// Whether the service chooses it, and not the caller.
    is_default: bool,
}

/// The unit of work that opens an account, on the store or in a dry run.
struct OpenUnit {
    id: AccountId,
    new: NewAccount,
    plan: Option<FirstPlan>,
    subscription_id: SubscriptionId,
    change_id: SubscriptionChangeId,
    now: Timestamp,
}

/// Why an account was not opened, and whether the caller may know the account in the way.
enum Refused {
    Hidden(OpenAccountError),
    Visible(AccountId),
}

impl<E: Into<OpenAccountError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Hidden(error.into())
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Hidden(error) => error.into(),
            Refused::Visible(id) => Self::from(OpenAccountError::ExternalIdTaken(id)).with("id", id.to_string()),
        }
    }
}

impl OpenUnit {
    fn run(
        &self,
        tx: &mut (impl Accounts + Members + Subscriptions + ReadUsage + ReadHolds + ReadUsers + ?Sized),
        catalog: &PlanCatalog,
        actor: &Actor,
    ) -> Result<Account, Refused> {
        let account = match use_cases::open_account(tx, &self.new, self.id, actor.user_id, self.now) {
            Err(OpenAccountError::ExternalIdTaken(other)) => {
                return Err(match use_cases::authorize_though_removed(tx, actor, other, Role::Viewer) {
                    Ok(()) => Refused::Visible(other),
                    Err(AccessError::Storage(error)) => error.into(),
                    Err(_) => OpenAccountError::ExternalIdTaken(other).into(),
                });
            }
            opened => opened?,
        };
        let Some(FirstPlan { key, is_default }) = &self.plan else { return Ok(account) };
        let is_operator =
            actor.scope == Scope::Admin && tx.find_user(actor.user_id)?.is_some_and(|user| user.is_operator);
        let choice =
            PlanChoice { plan: key.clone(), timing: Timing::Immediate, over_limit: OverLimit::Keep, reason: None };
        let requested = Requested { by: actor.user_id, at: self.now, reason: None };
        let new = NewChange { subscription_id: self.subscription_id, id: self.change_id, requested };
        Ok(use_cases::subscribe_opened(tx, catalog, account, &choice, is_operator || *is_default, &new)?)
    }
}

/// Open an account
///
/// An account is a customer that subscribes to a plan: a salon, a clinic, a studio. You are its
/// owner. With `plan`, it is subscribed at once, or not opened. Without, a new account has no plan,
/// unless the service is configured with one. If another account has the `external_id`, the request
/// is refused with 409, and the response has the `id` of that account if you may see it.
#[utoipa::path(
    post, path = "/accounts", tag = "Accounts", operation_id = "open_account",
    security(("password" = ["user"]), ("program_key" = ["write"])),
    params(IdempotencyParams, DryRunParams),
    request_body = OpenAccountRequest,
    responses(
        (status = 201, description = "The new account.",
            body = AccountBody,
            example = json!(example_with(super::example(), [("subscription", serde_json::Value::Null)]))),
        (status = 200, description = "The account as it would be (dry run).", body = AccountBody,
            example = json!(super::example())),
        Refusals,
    )
)]
pub(crate) async fn open_account(
    caller: Caller<Opener>,
    dry_run: DryRunQuery,
    body: Body<OpenAccountRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let is_dry_run = dry_run.parse_for(&caller, (), &state).await?;
    let ParsedAccount { new, plan } = body.parse_for(&caller, (), &state).await?;
    let (catalog, now) = (state.catalog.get(), state.now());
    let plan = match plan {
        Some(key) => Some(FirstPlan { key, is_default: false }),
        None => state.default_plan().map(|key| FirstPlan { key: key.to_string(), is_default: true }),
    };
    let id = AccountId::from_uuid(state.next_uuid());
    let entry_id = AuditEntryId::from_uuid(state.next_uuid());
    let subscription_id = SubscriptionId::from_uuid(state.next_uuid());
    let change_id = SubscriptionChangeId::from_uuid(state.next_uuid());
    let (requested, plans) = (plan.as_ref().map(|plan| plan.key.clone()).unwrap_or_default(), Arc::clone(&catalog));
    let unit = OpenUnit { id, new, plan, subscription_id, change_id, now };
    let (in_force, origin) = (Arc::clone(&catalog), caller.origin());
    if is_dry_run {
        let open = move |tx: &mut DryRun<'_>, actor: &Actor| unit.run(tx, &in_force, actor);
        let response = caller.dry_run(&state, (), open, |account| AccountBody::new(account, &catalog, now)).await;
        return response.map_err(|problem| problem.naming_plans(&requested, &plans));
    }
    let open = move |tx: &mut dyn WriteTx, actor: &Actor| {
        let account = unit.run(tx, &in_force, actor)?;
        if account.subscription.is_some() {
            // A unit has one effect, which is the subscription then.
            let opened = AuditedEffect::on(id, Action::AccountOpened, &id);
            tx.append_audit(&opened.entry(entry_id, actor.user_id, actor.api_key, origin.clone(), now))?;
        }
        Ok::<_, Refused>(account)
    };
    let effect = move |account: &Account| {
        Some(match &account.subscription {
            Some(subscription) => AuditedEffect::on(id, Action::PlanChanged, &subscription.id),
            None => AuditedEffect::on(id, Action::AccountOpened, &id),
        })
    };
    let respond =
        move |account| StoredResponse::created(format!("/accounts/{id}"), &AccountBody::new(account, &catalog, now));
    let response = caller.post_unless_hidden(&state, (), now, is_hidden, open, effect, respond).await;
    response.map_err(|problem| problem.naming_plans(&requested, &plans))
}

/// Whether the caller has lost access to the account in a stored response.
fn is_hidden(tx: &mut dyn WriteTx, actor: &Actor, stored: &StoredResponse) -> Result<bool, Refused> {
    let Some(id) = stored.resource_id().and_then(|id| id.parse().ok()) else { return Ok(true) };
    if tx.find_role(id, actor.user_id)?.is_some() {
        return Ok(false);
    }
    Ok(!tx.find_user(actor.user_id)?.is_some_and(|user| user.is_operator))
}
