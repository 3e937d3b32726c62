//! `POST /users`.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::error::UserError;
use domain::ports::WriteTx;
use domain::{Action, FaultReason, Faults, Password, User, UserId, Username, use_cases};
use serde::Deserialize;
use utoipa::ToSchema;

use super::UserBody;
use crate::AppState;
use crate::access::{AuditWriter, AuditedEffect, UnauthenticatedClient};
use crate::http::{Body, BodyFields, ClientAddress, Input, Unread};
use crate::idempotency::{IdempotencyError, IdempotencyHeader, StoredResponse};
use crate::openapi::{IdempotencyParams, problems};
use crate::passwords::Queue;
use crate::problem::{Code, Problem};
use crate::tracing::{HASH_PASSWORD, step};

/// The fields of a new user.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewUser, example = json!({"username": "ann", "password": "a quiet river"}))]
pub(crate) struct RegisterRequest {
    /// The username, 1 to 64 of a-z, 0-9 and . _ - @ +, not only dots. Uppercase letters become
    /// lowercase.
    #[serde(default)]
    #[schema(value_type = String, required, min_length = 1, max_length = 64)]
    username: Input,
    /// The password, 8 to 128 characters in Unicode Normalization Form C. The username and the most
    /// common passwords are refused.
    #[serde(default)]
    #[schema(value_type = String, required, min_length = 8, max_length = 128, format = Password)]
    password: Input,
}

impl BodyFields for RegisterRequest {
    type Parsed = (Username, Password);

    fn parse(self) -> Result<(Username, Password), Faults> {
        let mut faults = Faults::default();
        let username = self.username.get("username", &mut faults);
        let password = self.password.get("password", &mut faults);
        let username = username.ok_or(FaultReason::Required).and_then(Username::parse);
        let of = username.as_ref().ok();
        let password = password.ok_or(FaultReason::Required).and_then(|text| Password::parse(text, of));
        match (faults.take("username", username), faults.take("password", password)) {
            (Some(username), Some(password)) if faults.is_empty() => Ok((username, password)),
            _ => Err(faults),
        }
    }
}

problems!(Refusals: ANY, BODY, VALIDATION, WRITE, IDEMPOTENT + [Forbidden]);

/// Register
///
/// Registers a user, unless registration is closed. Log in with `POST /token` afterwards.
#[utoipa::path(
    post, path = "/users", tag = "Users", operation_id = "register_user",
    params(IdempotencyParams),
    request_body = RegisterRequest,
    responses(
        (status = 201, description = "The new user.",
            body = UserBody,
            example = json!(super::example())),
        Refusals,
    )
)]
pub(crate) async fn register_user(
    _: UnauthenticatedClient,
    body: Body<RegisterRequest>,
    request: HttpRequest,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    if !state.registration_is_open {
        let detail = "Registration is closed: ask an operator for a user.";
        return Err(Problem::new(Code::Forbidden).with_detail(detail).without_challenge());
    }
    if let Some(refusal) = Unread::of(&request).and_then(|unread| unread.refusal()) {
        return Err(refusal);
    }
    let (bytes, (username, password)) = (body.bytes().clone(), body.parse()?);
    let idempotent = IdempotencyHeader::of(&request).map(|header| {
        header.note_body(&bytes);
        // Without a login, the username stands for the caller: keys of different usernames are
        // separate.
        header.identify(&format!("name {username}"), state.tokens.keys().ring())
    });
    let idempotent = idempotent.transpose()?;
    // A reused key with another body reveals that the password differs, so it counts as a failed
    // login.
    let logins = &state.policy.rate_limits.logins;
    let attempt =
        idempotent.as_ref().map(|_| logins.check(Some(&username), ClientAddress::of(&request))).transpose()?;
    let hashed = step(HASH_PASSWORD, state.passwords.hash(password, Queue::Registrations)).await;
    let password = hashed.inspect_err(|_| attempt.iter().for_each(|attempt| logins.undecided(attempt)))?;
    let (id, now) = (UserId::from_uuid(state.next_uuid()), state.now());
    let user = User { id, username, password, is_operator: false, is_disabled: false, created_at: now };
    let (audit, reserved) = (AuditWriter::of(&request, &state, now), state.reserved_username.clone());
    let register = move |tx: &mut dyn WriteTx| {
        use_cases::register_user(tx, &user, reserved.as_ref())?;
        audit.note(tx, id, AuditedEffect::of(Action::UserCreated, &id))?;
        Ok(StoredResponse::created("/users/me".to_owned(), &UserBody::from(user.clone())))
    };
    let unit = move |tx: &mut dyn WriteTx| match &idempotent {
        Some(idempotent) => idempotent.run::<UserError>(tx, now, is_deleted, &register),
        None => register(tx).map_err(IdempotencyError::Refused),
    };
    let registered = state.write(unit).await;
    if let Some(attempt) = attempt.filter(|_| !matches!(registered, Err(IdempotencyError::KeyReused))) {
        logins.undecided(&attempt);
    }
    let mut response = HttpResponse::from(registered?);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Whether the user in a stored response is deleted. Another user with the same username does not
/// get the response.
fn is_deleted(tx: &mut dyn WriteTx, stored: &StoredResponse) -> Result<bool, UserError> {
    let id = stored.resource_id().and_then(|id| id.parse().ok());
    Ok(match id {
        Some(id) => tx.find_user(id)?.is_none(),
        None => true,
    })
}
