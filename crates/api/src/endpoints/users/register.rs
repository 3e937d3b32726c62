//! `POST /users`.

use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::error::UserError;
use domain::ports::Store;
use domain::{Action, AuditEntryId, FaultReason, Faults, Password, User, UserId, Username, use_cases};
use serde::Deserialize;
use utoipa::ToSchema;

use super::UserBody;
use crate::AppState;
use crate::access::{Effect, origin};
use crate::http::{Body, BodyFields, Input};
use crate::openapi::problems;
use crate::problem::{Code, Problem};

/// What it takes to register.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewUser, example = json!({"username": "ann", "password": "a quiet river"}))]
pub(crate) struct RegisterRequest {
    /// What to log in as: 1 to 64 of a-z, 0-9 and . _ - @ +; capital letters are made small.
    #[serde(default)]
    #[schema(value_type = String, required, min_length = 1, max_length = 64)]
    username: Input,
    /// 8 to 128 characters, not one of the commonest passwords.
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
        let of = username.unwrap_or_default();
        let password = password.ok_or(FaultReason::Required).and_then(|text| Password::parse(text, of));
        let username = username.ok_or(FaultReason::Required).and_then(Username::parse);
        match (faults.take("username", username), faults.take("password", password)) {
            (Some(username), Some(password)) if faults.is_empty() => Ok((username, password)),
            _ => Err(faults),
        }
    }
}

problems!(Refusals: ANY, BODY, VALIDATION, WRITE + [Forbidden, Conflict]);

/// Register
///
/// Unless registration is closed here. Log in with `POST /token` afterwards.
#[utoipa::path(
    post, path = "/users", tag = "Users", operation_id = "register_user",
    request_body = RegisterRequest,
    responses(
        (status = 201, description = "The user is registered.",
            headers(("Location" = String, description = "The user's path, for themselves.")), body = UserBody,
            example = json!({"id": "user_01h455vb4pex5vsknk084sn02q", "username": "ann", "is_operator": false,
                "created_at": "2026-03-29T08:00:00Z"})),
        Refusals,
    )
)]
pub(crate) async fn register_user(
    body: Body<RegisterRequest>,
    request: HttpRequest,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    if !state.registration_is_open {
        return Err(
            Problem::new(Code::Forbidden).with_detail("Registration is closed here: ask an operator for a user.")
        );
    }
    let (username, password) = body.parse()?;
    let password = state.passwords.hash(password).await?;
    let (id, entry_id) = (UserId::from_uuid(state.next_uuid()), AuditEntryId::from_uuid(state.next_uuid()));
    let now = state.now();
    let user = User { id, username, password, is_operator: false, is_disabled: false, created_at: now };
    let entry = Effect::of(Action::UserCreated, &id).entry(entry_id, id, None, origin(&request), now);
    let body = UserBody::from(user.clone());
    let register = move |tx: &mut dyn domain::ports::WriteTx| {
        use_cases::register_user(tx, &user)?;
        Ok::<_, UserError>(tx.append_audit(&entry)?)
    };
    state.store.write(register).await?;
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, "/users/me"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(body))
}
