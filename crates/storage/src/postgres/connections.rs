//! The connections that workers and readers share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::error::StorageError;
use r2d2::{HandleError, Pool, PooledConnection};

use super::error::message;
use super::session::SessionManager;

/// How long somebody waits for a connection while there are none to be had: whoever came before has waited longer.
const PATIENCE_WHILE_DOWN: Duration = Duration::from_millis(100);

/// A session of the pool's, which goes back there.
pub(crate) type PooledSession = PooledConnection<SessionManager>;

/// Why the last connection that could not be made could not be made: whoever waits in vain for one is told.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastError(Arc<Mutex<String>>);

impl LastError {
    fn lock(&self) -> MutexGuard<'_, String> {
        // No code that can panic runs under this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HandleError<postgres::Error> for LastError {
    fn handle_error(&self, error: postgres::Error) {
        *self.lock() = message(&error);
    }
}

/// The pool, and whether it is of any use.
pub(crate) struct Connections {
    pool: Pool<SessionManager>,
    last_error: LastError,
    /// Whether the last to ask for a connection got none because there are none.
    is_down: AtomicBool,
}

impl Connections {
    /// Those of a pool that tells `last_error` what goes wrong.
    pub(crate) const fn new(pool: Pool<SessionManager>, last_error: LastError) -> Self {
        Self { pool, last_error, is_down: AtomicBool::new(false) }
    }

    /// A session in the transaction that `command` begins.
    pub(crate) fn begin(&self, command: &str) -> Result<PooledSession, StorageError> {
        // After a restart of PostgreSQL all connections that nobody used are lost, and the next one may be new.
        let mut others = self.pool.max_size();
        loop {
            let mut session = self.session()?;
            match session.batch(command) {
                Ok(()) => return Ok(session),
                Err(error) if others == 0 => return Err(StorageError::Unavailable(message(&error))),
                Err(_) => others -= 1,
            }
        }
    }

    fn session(&self) -> Result<PooledSession, StorageError> {
        let session = if self.is_down.load(Ordering::Relaxed) {
            self.pool.get_timeout(PATIENCE_WHILE_DOWN)
        } else {
            self.pool.get()
        };
        // One who finds all of them in use has to wait, and the next one too.
        let is_down = session.is_err() && self.pool.state().connections == 0;
        if self.is_down.swap(is_down, Ordering::Relaxed) != is_down {
            if is_down {
                log::error!("there is no connection to PostgreSQL to be had: {}", self.last_error.lock());
            } else {
                log::info!("there are connections to PostgreSQL again");
            }
        }
        session.map_err(|_| {
            let reason = if is_down { self.last_error.lock().clone() } else { "all are in use".to_owned() };
            StorageError::Unavailable(format!("no connection to PostgreSQL: {reason}"))
        })
    }
}
