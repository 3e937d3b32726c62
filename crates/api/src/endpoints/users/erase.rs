//! `POST /users/{user_id}/erase`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::{FindError, StorageError, UserError};
use domain::ports::WriteTx;
use domain::{Action, Actor, DryRun, UserId, use_cases};

use super::super::erasure::{self, ErasureBody};
use crate::AppState;
use crate::access::{AuditedEffect, Caller, DryRunQuery, UserEraser};
use crate::http::UserPath;
use crate::idempotency::StoredResponse;
use crate::openapi::{DryRunParams, IdempotencyParams, UserPathParams, problems};
use crate::problem::{Code, Problem};

problems!(Refusals: ANY, TOKEN, ROLE, FIND, WRITE, IDEMPOTENT + [Conflict]);

/// Erase a user
///
/// Deletes a user, by id or username, with their sessions, API keys and memberships, and erases the
/// addresses and request ids of what they did, in the background. Refused while they are the last
/// owner of an account or the last operator.
#[utoipa::path(
    post, path = "/users/{user_id}/erase", tag = "Users", operation_id = "erase_user",
    security(("password" = ["operator"]), ("program_key" = ["admin"])),
    params(IdempotencyParams, DryRunParams, UserPathParams),
    responses(
        (status = 200, description = "The erasure, or what it would erase (dry run).", body = ErasureBody,
            example = json!(erasure::example("user_01h455vb4pex5vsknk084sn02q"))),
        Refusals,
    )
)]
pub(crate) async fn erase_user(
    caller: Caller<UserEraser>,
    UserPath(user): UserPath,
    dry_run: DryRunQuery,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let now = state.now();
    if dry_run.parse_for(&caller, (), &state).await? {
        let count = move |tx: &mut DryRun<'_>, _: &Actor| {
            let id = use_cases::find_user(tx, &user)?.ok_or(UserError::NotFound)?.id;
            let counts = use_cases::count_user_erasure(tx, id).map_err(|error| match error {
                FindError::NotFound => UserError::NotFound,
                FindError::Storage(error) => error.into(),
            })?;
            Ok::<_, EraseUserError>((id, counts))
        };
        return caller.dry_run(&state, (), count, |(id, counts)| ErasureBody::dry_run(&id, counts)).await;
    }
    let erase = move |tx: &mut dyn WriteTx, _: &Actor| {
        let id = use_cases::find_user(tx, &user)?.ok_or(UserError::NotFound)?.id;
        use_cases::erase_user(tx, id, now)?;
        Ok::<_, EraseUserError>(id)
    };
    let effect = |id: &UserId| Some(AuditedEffect::of(Action::UserErased, id));
    let respond = move |id: UserId| StoredResponse::unversioned(&ErasureBody::requested(&id, now));
    let response = caller.post(&state, (), now, erase, effect, respond).await?;
    // The rows are erased from now on, and not a minute later.
    state.schedule_maintenance();
    Ok(response)
}

/// Why another user is not erased: the detail does not address them.
#[derive(Debug)]
struct EraseUserError(UserError);

impl From<UserError> for EraseUserError {
    fn from(error: UserError) -> Self {
        Self(error)
    }
}

impl From<StorageError> for EraseUserError {
    fn from(error: StorageError) -> Self {
        Self(error.into())
    }
}

impl From<EraseUserError> for Problem {
    fn from(EraseUserError(error): EraseUserError) -> Self {
        match error {
            UserError::LastOwner(account) => Self::new(Code::Conflict).with_detail(format!(
                "The user is the only owner of {account}. Transfer, remove or erase the account first."
            )),
            UserError::LastOperator => {
                Self::new(Code::Conflict).with_detail("The user is the only operator. Add another first.")
            }
            UserError::NotFound => Self::new(Code::NotFound).with_detail("No user has that name or id."),
            other => other.into(),
        }
    }
}
