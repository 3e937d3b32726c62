//! `headroom keys create`: creates an API key in the database, also while a server runs.

use clap::Args;
use domain::error::{ApiKeyError, StorageError};
use domain::ports::{Clock, IdGenerator, Store, WriteTx};
use domain::{
    API_KEYS_MAX, AccountId, Action, ApiKey, ApiKeyId, FaultReason, Name, Scope, Timestamp, User, Username,
    parse_instant, use_cases,
};
use secrecy::ExposeSecret;
use storage::{AnyStore, OpenError};
use thiserror::Error;

use super::output;
use super::stores::open_for_command;
use super::users::entry;
use crate::auth::secrets;
use crate::clock::{SystemClock, UuidV7Generator};
use crate::config::Config;

/// The fields of the new key, as in `POST /api-keys`.
#[derive(Args)]
pub(crate) struct CreateApiKey {
    /// The key's name, 1 to 100 characters
    #[arg(long)]
    name: String,
    /// What the key may do: read, write or admin
    #[arg(long)]
    scope: String,
    /// The id of the one account that the key can access; all of the user's if left out
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// When the key expires, RFC 3339 with an offset; never if left out
    #[arg(long, value_name = "TIME")]
    expires_at: Option<String>,
    /// The username on whose behalf the key acts; the operator of --operator-username if left out
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
}

/// Why the command failed.
#[derive(Debug, Error)]
pub(crate) enum CreateApiKeyError {
    #[error("there is no database at {0}")]
    NoDatabase(String),
    #[error("cannot open the database: {0}")]
    Database(#[from] OpenError),
    #[error("{flag}: {reason}")]
    Faulty { flag: &'static str, reason: FaultReason },
    #[error("there is no user {0}")]
    UnknownUser(Username),
    #[error("{0} is disabled: enable the user first, with headroom user enable {0}")]
    Disabled(Username),
    #[error("{user} has {API_KEYS_MAX} API keys, and no more are permitted: revoke one first")]
    TooMany { user: Username },
    #[error("cannot generate a secret: {0}")]
    Random(#[from] getrandom::Error),
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// The parsed fields.
#[derive(Clone)]
struct NewApiKey {
    username: Username,
    name: Name,
    scope: Scope,
    account_id: Option<AccountId>,
    expires_at: Option<Timestamp>,
}

const fn faulty(flag: &'static str, reason: FaultReason) -> CreateApiKeyError {
    CreateApiKeyError::Faulty { flag, reason }
}

impl CreateApiKey {
    fn parse(&self, config: &Config) -> Result<NewApiKey, CreateApiKeyError> {
        let faulty = |flag| move |reason| faulty(flag, reason);
        let username = self.user.as_deref().map(Username::parse).transpose().map_err(faulty("--user"))?;
        let scope = self.scope.parse().map_err(|_| FaultReason::NotOneOf { words: Scope::WORDS });
        let account_id = self.account.as_deref().map(|id| id.parse().map_err(|_| FaultReason::UnknownAccount));
        Ok(NewApiKey {
            username: username.unwrap_or_else(|| config.operator.username.clone()),
            name: Name::parse(&self.name).map_err(faulty("--name"))?,
            scope: scope.map_err(faulty("--scope"))?,
            account_id: account_id.transpose().map_err(faulty("--account"))?,
            expires_at: self.expires_at.as_deref().map(parse_instant).transpose().map_err(faulty("--expires-at"))?,
        })
    }

    /// Creates the key, and prints its secret alone, so that a script can store it.
    pub(crate) fn run(&self, config: &Config) -> Result<(), CreateApiKeyError> {
        let new = self.parse(config)?;
        if config.database.url.is_missing_file() {
            return Err(CreateApiKeyError::NoDatabase(config.database.url.to_string()));
        }
        let store = open_for_command(config)?;
        actix_web::rt::System::new().block_on(create(&store, new))
    }
}

async fn create(store: &AnyStore, new: NewApiKey) -> Result<(), CreateApiKeyError> {
    let (id, now) = (ApiKeyId::from_uuid(UuidV7Generator.next_uuid()), SystemClock.now());
    let secret = secrets::new_api_key(id)?;
    let (hash, entry_id, username) = (secrets::hash_of(&secret), UuidV7Generator.next_uuid(), new.username.clone());
    let create = move |tx: &mut dyn WriteTx| {
        let user_id = find_user(tx, &new.username)?.id;
        let NewApiKey { name, scope, account_id, expires_at, .. } = new.clone();
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
        use_cases::create_api_key(tx, &key).map_err(|error| match error {
            ApiKeyError::InThePast => faulty("--expires-at", FaultReason::InThePast),
            ApiKeyError::UnknownAccount => faulty("--account", FaultReason::UnknownAccount),
            ApiKeyError::TooMany => CreateApiKeyError::TooMany { user: new.username.clone() },
            ApiKeyError::Storage(error) => error.into(),
        })?;
        Ok::<_, CreateApiKeyError>(tx.append_audit(&entry(entry_id, Action::ApiKeyCreated, &id, user_id))?)
    };
    store.write(create).await?;
    output::print_line(secret.expose_secret());
    eprintln!("created {id} of {username}; the secret is not shown again");
    Ok(())
}

/// The user, if a key can act for them.
fn find_user(tx: &mut dyn WriteTx, username: &Username) -> Result<User, CreateApiKeyError> {
    let user = tx.find_user_named(username)?.ok_or_else(|| CreateApiKeyError::UnknownUser(username.clone()))?;
    if user.is_disabled { Err(CreateApiKeyError::Disabled(username.clone())) } else { Ok(user) }
}
