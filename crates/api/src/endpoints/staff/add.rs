//! `POST /accounts/{account_id}/staff`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::{Actor, DryRun, Faults, NewStaffMember, StaffId, use_cases};
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::holds::hold_id;
use super::StaffMemberBody;
use crate::AppState;
use crate::access::{Caller, DryRunQuery, Manager};
use crate::http::{AccountPath, Body, BodyFields, Input};
use crate::idempotency::StoredResponse;
use crate::openapi::{AccountPathParams, DryRunParams, IdempotencyParams, problems};
use crate::problem::Problem;

/// The fields of a new staff member.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewStaffMember, example = json!({"name": "Ann", "email": "ann@example.com"}))]
pub(crate) struct AddStaffMemberRequest {
    /// The staff member's name, 1 to 100 characters.
    #[serde(default)]
    #[schema(value_type = String, required, min_length = 1, max_length = 100)]
    name: Input,
    /// The staff member's email address, at most 254 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Email, max_length = 254)]
    email: Input,
    /// The id of a live hold of `staff`, whose place is used.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    hold_id: Input,
}

impl BodyFields for AddStaffMemberRequest {
    type Parsed = NewStaffMember;

    fn parse(self) -> Result<NewStaffMember, Faults> {
        let mut faults = Faults::default();
        let name = self.name.get("name", &mut faults);
        let email = self.email.get("email", &mut faults);
        let hold_id = hold_id(&self.hold_id, &mut faults);
        let new = faults.finish(NewStaffMember::parse(name, email))?;
        Ok(NewStaffMember { hold_id, ..new })
    }
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, FIND, WRITE, IDEMPOTENT + [SubscriptionRequired, StaffLimitExceeded, LimitExceeded]);

/// Add a staff member
///
/// Adds a staff member if the account's plan permits one more. The limit is exact, also under
/// concurrent requests.
#[utoipa::path(
    post, path = "/accounts/{account_id}/staff", tag = "Staff", operation_id = "add_staff_member",
    security(("password" = ["manager"]), ("program_key" = ["write"])),
    params(IdempotencyParams, DryRunParams, AccountPathParams),
    request_body = AddStaffMemberRequest,
    responses(
        (status = 201, description = "The new staff member.",
            body = StaffMemberBody,
            example = json!(super::example())),
        (status = 200, description = "The staff member as it would be (dry run).", body = StaffMemberBody,
            example = json!(super::example())),
        Refusals,
    )
)]
pub(crate) async fn add_staff_member(
    caller: Caller<Manager>,
    AccountPath(account): AccountPath,
    dry_run: DryRunQuery,
    body: Body<AddStaffMemberRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let is_dry_run = dry_run.parse_for(&caller, account, &state).await?;
    let new = body.parse_for(&caller, account, &state).await?;
    let (catalog, clock) = (state.catalog.get(), state.clock());
    let (id, origin, now) = (StaffId::from_uuid(state.next_uuid()), caller.origin(), state.now());
    if is_dry_run {
        let add = move |tx: &mut DryRun<'_>, actor: &Actor| {
            use_cases::add_staff_member(tx, &catalog, account, &new, id, &actor.attribution(&origin), now)
        };
        return caller.dry_run(&state, account, add, StaffMemberBody::from).await;
    }
    caller
        .post(
            &state,
            account,
            now,
            move |tx, actor| {
                let now = clock.now();
                use_cases::add_staff_member(tx, &catalog, account, &new, id, &actor.attribution(&origin), now)
            },
            // The row itself has its origin.
            |_| None,
            move |member| {
                StoredResponse::created(format!("/accounts/{account}/staff/{id}"), &StaffMemberBody::from(member))
            },
        )
        .await
}
