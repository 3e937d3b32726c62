//! Opens the database for commands.

use storage::{AnyStore, OpenError, StoreOptions};

use crate::config::Config;

/// One connection to read and one to write.
const COMMAND_CONNECTIONS: u32 = 2;

/// Opens the database for a command that only reads. Servers may use the database meanwhile.
pub(super) fn open_to_read(config: &Config) -> Result<AnyStore, OpenError> {
    let options = StoreOptions { connections: COMMAND_CONNECTIONS, ..config.database.options };
    AnyStore::open_read_only(&config.database.url, options)
}

/// Opens the database for a command, with few connections: servers may use the database meanwhile.
pub(super) fn open_for_command(config: &Config) -> Result<AnyStore, OpenError> {
    AnyStore::open(&config.database.url, StoreOptions { connections: COMMAND_CONNECTIONS, ..config.database.options })
}
