//! The settings of the database and of the key file.

use std::path::PathBuf;

use clap::Args;
use storage::{DatabaseUrl, StoreOptions};

use super::backups::BackupSettings;
use super::{ConfigFaults, Setting, number};
use crate::auth::key_file;
use crate::backups::{BackupSchedule, DatabaseFiles};

/// The key file of a PostgreSQL database is beside a file of this name in the working directory.
const NAME_WITHOUT_FILE: &str = "headroom";

/// The settings as text.
#[derive(Args)]
pub(super) struct DatabaseSettings {
    /// The database: sqlite:// and the path of a file, or `postgres://user:password@host/database`
    #[arg(
        long,
        global = true,
        env = "HEADROOM_DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite://headroom.db"
    )]
    database_url: String,
    /// The maximum number of PostgreSQL connections: 2 to 1000; a fifth of them read, the others
    /// write
    #[arg(long, global = true, env = "HEADROOM_DATABASE_CONNECTIONS", default_value = "20")]
    database_connections: String,
    /// The maximum number of waiting writes: 1 to 1000000; further ones are answered 503
    #[arg(long, global = true, env = "HEADROOM_WRITE_QUEUE_MAX", default_value = "4096")]
    write_queue_max: String,
    /// The file of the signing keys; beside the database, or headroom.keys, if left out
    #[arg(long, global = true, env = "HEADROOM_KEY_FILE")]
    key_file: Option<String>,
    #[command(flatten)]
    backups: BackupSettings,
}

/// The database and its key file.
pub struct Database {
    /// The database.
    pub url: DatabaseUrl,
    /// The store's limits.
    pub options: StoreOptions,
    /// When backups are made, if any.
    pub backups: Option<BackupSchedule>,
    key_file: Option<PathBuf>,
}

impl Database {
    /// The file of the signing keys, if no JWT secret is set.
    #[must_use]
    pub fn key_file(&self) -> PathBuf {
        self.key_file.clone().unwrap_or_else(|| Self::default_key_file(&self.url))
    }

    /// The files that a backup copies: the database, and the key file unless a secret is set. `None`
    /// for PostgreSQL, whose own programs back it up.
    pub(crate) fn files(&self, has_secret: bool) -> Option<DatabaseFiles> {
        let DatabaseUrl::Sqlite(database) = &self.url else { return None };
        Some(DatabaseFiles { database: database.clone(), key_file: (!has_secret).then(|| self.key_file()) })
    }

    /// The default of [`Database::key_file`].
    pub(crate) fn default_key_file(url: &DatabaseUrl) -> PathBuf {
        match url {
            DatabaseUrl::Sqlite(database) => key_file::beside(database),
            DatabaseUrl::Postgres(_) => key_file::beside(NAME_WITHOUT_FILE.as_ref()),
        }
    }

    /// Whether the configuration declares the key file durable: it names the file, or, if the file
    /// is beside the database, it sets the algorithm. A file in the working directory may be lost
    /// with the container.
    pub(super) fn keys_last(&self, has_algorithm: bool) -> bool {
        self.key_file.is_some() || (has_algorithm && matches!(self.url, DatabaseUrl::Sqlite(_)))
    }

    /// How to declare it durable.
    pub(super) fn how_keys_last(&self) -> String {
        match self.url {
            DatabaseUrl::Sqlite(_) => {
                let algorithm = Setting("jwt-algorithm");
                format!("or set {algorithm}, if the database's directory is durable: the keys are stored there")
            }
            DatabaseUrl::Postgres(_) => {
                let key_file = Setting("key-file");
                format!("or set {key_file} to a durable file, the same for all servers: the keys are stored there")
            }
        }
    }
}

impl DatabaseSettings {
    /// Replaces the URL.
    pub(super) fn set_url(&mut self, url: &str) {
        url.clone_into(&mut self.database_url);
    }

    /// Parses the settings, and collects all faults.
    pub(super) fn parse(self, faults: &mut ConfigFaults) -> Option<Database> {
        let url = self.database_url.parse::<DatabaseUrl>();
        if let Err(fault) = &url {
            // Not quoted: such a URL may contain a password.
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
        let backups = self.backups.parse(url.as_ref().ok(), faults);
        let options = StoreOptions { write_queue_max: write_queue_max?, connections: connections? };
        Some(Database { url: url.ok()?, options, backups, key_file })
    }
}
