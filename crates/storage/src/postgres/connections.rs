//! The connections that workers and readers share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::error::StorageError;
use r2d2::{HandleError, ManageConnection, Pool, PooledConnection};
use tokio_postgres::Config;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::SessionError;
use super::link::Link;
use super::session::Session;
use super::settings::Settings;
use super::url::PostgresUrl;
use super::{TlsError, UNIT_TIMEOUT, check_deadline, tls};
use crate::readers::{ReadConnections, Work};

/// How long a unit waits for a connection.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(3);
/// How long it waits while there are no connections to be had: those that asked before it wait already.
const CONNECTION_TIMEOUT_WHILE_DOWN: Duration = Duration::from_millis(100);

/// Begins a read-only transaction on a snapshot.
pub(super) const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Makes sessions.
pub(crate) struct SessionManager {
    config: Config,
    connector: MakeRustlsConnect,
    settings: Settings,
    /// How long making one may take.
    patience: Duration,
}

impl SessionManager {
    /// Those with the database at `url`.
    pub(crate) fn new(url: &PostgresUrl) -> Result<Self, TlsError> {
        Ok(Self {
            config: url.config.clone(),
            connector: tls::connector(&url.tls)?,
            settings: url.settings.clone(),
            patience: url.connect_timeout(),
        })
    }
}

impl ManageConnection for SessionManager {
    type Connection = Session;
    type Error = SessionError;

    fn connect(&self) -> Result<Session, SessionError> {
        let deadline = Instant::now() + self.patience;
        let mut session = Session::new(Link::connect(&self.config, self.connector.clone(), self.patience)?);
        self.settings.apply(&mut session, deadline)?;
        Ok(session)
    }

    /// Asks nothing of the server: it costs no round trip, and after a restart of the server those connections are passed
    /// over that were lost with it.
    fn is_valid(&self, session: &mut Session) -> Result<(), SessionError> {
        if session.is_usable() { Ok(()) } else { Err(SessionError::Closed) }
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        session.is_spent()
    }
}

/// A session of the pool's, which goes back there.
pub(crate) type PooledSession = PooledConnection<SessionManager>;

/// Why the last connection that could not be made could not be made: who waits for one in vain is told.
#[derive(Clone, Debug, Default)]
struct LastError(Arc<Mutex<String>>);

impl LastError {
    fn lock(&self) -> MutexGuard<'_, String> {
        // No code that can panic runs under this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HandleError<SessionError> for LastError {
    fn handle_error(&self, error: SessionError) {
        // The server has closed one that was idle: the next one that cannot be made tells why.
        if !matches!(error, SessionError::Closed) {
            *self.lock() = error.to_string();
        }
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
    /// At most `max` connections, opened when they are needed.
    pub(crate) fn new(manager: SessionManager, max: u32) -> Self {
        let last_error = LastError::default();
        let pool = Pool::builder()
            .max_size(max)
            .min_idle(Some(0))
            .test_on_check_out(true)
            .connection_timeout(CONNECTION_TIMEOUT)
            .error_handler(Box::new(last_error.clone()))
            .build_unchecked(manager);
        Self { pool, last_error, is_down: AtomicBool::new(false) }
    }

    /// A session in the transaction that begins by `command`, and whose first statement is waited for until `deadline`.
    pub(crate) fn begin(&self, command: &'static str, deadline: Instant) -> Result<PooledSession, StorageError> {
        let mut session = self.session(deadline)?;
        session.begin(command, Some(deadline));
        Ok(session)
    }

    fn session(&self, deadline: Instant) -> Result<PooledSession, StorageError> {
        let patience =
            if self.is_down.load(Ordering::Relaxed) { CONNECTION_TIMEOUT_WHILE_DOWN } else { CONNECTION_TIMEOUT };
        let session = self.pool.get_timeout(patience.min(deadline.saturating_duration_since(Instant::now())));
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

impl ReadConnections for Connections {
    type Connection = Session;

    /// `work` runs in a read-only transaction on a snapshot.
    fn with_connection(&self, queued_at: Instant, work: Work<Session>) {
        let deadline = queued_at + UNIT_TIMEOUT;
        match check_deadline(deadline).and_then(|()| self.begin(SNAPSHOT, deadline)) {
            Ok(mut session) => {
                work(Ok(&mut session));
                session.end_reading();
            }
            Err(error) => work(Err(error)),
        }
    }
}
