//! `POST /api-keys`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::ApiKeyError;
use domain::{
    API_KEYS_MAX, AccountId, Action, ApiKey, ApiKeyId, Fault, FaultReason, Faults, Name, Scope, Timestamp,
    parse_instant, use_cases,
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ApiKeyBody;
use crate::AppState;
use crate::access::{AuditedEffect, Caller, LoggedIn};
use crate::auth::secrets;
use crate::http::{Body, BodyFields, Input, Versioned};
use crate::idempotency::StoredResponse;
use crate::openapi::{self, IdempotencyParams, example_with, problems};
use crate::problem::{Code, Problem};

/// The fields of a new API key.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewApiKey, example = json!({"name": "Web shop", "scope": "write"}))]
pub(crate) struct CreateApiKeyRequest {
    /// The key's name, 1 to 100 characters.
    #[serde(default)]
    #[schema(value_type = String, required, min_length = 1, max_length = 100)]
    name: Input,
    /// The key's scope.
    #[serde(default)]
    #[schema(value_type = openapi::Scope, required)]
    scope: Input,
    /// The id of the one account that the key can access. Default: all your accounts.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    account_id: Input,
    /// The time when the key expires, RFC 3339 with an offset. Default: never.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Input,
}

/// The parsed request.
#[derive(Clone)]
pub(crate) struct NewApiKey {
    name: Name,
    scope: Scope,
    account_id: Option<AccountId>,
    expires_at: Option<Timestamp>,
}

impl BodyFields for CreateApiKeyRequest {
    type Parsed = NewApiKey;

    fn parse(self) -> Result<NewApiKey, Faults> {
        let mut faults = Faults::default();
        let name = self.name.get("name", &mut faults).ok_or(FaultReason::Required).and_then(Name::parse);
        let name = faults.take("name", name);
        let not_one_of = FaultReason::NotOneOf { words: Scope::WORDS };
        let scope = self.scope.get("scope", &mut faults).ok_or(FaultReason::Required);
        let scope = faults.take("scope", scope.and_then(|scope| scope.parse().map_err(|_| not_one_of)));
        let account_id = self.account_id.get("account_id", &mut faults);
        let account_id = account_id.map(|id| id.parse().map_err(|_| FaultReason::UnknownAccount));
        let account_id = faults.take_optional("account_id", account_id);
        let expires_at = self.expires_at.get("expires_at", &mut faults).map(parse_instant);
        let expires_at = faults.take_optional("expires_at", expires_at);
        match (name, scope, account_id, expires_at) {
            (Some(name), Some(scope), Some(account_id), Some(expires_at)) if faults.is_empty() => {
                Ok(NewApiKey { name, scope, account_id, expires_at })
            }
            _ => Err(faults),
        }
    }
}

/// A new API key with its secret. Other responses do not contain the secret.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedApiKey)]
pub(crate) struct CreatedApiKeyBody {
    #[serde(flatten)]
    key: ApiKeyBody,
    /// The secret, sent as `Authorization: Bearer <secret>`. The server stores its hash alone: save
    /// it now.
    #[schema(example = "hr_live_01h455vb4pex5vsknk084sn02q_…")]
    secret: String,
}

/// The secret is not part of the version, because other responses do not contain it.
impl Versioned for CreatedApiKeyBody {
    fn version(&self) -> String {
        self.key.version()
    }
}

impl From<ApiKeyError> for Problem {
    fn from(error: ApiKeyError) -> Self {
        match error {
            ApiKeyError::UnknownAccount => {
                Faults::from(Fault { field: "account_id", reason: FaultReason::UnknownAccount }).into()
            }
            ApiKeyError::InThePast => {
                Faults::from(Fault { field: "expires_at", reason: FaultReason::InThePast }).into()
            }
            ApiKeyError::TooMany => Self::new(Code::Conflict).with_detail(format!(
                "You have {API_KEYS_MAX} API keys, and no more are permitted: \
                 revoke one that is no longer used, with DELETE /api-keys/{{id}}."
            )),
            ApiKeyError::Storage(error) => error.into(),
        }
    }
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, WRITE, IDEMPOTENT);

/// Create an API key
///
/// Creates a credential of a program that acts on your behalf. The secret is in this response only.
/// An API key cannot create API keys. You can have 50 keys that have not expired; a further one is
/// refused with 409.
#[utoipa::path(
    post, path = "/api-keys", tag = "API keys", operation_id = "create_api_key",
    security(("password" = ["user"])),
    params(IdempotencyParams),
    request_body = CreateApiKeyRequest,
    responses(
        (status = 201, description = "The new key and its secret.",
            body = CreatedApiKeyBody,
            example = json!(example_with(super::example(), [
                ("secret", "hr_live_01h455vb4pex5vsknk084sn02q_…".into()),
            ]))),
        Refusals,
    )
)]
pub(crate) async fn create_api_key(
    caller: Caller<LoggedIn>,
    body: Body<CreateApiKeyRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let new = body.parse_for(&caller, (), &state).await?;
    let (id, now) = (ApiKeyId::from_uuid(state.next_uuid()), state.now());
    let secret = secrets::new_api_key(id).map_err(Problem::internal)?;
    let hash = secrets::hash_of(&secret);
    let create = move |tx: &mut dyn domain::ports::WriteTx, actor: &domain::Actor| {
        let NewApiKey { name, scope, account_id, expires_at } = new.clone();
        let user_id = actor.user_id;
        let key = ApiKey {
            id,
            user_id,
            name,
            secret: hash,
            scope,
            account_id,
            created_at: now,
            expires_at,
            last_used_at: None,
        };
        use_cases::create_api_key(tx, &key)?;
        Ok::<_, ApiKeyError>(key)
    };
    let effect = |key: &ApiKey| Some(AuditedEffect::of(Action::ApiKeyCreated, &key.id));
    let respond = move |key: ApiKey| {
        let body = CreatedApiKeyBody { key: key.into(), secret: secret.expose_secret().to_owned() };
        StoredResponse::created(format!("/api-keys/{id}"), &body)
    };
    caller.post(&state, (), now, create, effect, respond).await
}
