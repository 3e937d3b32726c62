//! `POST /users/me/password`.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::error::UserError;
use domain::{Action, Fault, FaultReason, Faults, Password, User, use_cases};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

use super::find_caller;
use crate::AppState;
use crate::access::{AuditedEffect, Caller, LoggedIn};
use crate::http::{Body, BodyFields, ClientAddress, Input};
use crate::idempotency::StoredResponse;
use crate::openapi::{IdempotencyParams, problems};
use crate::passwords::{Queue, Verified};
use crate::problem::{Code, Problem};
use crate::tracing::{HASH_PASSWORD, VERIFY_PASSWORD, step};

/// The current and the new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasswordChange, example = json!({"password": "a quiet river", "new_password": "a wider, quieter river"}))]
pub(crate) struct PasswordRequest {
    /// Your current password.
    #[serde(default)]
    #[schema(value_type = String, required, format = Password)]
    password: Input,
    /// The new password, 8 to 128 characters in Unicode Normalization Form C. The username and the
    /// most common passwords are refused.
    #[serde(default)]
    #[schema(value_type = String, required, min_length = 8, max_length = 128, format = Password)]
    new_password: Input,
}

impl BodyFields for PasswordRequest {
    /// The current and the new password. The new one is parsed again once the username is known.
    type Parsed = (SecretString, SecretString);

    fn parse(self) -> Result<Self::Parsed, Faults> {
        let mut faults = Faults::default();
        let password = self.password.get("password", &mut faults);
        let new_password = self.new_password.get("new_password", &mut faults);
        let password = faults.take("password", password.ok_or(FaultReason::Required));
        let new_password = new_password.ok_or(FaultReason::Required);
        let new_password =
            faults.take("new_password", new_password.and_then(|text| Password::parse(text, None).map(|_| text)));
        match (password, new_password) {
            (Some(password), Some(new)) if faults.is_empty() => Ok((password.into(), new.into())),
            _ => Err(faults),
        }
    }
}

/// The result of checking the current password.
enum PasswordCheck {
    /// The stored response to an earlier request with the same idempotency key.
    Replayed(HttpResponse),
    /// The password is correct. Contains the new password.
    Correct(Password),
    /// The password is wrong.
    Wrong,
    /// The new password is refused, and the current one was not checked.
    Refused(FaultReason),
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, FIND, WRITE, IDEMPOTENT);

/// Change your password
///
/// Changes your password and ends all your sessions, including this one. API keys stay valid.
#[utoipa::path(
    post, path = "/users/me/password", tag = "Users", operation_id = "change_password",
    security(("password" = ["user"])),
    params(IdempotencyParams),
    request_body = PasswordRequest,
    responses((status = 204, description = "The password is changed, and all sessions have ended."), Refusals)
)]
pub(crate) async fn change_password(
    caller: Caller<LoggedIn>,
    body: Body<PasswordRequest>,
    request: HttpRequest,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let (password, new_password) = body.parse_for(&caller, (), &state).await?;
    let user = caller.read(&state, (), find_caller).await?;
    // Counts as a login, so that a stolen token does not help to guess the password, directly or
    // through the replay of an idempotency key.
    let logins = &state.policy.rate_limits.logins;
    let attempt = logins.check(Some(&user.username), ClientAddress::of(&request))?;
    let fault = |field, reason| Problem::from(Faults::from(Fault { field, reason }));
    let new_password = match check_password(&caller, &state, user, password, &new_password).await {
        Ok(PasswordCheck::Replayed(response)) => {
            logins.succeeded(&attempt);
            return Ok(response);
        }
        Ok(PasswordCheck::Correct(new_password)) => {
            logins.succeeded(&attempt);
            new_password
        }
        Ok(PasswordCheck::Wrong) => return Err(fault("password", FaultReason::WrongPassword)),
        Ok(PasswordCheck::Refused(reason)) => {
            logins.undecided(&attempt);
            return Err(fault("new_password", reason));
        }
        Err(problem) => {
            // A reused key with another body reveals that the password differs, so it counts as a
            // failed login.
            if problem.code != Code::IdempotencyKeyReused {
                logins.undecided(&attempt);
            }
            return Err(problem);
        }
    };
    let hash = step(HASH_PASSWORD, state.passwords.hash(new_password, Queue::Logins)).await?;
    caller
        .post::<_, UserError>(
            &state,
            (),
            state.now(),
            move |tx, actor| use_cases::change_password(tx, actor.user_id, &hash).map(|()| actor.user_id),
            |user| Some(AuditedEffect::of(Action::PasswordChanged, &user)),
            |_| StoredResponse::no_content(),
        )
        .await
}

async fn check_password(
    caller: &Caller<LoggedIn>,
    state: &AppState,
    user: User,
    password: SecretString,
    new_password: &SecretString,
) -> Result<PasswordCheck, Problem> {
    // A replay comes first: after the first request, the old password is no longer correct.
    if let Some(response) = caller.replay(state, ()).await? {
        return Ok(PasswordCheck::Replayed(response));
    }
    let new_password = match Password::parse(new_password.expose_secret(), Some(&user.username)) {
        Ok(password) => password,
        Err(reason) => return Ok(PasswordCheck::Refused(reason)),
    };
    Ok(match step(VERIFY_PASSWORD, state.passwords.verify(password, Some(user.password))).await? {
        Verified::No => PasswordCheck::Wrong,
        Verified::Yes | Verified::YesWeaker(_) => PasswordCheck::Correct(new_password),
    })
}
