//! `PATCH /users/me`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::ports::WriteTx;
use domain::{Action, Actor, FaultReason, Faults, User, Username, use_cases};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{UserBody, find_locked};
use crate::AppState;
use crate::access::{AuditedEffect, Caller, LoggedIn};
use crate::http::{Body, BodyFields, IfMatch, Input, NotChanged, tagged};
use crate::openapi::{IfMatchParams, example_with, problems};
use crate::problem::Problem;

/// The fields to change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UserChange, example = json!({"username": "ann.b"}))]
pub(crate) struct RenameRequest {
    /// The new username, 1 to 64 of a-z, 0-9 and . _ - @ +, not only dots.
    #[serde(default)]
    #[schema(value_type = String, required, min_length = 1, max_length = 64)]
    username: Input,
}

impl BodyFields for RenameRequest {
    type Parsed = Username;

    fn parse(self) -> Result<Username, Faults> {
        let mut faults = Faults::default();
        let username = self.username.get("username", &mut faults);
        let username = faults.take("username", username.ok_or(FaultReason::Required).and_then(Username::parse));
        username.ok_or(faults)
    }
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, FIND, WRITE, VERSION + [Conflict]);

/// Change your username
///
/// Sessions and API keys stay valid. The last operator cannot give up the username in the
/// configuration.
#[utoipa::path(
    patch, path = "/users/me", tag = "Users", operation_id = "change_me",
    security(("password" = ["user"])),
    params(IfMatchParams),
    request_body = RenameRequest,
    responses(
        (status = 200, description = "Your changed user.",
            headers(("ETag")), body = UserBody,
            example = json!(example_with(super::example(), [("username", "ann.b".into())]))),
        Refusals,
    )
)]
pub(crate) async fn rename_me(
    caller: Caller<LoggedIn>,
    if_match: IfMatch,
    body: Body<RenameRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let username = body.parse_for(&caller, (), &state).await?;
    let reserved = state.reserved_username.clone();
    let rename = move |tx: &mut dyn WriteTx, actor: &Actor| {
        if_match.check(|| find_locked(tx, actor.user_id))?;
        use_cases::rename_user(tx, actor.user_id, &username, reserved.as_ref()).map_err(NotChanged::Refused)
    };
    let effect = |user: &User| Some(AuditedEffect::of(Action::UserChanged, &user.id));
    let user = caller.write(&state, (), state.now(), rename, effect).await?;
    Ok(tagged(&UserBody::from(user)))
}
