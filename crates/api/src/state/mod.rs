//! The application state that all requests share.

mod readiness;
mod retention;

use std::sync::Arc;

use domain::error::StorageError;
use domain::ports::{Clock, IdGenerator, ReadTx, WriteTx};
use domain::{PlanCatalog, PlanKey, SignedDuration, Timestamp, Username, Uuid, use_cases};
use storage::{AnyStore, MaintenanceTask};

use crate::auth::Tokens;
use crate::backups::BackupMonitor;
use crate::clock::{SystemClock, UuidV7Generator};
use crate::http::{RequestPolicy, RequestPolicySettings};
use crate::monitoring::Monitoring;
use crate::passwords::Passwords;
use crate::plans::{self, PlansSource, SharedCatalog};
use crate::tracing::{self, Tracing};
use readiness::Readiness;
pub use retention::Retention;

/// How long a session lives without a refresh.
const SESSION_LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The maximum number of rows that a maintenance step removes. Requests wait for a few
/// milliseconds.
const MAINTENANCE_ROWS_MAX: usize = 500;

/// The same for bookings and usage records, and for erasure: each row takes several statements.
pub(crate) const DISCARDED_ROWS_MAX: usize = 200;

/// Removes up to a number of rows that have expired at an instant. Returns how many it removed.
type RemoveExpired = fn(&mut dyn WriteTx, Timestamp, usize) -> Result<usize, StorageError>;

/// The store, the plans, authentication and the request policy.
pub struct AppState {
    /// The store.
    pub store: AnyStore,
    /// The plans on offer.
    pub catalog: SharedCatalog,
    /// Where the plans were read from.
    pub plans: PlansSource,
    /// Issues and verifies access tokens.
    pub tokens: Tokens,
    /// Hashes and verifies passwords.
    pub passwords: Passwords,
    /// The state of scheduled backups, if a directory is configured.
    pub backups: Option<Arc<BackupMonitor>>,
    /// Whether new users may register.
    pub registration_is_open: bool,
    /// Whether the explorer and the documents are served.
    pub has_docs: bool,
    /// Whether the console is served.
    pub has_console: bool,
    /// The configured operator's name. Only an operator may have it.
    pub reserved_username: Option<Username>,
    /// How long a session lives without a refresh.
    pub session_lifetime: SignedDuration,
    /// How long bookings and usage records are kept.
    pub retention: Retention,
    /// The counts that are scraped, if the server is monitored.
    pub monitoring: Option<Arc<Monitoring>>,
    /// Exports traces, if they are on.
    pub tracing: Option<Arc<Tracing>>,
    pub(crate) policy: Arc<RequestPolicy>,
    pub(crate) readiness: Readiness,
    clock: Arc<dyn Clock>,
    ids: Box<dyn IdGenerator>,
}

impl AppState {
    /// A state with the built-in plans, open registration, the machine's clock and `UUIDv7` ids.
    #[must_use]
    pub fn new(store: impl Into<AnyStore>, tokens: Tokens, passwords: Passwords) -> Self {
        Self::with_ports(store, tokens, passwords, SystemClock, UuidV7Generator)
    }

    /// As [`AppState::new`], with another clock and other ids.
    #[must_use]
    pub fn with_ports(
        store: impl Into<AnyStore>,
        tokens: Tokens,
        passwords: Passwords,
        clock: impl Clock + 'static,
        ids: impl IdGenerator + 'static,
    ) -> Self {
        Self {
            store: store.into(),
            catalog: PlanCatalog::builtin().into(),
            plans: PlansSource::default(),
            tokens,
            passwords,
            backups: None,
            registration_is_open: true,
            has_docs: true,
            has_console: true,
            reserved_username: None,
            session_lifetime: SESSION_LIFETIME,
            retention: Retention::default(),
            monitoring: None,
            tracing: None,
            policy: Arc::new(RequestPolicy::new(&RequestPolicySettings::default())),
            readiness: Readiness::default(),
            clock: Arc::new(clock),
            ids: Box::new(ids),
        }
    }

    /// Sets the request policy. The default has no proxies, no rate limits and no CORS.
    #[must_use]
    pub fn behind(self, policy: RequestPolicy) -> Self {
        Self { policy: Arc::new(policy), ..self }
    }

    /// As [`domain::ports::Store::write`], as a part of the request that this thread serves.
    pub(crate) fn write<T, E>(
        &self,
        work: impl FnMut(&mut dyn WriteTx) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        tracing::write(&self.store, work)
    }

    /// As [`domain::ports::Store::read`], as a part of the request that this thread serves.
    pub(crate) fn read<T, E>(
        &self,
        work: impl FnOnce(&mut dyn ReadTx) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        tracing::read(&self.store, work)
    }

    /// Counts a login whose password was verified, if the server is monitored.
    pub(crate) fn count_login(&self, has_succeeded: bool) {
        if let Some(monitoring) = &self.monitoring {
            monitoring.count_login(has_succeeded);
        }
    }

    /// Puts another catalogue in force, and logs its warnings.
    pub(crate) fn replace_catalog(&self, catalog: PlanCatalog) {
        for warning in plans::warnings(&catalog) {
            log::warn!("{warning}");
        }
        self.catalog.set(catalog);
    }

    /// The plan of a new account that names none: the default plan of the catalogue in force, if
    /// the configuration says so.
    #[must_use]
    pub fn default_plan(&self) -> Option<PlanKey> {
        let catalog = self.catalog.get();
        catalog.default_plan().filter(|_| self.plans.assigns_default_plan).map(|plan| plan.key.clone())
    }

    /// Sets the store's maintenance tasks: they remove expired and old rows, and complete erasures.
    pub fn schedule_maintenance(&self) {
        let task = |name, remove: RemoveExpired| {
            let clock = Arc::clone(&self.clock);
            MaintenanceTask::new(name, move |tx| {
                Ok(remove(tx, clock.now(), MAINTENANCE_ROWS_MAX)? >= MAINTENANCE_ROWS_MAX)
            })
        };
        let mut tasks = vec![
            task("remove expired idempotency records", |tx, now, max| {
                use_cases::remove_expired_idempotency_records(tx, now, max)
            }),
            task("remove expired sessions", |tx, now, max| use_cases::remove_expired_sessions(tx, now, max)),
            task("remove expired holds", |tx, now, max| use_cases::remove_expired_holds(tx, now, max)),
            task("remove expired API keys", |tx, now, max| use_cases::remove_expired_api_keys(tx, now, max)),
            MaintenanceTask::new("erase accounts and users", |tx| tx.continue_erasure(DISCARDED_ROWS_MAX)),
        ];
        tasks.extend(self.retention.tasks(&self.clock));
        self.store.set_maintenance(tasks);
    }

    /// The current instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The clock. A unit of work that uses a hold reads it after it has the account, because the hold
    /// may expire while the unit waits.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// A new id.
    #[must_use]
    pub fn next_uuid(&self) -> Uuid {
        self.ids.next_uuid()
    }
}
