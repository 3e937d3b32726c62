//! The part of the configuration about where everything is kept: the database, and the keys beside
//! it.

use std::path::PathBuf;

use clap::Args;
use storage::{DatabaseUrl, StoreOptions};

use super::{Faults, Setting, number};
use crate::auth::key_file;

/// What the keys are kept beside when the database is a server's: a file of this name in the
/// working directory.
const NAME_WITHOUT_FILE: &str = "headroom";

/// It as it was written.
#[derive(Args)]
pub(super) struct DatabaseSettings {
    /// Where to keep everything: sqlite:// and the path of a file, or
    /// `postgres://user:password@host/database`
    #[arg(
        long,
        global = true,
        env = "HEADROOM_DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite://headroom.db"
    )]
    database_url: String,
    /// How many connections to PostgreSQL there may be: 2 to 1000; a fifth of them to read, the
    /// others to write
    #[arg(long, global = true, env = "HEADROOM_DATABASE_CONNECTIONS", default_value = "20")]
    database_connections: String,
    /// How many writes may wait at once, 1 to 1000000; one more is answered 503
    #[arg(long, global = true, env = "HEADROOM_WRITE_QUEUE_MAX", default_value = "4096")]
    write_queue_max: String,
    /// The file of the keys that tokens are signed with; beside the database, or headroom.keys, if
    /// left out
    #[arg(long, global = true, env = "HEADROOM_KEY_FILE")]
    key_file: Option<String>,
}

/// Where everything is kept.
pub struct Database {
    /// The database.
    pub url: DatabaseUrl,
    /// How much it takes on at once.
    pub options: StoreOptions,
    key_file: Option<PathBuf>,
}

impl Database {
    /// The file of the keys that tokens are signed with, if they are not signed with a secret.
    #[must_use]
    pub fn key_file(&self) -> PathBuf {
        self.key_file.clone().unwrap_or_else(|| Self::default_key_file(&self.url))
    }

    /// As [`Database::key_file`], if the configuration names no other.
    pub(crate) fn default_key_file(url: &DatabaseUrl) -> PathBuf {
        match url {
            DatabaseUrl::Sqlite(database) => key_file::beside(database),
            DatabaseUrl::Postgres(_) => key_file::beside(NAME_WITHOUT_FILE.as_ref()),
        }
    }

    /// Whether somebody has said that the file of the keys lasts: by naming it, or, where it is
    /// beside the database, by choosing how its first key signs. In a working directory it may be
    /// gone with the next container.
    pub(super) fn keys_last(&self, has_algorithm: bool) -> bool {
        self.key_file.is_some() || (has_algorithm && matches!(self.url, DatabaseUrl::Sqlite(_)))
    }

    /// How to say so.
    pub(super) fn how_keys_last(&self) -> String {
        match self.url {
            DatabaseUrl::Sqlite(_) => {
                let algorithm = Setting("jwt-algorithm");
                format!("or set {algorithm}, if the folder of the database lasts: the keys are kept there")
            }
            DatabaseUrl::Postgres(_) => {
                let key_file = Setting("key-file");
                format!("or set {key_file} to a file that lasts, the same for all servers: the keys are kept there")
            }
        }
    }
}

impl DatabaseSettings {
    /// Parses it, and notes every fault.
    pub(super) fn parse(self, faults: &mut Faults) -> Option<Database> {
        let url = self.database_url.parse::<DatabaseUrl>();
        if let Err(fault) = &url {
            // Not repeated: such a URL may hold a password.
            let takes = "sqlite:// and the path of a file, such as sqlite:///var/lib/headroom.db, or \
                 postgres://user:password@host/database";
            faults.note("database-url", format_args!("takes {takes}: {fault}"));
        }
        let connections = number(&self.database_connections, 2..=1000);
        let connections = faults.take("database-connections", &self.database_connections, "2 to 1000", connections);
        let write_queue_max = number(&self.write_queue_max, 1..=1_000_000);
        let write_queue_max = faults.take("write-queue-max", &self.write_queue_max, "1 to 1000000", write_queue_max);
        let key_file = self.key_file.map(PathBuf::from);
        if key_file.as_ref().is_some_and(|path| path.file_name().is_none()) {
            faults.note("key-file", "takes the path of a file");
        }
        let options = StoreOptions { write_queue_max: write_queue_max?, connections: connections? };
        Some(Database { url: url.ok()?, options, key_file })
    }
}
