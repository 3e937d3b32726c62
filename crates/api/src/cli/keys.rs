//! `headroom keys`: changes the signing keys in the key file, and creates API keys. Running servers
//! notice the change.

use std::path::PathBuf;

use clap::Subcommand;
use domain::IDEMPOTENCY_KEPT_FOR;
use serde_json::{Value, json};
use thiserror::Error;

use super::api_keys::{CreateApiKey, CreateApiKeyError};
use super::output;
use crate::auth::Algorithm;
use crate::auth::key_file::{self, KeyFileError, StoredKey};
use crate::config::Config;

/// What to do with the keys.
#[derive(Subcommand)]
pub(crate) enum KeyCommand {
    /// Create an API key in the database, and print its secret
    Create(CreateApiKey),
    /// Add a new signing key, which signs from now on; the others still verify
    Rotate {
        /// The algorithm: HS256 or EdDSA; the newest key's if left out
        #[arg(long)]
        algorithm: Option<Algorithm>,
    },
    /// List the signing keys, the oldest first: name, algorithm, creation time, and which one signs
    List {
        /// As a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Remove a signing key: its tokens are refused from now on
    Remove {
        /// The key's name
        #[arg(allow_hyphen_values = true)]
        kid: String,
    },
}

/// Why the command failed.
#[derive(Debug, Error)]
pub(crate) enum KeyCommandError {
    #[error(
        "tokens are signed with HEADROOM_JWT_SECRET, not with keys in a file. To rotate it, restart with the \
         new secret as HEADROOM_JWT_SECRET and the old one as HEADROOM_JWT_PREVIOUS_SECRET, and drop the old one when \
         its last token has expired, {lifetime_seconds} s later"
    )]
    Environment { lifetime_seconds: u32 },
    #[error(transparent)]
    File(#[from] KeyFileError),
    #[error(transparent)]
    ApiKey(#[from] CreateApiKeyError),
}

/// Runs the command, and prints its result.
pub(crate) fn run(config: &Config, command: &KeyCommand) -> Result<(), KeyCommandError> {
    match command {
        KeyCommand::Create(new) => new.run(config)?,
        KeyCommand::Rotate { algorithm } => {
            let path = key_file(config)?;
            output::print_line(line(&key_file::rotate(&path, algorithm.or(config.jwt_algorithm))?, true));
            eprintln!(
                "Running servers sign with it within a second. The last token of the key before it expires {} s later, \
                 and {} hours later no stored response of an Idempotency-Key needs it: remove it then, with \
                 headroom keys remove, or immediately if it has leaked.",
                config.token_lifetime_seconds,
                IDEMPOTENCY_KEPT_FOR.as_hours()
            );
        }
        KeyCommand::List { json } => print(&key_file::list(&key_file(config)?)?, *json),
        KeyCommand::Remove { kid } => key_file::remove(&key_file(config)?, kid)?,
    }
    Ok(())
}

/// The path of the key file, unless a secret of the environment signs.
fn key_file(config: &Config) -> Result<PathBuf, KeyCommandError> {
    let lifetime_seconds = config.token_lifetime_seconds;
    if config.jwt_secret.is_some() {
        return Err(KeyCommandError::Environment { lifetime_seconds });
    }
    Ok(config.database.key_file())
}

/// The keys, the oldest first: the last one signs.
fn print(keys: &[StoredKey], as_json: bool) {
    let keys = keys.iter().enumerate().map(|(place, key)| (key, place + 1 == keys.len()));
    if as_json {
        let keys: Vec<Value> = keys.map(|(key, signs)| object(key, signs)).collect();
        output::print_line(format_args!("{:#}", Value::from(keys)));
    } else {
        output::print(keys.map(|(key, signs)| line(key, signs) + "\n").collect::<String>());
    }
}

fn line(key: &StoredKey, signs: bool) -> String {
    format!("{} {} {}{}", key.id, key.algorithm, key.created_at, if signs { " signs" } else { "" })
}

/// A key as JSON, without its secret.
fn object(key: &StoredKey, signs: bool) -> Value {
    json!({
        "kid": key.id,
        "algorithm": key.algorithm.as_str(),
        "created_at": key.created_at.to_string(),
        "signs": signs,
    })
}
