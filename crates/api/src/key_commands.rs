//! `headroom keys`: what an operator does with the keys in their file. A server that runs notices by itself.

use clap::Subcommand;
use thiserror::Error;

use crate::auth::Algorithm;
use crate::auth::key_file::{self, KeyFileError, StoredKey};
use crate::config::Config;

/// What to do with the keys.
#[derive(Subcommand)]
pub(crate) enum KeyCommand {
    /// Add a new key, which signs from now on; the others still verify
    Rotate {
        /// How it signs: HS256 or EdDSA; as the newest key does if left out
        #[arg(long)]
        algorithm: Option<Algorithm>,
    },
    /// List the keys, the oldest first: name, algorithm, when it was made
    List,
    /// Remove a key: its tokens are refused from now on
    Remove {
        /// The key's name
        #[arg(allow_hyphen_values = true)]
        kid: String,
    },
}

/// Why it was not done.
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
}

/// Does what the command says, and tells what there is to tell.
pub(crate) fn run(config: &Config, command: &KeyCommand) -> Result<(), KeyCommandError> {
    let lifetime_seconds = config.token_lifetime_seconds;
    if config.jwt_secret.is_some() {
        return Err(KeyCommandError::Environment { lifetime_seconds });
    }
    let path = config.database.key_file();
    match command {
        KeyCommand::Rotate { algorithm } => {
            tell(&key_file::rotate(&path, algorithm.or(config.jwt_algorithm))?);
            eprintln!(
                "a running server signs with it within a second; the last token of the key before it expires \
                 {lifetime_seconds} s later, then headroom keys remove it"
            );
        }
        KeyCommand::List => key_file::list(&path)?.iter().for_each(tell),
        KeyCommand::Remove { kid } => key_file::remove(&path, kid)?,
    }
    Ok(())
}

fn tell(key: &StoredKey) {
    println!("{} {} {}", key.id, key.algorithm, key.created_at);
}
