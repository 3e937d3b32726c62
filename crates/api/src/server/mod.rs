//! The server: opens the store, listens, serves, and on a signal finishes the requests in flight
//! before it closes the store.

mod descriptors;
mod listener;
mod metrics;
pub mod operator;
mod reload;
mod service;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::task::Poll;

use actix_web::dev::{HttpServiceFactory, ServerHandle};
use actix_web::rt::signal::unix::{self, SignalKind};
use actix_web::web::Data;
use domain::PlanCatalog;
use secrecy::ExposeSecret;
use socket2::Socket;
use storage::{AnyStore, OpenError};
use thiserror::Error;

use crate::auth::{self, Algorithm, Key, LiveKeys, Tokens};
use crate::backups::{BackupScheduler, ScheduledDatabase};
use crate::config::Config;
use crate::endpoints::routes;
use crate::http::RequestPolicy;
use crate::passwords::{Passwords, PasswordsError};
use crate::plans::{self, PlansInUseError};
use crate::tracing::Tracing;
use crate::{AppState, logging, version};
use listener::Capacity;
use operator::OperatorError;
use service::fallback;
pub use service::{configure, service};

/// Why the server did not start, or failed.
#[derive(Debug, Error)]
pub enum ServerError {
    /// The database could not be opened.
    #[error("cannot open the database: {0}")]
    Database(#[from] OpenError),
    /// The key file could not be used.
    #[error(transparent)]
    Keys(#[from] auth::KeyFileError),
    /// The secret is not a valid key.
    #[error("cannot use the JWT secret: {0}")]
    Key(#[from] jsonwebtoken::errors::Error),
    /// The hashing of passwords could not be started.
    #[error("cannot hash passwords: {0}")]
    Passwords(#[from] PasswordsError),
    /// Traces could not be exported.
    #[error("cannot export traces: {0}")]
    Tracing(#[from] opentelemetry_otlp::ExporterBuildError),
    /// The operator could not be ensured.
    #[error(transparent)]
    Operator(#[from] OperatorError),
    /// The catalogue lacks plans that accounts are on.
    #[error(transparent)]
    Plans(#[from] PlansInUseError),
    /// The address could not be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        source: io::Error,
    },
    /// The limit of open files is too low.
    #[error("the limit of open files is {limit}, and this configuration needs {needed}: raise it (ulimit -n)")]
    OpenFiles {
        /// The limit.
        limit: usize,
        /// The least limit.
        needed: usize,
    },
    /// The thread of scheduled backups could not be started.
    #[error("cannot schedule backups: {0}")]
    Backups(io::Error),
    /// Serving failed.
    #[error("cannot serve: {0}")]
    Serve(io::Error),
}

/// Runs the server with a catalogue of plans until SIGTERM or SIGINT.
///
/// # Errors
/// [`ServerError`].
pub fn run(config: &Config, catalog: PlanCatalog) -> Result<(), ServerError> {
    check_open_files(config)?;
    // First, so that no database is created if the port is in use.
    let sockets = Sockets::bind(config)?;
    let database = &config.database;
    log::info!("serving {}; {}", database.url, version::time_zones());
    let store = AnyStore::open(&database.url, database.options)?;
    let state = Data::new(state(config, catalog, store)?);
    actix_web::rt::System::new().block_on(async {
        reload::check_at_start(&state).await?;
        if config.is_exposed() && config.operator.password.is_none() {
            operator::check_exists(&state).await?;
        }
        operator::ensure(&state, &config.operator).await?;
        if config.is_exposed() {
            operator::check_not_default(&state).await?;
        }
        Ok::<_, ServerError>(())
    })?;
    state.schedule_maintenance();
    let backups = start_backups(config, &state)?;
    let served = serve_on(sockets, config, &state, |state| service(state, routes));
    if let Some(backups) = backups {
        backups.stop();
    }
    served?;
    state.store.close();
    if let Some(tracing) = &state.tracing {
        tracing.flush();
    }
    logging::log_counts();
    log::info!("stopped");
    Ok(())
}

/// Raises the limit of open files, and checks that it suffices.
fn check_open_files(config: &Config) -> Result<(), ServerError> {
    let limit = descriptors::raise_limit();
    let needed = descriptors::needed(config.workers);
    if needed <= limit { Ok(()) } else { Err(ServerError::OpenFiles { limit, needed }) }
}

/// Starts scheduled backups, if the configuration has a directory for them.
fn start_backups(config: &Config, state: &AppState) -> Result<Option<BackupScheduler>, ServerError> {
    let files = config.database.files(config.jwt_secret.is_some());
    let (Some(schedule), Some(files), Some(monitor)) = (config.database.backups.clone(), files, state.backups.clone())
    else {
        return Ok(None);
    };
    BackupScheduler::start(ScheduledDatabase { files, schedule }, monitor).map(Some).map_err(ServerError::Backups)
}

/// The application state of this configuration.
fn state(config: &Config, catalog: PlanCatalog, store: AnyStore) -> Result<AppState, ServerError> {
    let (previous, lifetime) = (config.jwt_previous_secret.as_ref(), config.token_lifetime_seconds);
    let tokens = match &config.jwt_secret {
        Some(secret) => Tokens::new(secret, previous, lifetime)?,
        None => Tokens::with_keys(keys_of_file(config)?, lifetime),
    };
    let passwords = Passwords::start(config.hashing.clone())?;
    let mut state = AppState::new(store, tokens, passwords).behind(RequestPolicy::new(&config.network));
    for warning in plans::warnings(&catalog) {
        log::warn!("{warning}");
    }
    state.catalog = catalog.into();
    state.plans = config.plans.clone();
    state.registration_is_open = config.registration_is_open;
    state.has_docs = config.has_docs;
    state.has_console = config.has_console;
    state.retention = config.retention;
    state.backups = config.database.backups.as_ref().map(|_| Arc::default());
    state.monitoring = config.monitoring.metrics_listen.map(|_| Arc::default());
    state.tracing = config.tracing.as_ref().map(Tracing::start).transpose()?.map(Arc::new);
    state.reserved_username = Some(config.operator.username.clone());
    Ok(state)
}

fn keys_of_file(config: &Config) -> Result<LiveKeys, ServerError> {
    let algorithm = config.jwt_algorithm.unwrap_or(Algorithm::Hs256);
    let previous = config.jwt_previous_secret.as_ref();
    let previous = previous.map(|secret| Key::new(Algorithm::Hs256, secret.expose_secret().as_bytes())).transpose()?;
    let keys = LiveKeys::of_file(config.database.key_file(), algorithm, previous)?;
    let present = keys.ring().newest().algorithm;
    if config.jwt_algorithm.is_some_and(|wanted| wanted != present) {
        log::warn!("the newest key signs with {present}: headroom keys rotate --algorithm {algorithm} adds another");
    }
    Ok(keys)
}

/// Listens on the configured address and serves what `service` makes until a signal to stop.
///
/// # Errors
/// [`ServerError::Listen`] and [`ServerError::Serve`].
pub fn serve<S: HttpServiceFactory + 'static>(
    config: &Config,
    state: &Data<AppState>,
    service: impl Fn(Data<AppState>) -> S + Clone + Send + 'static,
) -> Result<(), ServerError> {
    serve_on(Sockets::bind(config)?, config, state, service)
}

/// The sockets of the addresses that the configuration names.
struct Sockets {
    api: Socket,
    metrics: Option<(SocketAddr, Socket)>,
}

impl Sockets {
    fn bind(config: &Config) -> Result<Self, ServerError> {
        let bind = |address| listener::bind(address).map_err(|source| ServerError::Listen { address, source });
        let metrics = config.monitoring.metrics_listen.map(|address| Ok::<_, ServerError>((address, bind(address)?)));
        Ok(Self { api: bind(config.listen)?, metrics: metrics.transpose()? })
    }
}

fn serve_on<S: HttpServiceFactory + 'static>(
    sockets: Sockets,
    config: &Config,
    state: &Data<AppState>,
    service: impl Fn(Data<AppState>) -> S + Clone + Send + 'static,
) -> Result<(), ServerError> {
    state.passwords.give_way();
    let (state, others) = (state.clone(), state.clone());
    let connections = usize::try_from(config.database.options.connections).unwrap_or(usize::MAX);
    let capacity = Capacity {
        workers: NonZeroUsize::new(config.workers).unwrap_or(NonZeroUsize::MIN),
        connections_max: descriptors::connections_max(descriptors::raise_limit(), connections),
    };
    actix_web::rt::System::new().block_on(async move {
        let stop = signal_to_stop().map_err(ServerError::Serve)?;
        let watched = state.clone();
        actix_web::rt::spawn(async move { watched.tokens.keys().watch().await });
        reload::on_hangup(state.clone()).map_err(ServerError::Serve)?;
        if !config.is_exposed() {
            actix_web::rt::spawn(operator::warn_of_default(state.clone()));
        }
        let metrics = start_metrics(sockets.metrics, &state)?;
        let (address, server) =
            listener::serve(sockets.api, &capacity, move || service(state.clone()), move || fallback(&others), stop)
                .map_err(|source| ServerError::Listen { address: config.listen, source })?;
        log::info!("listening on http://{address}, explorer at http://{address}/docs");
        let result = server.await.map_err(ServerError::Serve);
        if let Some(metrics) = metrics {
            metrics.stop(true).await;
        }
        result
    })
}

/// Serves the metrics, if the configuration says so.
fn start_metrics(
    socket: Option<(SocketAddr, Socket)>,
    state: &Data<AppState>,
) -> Result<Option<ServerHandle>, ServerError> {
    let Some(((address, socket), monitoring)) = socket.zip(state.monitoring.clone()) else { return Ok(None) };
    let started = metrics::start(socket, state, &Data::from(monitoring));
    started.map(Some).map_err(|source| ServerError::Listen { address, source })
}

/// Ready when the process receives SIGTERM or SIGINT.
///
/// Signals count from this call on, not from the first poll of the future.
fn signal_to_stop() -> io::Result<impl Future<Output = ()>> {
    let mut terminated = unix::signal(SignalKind::terminate())?;
    let mut interrupted = unix::signal(SignalKind::interrupt())?;
    Ok(async move {
        std::future::poll_fn(|context| {
            let stop = terminated.poll_recv(context).is_ready() || interrupted.poll_recv(context).is_ready();
            if stop { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        log::info!("stopping: finishing requests in flight");
    })
}
