//! How commands open the database.

use storage::{AnyStore, OpenError, StoreOptions};

use crate::config::Config;

/// One to read and one to write.
const COMMAND_CONNECTIONS: u32 = 2;

/// Opens the database for a command that only reads, beside servers that use it.
pub(super) fn open_to_read(config: &Config) -> Result<AnyStore, OpenError> {
    let options = StoreOptions { connections: COMMAND_CONNECTIONS, ..config.database.options };
    AnyStore::open_read_only(&config.database.url, options)
}

/// Opens the database for a command, which asks for one thing after the other: beside servers,
/// whose connections it leaves to them.
pub(super) fn open_for_command(config: &Config) -> Result<AnyStore, OpenError> {
    AnyStore::open(&config.database.url, StoreOptions { connections: COMMAND_CONNECTIONS, ..config.database.options })
}
