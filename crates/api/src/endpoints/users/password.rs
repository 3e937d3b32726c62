//! `POST /users/me/password`.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::error::UserError;
use domain::{Action, Fault, FaultReason, Faults, Password, User, use_cases};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

use super::find_oneself;
use crate::AppState;
use crate::access::{Caller, Effect, LoggedIn};
use crate::http::{Body, BodyFields, ClientAddress, Input};
use crate::idempotency::StoredResponse;
use crate::openapi::{IdempotencyParams, problems};
use crate::passwords::{Queue, Verified};
use crate::problem::{Code, Problem};

/// The old and the new.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasswordChange, example = json!({"password": "a quiet river", "new_password": "a wider, quieter river"}))]
pub(crate) struct PasswordRequest {
    /// Your present password.
    #[serde(default)]
    #[schema(value_type = String, required, format = Password)]
    password: Input,
    /// 8 to 128 characters in Unicode's Normalization Form C, neither the username nor one of the
    /// commonest passwords.
    #[serde(default)]
    #[schema(value_type = String, required, min_length = 8, max_length = 128, format = Password)]
    new_password: Input,
}

impl BodyFields for PasswordRequest {
    /// The new one is checked again when it is known whose it is.
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

/// What a look at the password comes to.
enum Looked {
    /// This was done before, and answered so.
    Answered(HttpResponse),
    /// It is right.
    Right(Password),
    /// It is not.
    Wrong,
    /// It was not looked at: the new one cannot be one.
    Faulty(FaultReason),
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, FIND, WRITE, IDEMPOTENT);

/// Change your password
///
/// Ends all your sessions, this one too: log in again. API keys go on.
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
    let user = caller.read(&state, (), find_oneself).await?;
    // Whoever has stolen a token shall not guess the password with it; nor find out by a key that
    // was used whether what they send is what was sent then.
    let logins = &state.policy.rate_limits.logins;
    let attempt = logins.check(Some(&user.username), ClientAddress::of(&request))?;
    let fault = |field, reason| Problem::from(Faults::from(Fault { field, reason }));
    let new_password = match look(&caller, &state, user, password, &new_password).await {
        Ok(Looked::Answered(answer)) => {
            logins.succeeded(&attempt);
            return Ok(answer);
        }
        Ok(Looked::Right(new_password)) => {
            logins.succeeded(&attempt);
            new_password
        }
        Ok(Looked::Wrong) => return Err(fault("password", FaultReason::WrongPassword)),
        Ok(Looked::Faulty(reason)) => {
            logins.undecided(&attempt);
            return Err(fault("new_password", reason));
        }
        Err(problem) => {
            // That the key was used with another body tells as much as that the password is wrong.
            if problem.code != Code::IdempotencyKeyReused {
                logins.undecided(&attempt);
            }
            return Err(problem);
        }
    };
    let hash = state.passwords.hash(new_password, Queue::Logins).await?;
    caller
        .post::<_, UserError>(
            &state,
            (),
            state.now(),
            move |tx, actor| use_cases::change_password(tx, actor.user_id, &hash).map(|()| actor.user_id),
            |user| Some(Effect::of(Action::PasswordChanged, &user)),
            |_| StoredResponse::no_content(),
        )
        .await
}

async fn look(
    caller: &Caller<LoggedIn>,
    state: &AppState,
    user: User,
    password: SecretString,
    new_password: &SecretString,
) -> Result<Looked, Problem> {
    // The password that was right then is not right any more.
    if let Some(answer) = caller.replay(state, ()).await? {
        return Ok(Looked::Answered(answer));
    }
    let new_password = match Password::parse(new_password.expose_secret(), Some(&user.username)) {
        Ok(password) => password,
        Err(reason) => return Ok(Looked::Faulty(reason)),
    };
    Ok(match state.passwords.verify(password, Some(user.password)).await? {
        Verified::No => Looked::Wrong,
        Verified::Yes | Verified::YesWeaker(_) => Looked::Right(new_password),
    })
}
