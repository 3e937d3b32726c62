//! The connection pool that workers and readers share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::error::StorageError;
use r2d2::{HandleError, ManageConnection, Pool, PooledConnection};
use tokio_postgres::Config;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::deadline::UNIT_TIMEOUT;
use super::error::SessionError;
use super::link::Link;
use super::record::PostgresRecord;
use super::session::PgSession;
use super::settings::SessionSettings;
use super::tls::{self, TlsError};
use super::url::PostgresUrl;
use crate::readers::{ReadConnections, Work};

/// How long a unit waits for a connection.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a unit waits while the database is down: units before it are already waiting.
const CONNECTION_TIMEOUT_WHILE_DOWN: Duration = Duration::from_millis(100);

/// Begins a read-only transaction on a snapshot.
pub(super) const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Opens the sessions of the pool.
pub(crate) struct SessionManager {
    config: Config,
    connector: MakeRustlsConnect,
    settings: SessionSettings,
    /// How long opening a session may take.
    timeout: Duration,
    record: Arc<PostgresRecord>,
}

impl SessionManager {
    /// A manager of sessions with the database at `url`.
    pub(crate) fn new(url: &PostgresUrl) -> Result<Self, TlsError> {
        Ok(Self {
            config: url.config.clone(),
            connector: tls::connector(&url.tls)?,
            settings: url.settings.clone(),
            timeout: url.connect_timeout(),
            record: Arc::default(),
        })
    }
}

impl ManageConnection for SessionManager {
    type Connection = PgSession;
    type Error = SessionError;

    fn connect(&self) -> Result<PgSession, SessionError> {
        let deadline = Instant::now() + self.timeout;
        let link = Link::connect(&self.config, self.connector.clone(), self.timeout)?;
        let mut session = PgSession::new(link, Arc::clone(&self.record));
        self.settings.apply(&mut session, deadline)?;
        Ok(session)
    }

    /// Sends nothing to the server, so that it costs no round trip. After a restart of the server
    /// it skips the connections that were closed.
    fn is_valid(&self, session: &mut PgSession) -> Result<(), SessionError> {
        if session.is_usable() { Ok(()) } else { Err(SessionError::Closed) }
    }

    fn has_broken(&self, session: &mut PgSession) -> bool {
        session.is_broken()
    }
}

/// A session that returns to the pool when it is dropped.
pub(crate) type PooledSession = PooledConnection<SessionManager>;

/// The last error of opening a session, for the units that get none.
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
        // The server closed an idle connection. An error of opening the next one says more.
        if !matches!(error, SessionError::Closed) {
            *self.lock() = error.to_string();
        }
    }
}

/// The connection pool.
pub(crate) struct Connections {
    pool: Pool<SessionManager>,
    last_error: LastError,
    pub(super) record: Arc<PostgresRecord>,
    /// Whether the last request for a session found no open connection.
    is_down: AtomicBool,
}

impl Connections {
    /// A pool of at most `max` connections, which are opened when they are needed.
    pub(crate) fn new(manager: SessionManager, max: u32) -> Self {
        let (last_error, record) = (LastError::default(), Arc::clone(&manager.record));
        let pool = Pool::builder()
            .max_size(max)
            .min_idle(Some(0))
            .test_on_check_out(true)
            .connection_timeout(CONNECTION_TIMEOUT)
            .error_handler(Box::new(last_error.clone()))
            .build_unchecked(manager);
        Self { pool, last_error, record, is_down: AtomicBool::new(false) }
    }

    /// A session in a transaction that begins with `command`. `deadline` is that of its first
    /// statement.
    pub(crate) fn begin(&self, command: &'static str, deadline: Instant) -> Result<PooledSession, StorageError> {
        let mut session = self.session(deadline)?;
        session.begin(command, Some(deadline));
        Ok(session)
    }

    /// How many connections are open, and how many of these are idle.
    pub(super) fn open_and_idle(&self) -> (u32, u32) {
        let state = self.pool.state();
        (state.connections, state.idle_connections)
    }

    fn session(&self, deadline: Instant) -> Result<PooledSession, StorageError> {
        let timeout =
            if self.is_down.load(Ordering::Relaxed) { CONNECTION_TIMEOUT_WHILE_DOWN } else { CONNECTION_TIMEOUT };
        let begun = Instant::now();
        let session = self.pool.get_timeout(timeout.min(deadline.saturating_duration_since(begun)));
        self.record.connection_waits.observe_duration(begun.elapsed());
        // If connections are open, all were in use: the database is not down.
        let is_down = session.is_err() && self.pool.state().connections == 0;
        if self.is_down.swap(is_down, Ordering::Relaxed) != is_down {
            if is_down {
                log::error!("cannot connect to PostgreSQL: {}", self.last_error.lock());
            } else {
                log::info!("connected to PostgreSQL again");
            }
        }
        session.map_err(|_| {
            let reason = if is_down { self.last_error.lock().clone() } else { "all are in use".to_owned() };
            StorageError::Unavailable(format!("no connection to PostgreSQL: {reason}"))
        })
    }
}

impl ReadConnections for Connections {
    type Connection = PgSession;

    /// `work` runs in a read-only transaction on a snapshot.
    fn with_connection(&self, queued_at: Instant, work: Work<PgSession>) {
        let deadline = queued_at + UNIT_TIMEOUT;
        match self.record.check_deadline(deadline).and_then(|()| self.begin(SNAPSHOT, deadline)) {
            Ok(mut session) => {
                work(Ok(&mut session));
                session.end_reading();
            }
            Err(error) => work(Err(error)),
        }
    }
}
