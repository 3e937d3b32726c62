//! The metrics listener: `GET /metrics` on an address of its own, so that a firewall can keep it
//! inside. It asks for no token, and serves nothing else.

use std::net::TcpListener;

use actix_web::dev::{Server, ServerHandle};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use socket2::Socket;

use crate::AppState;
use crate::monitoring::{MEDIA_TYPE, Monitoring, Observed};

/// How many connections are served. A few systems scrape a server.
const CONNECTIONS_MAX: usize = 16;
const BACKLOG: i32 = 16;

/// Serves the metrics of `state` on `socket` from now on.
pub(super) fn start(
    socket: Socket,
    state: &Data<AppState>,
    monitoring: &Data<Monitoring>,
) -> std::io::Result<ServerHandle> {
    socket.listen(BACKLOG)?;
    let listener = TcpListener::from(socket);
    let address = listener.local_addr()?;
    let (state, monitoring) = (state.clone(), monitoring.clone());
    let app = move || {
        let resource = web::resource("/metrics").route(web::get().to(metrics)).route(web::head().to(metrics));
        App::new().app_data(state.clone()).app_data(monitoring.clone()).service(resource)
    };
    let server: Server = HttpServer::new(app)
        .workers(1)
        .max_connections(CONNECTIONS_MAX)
        // The server of the API handles them.
        .disable_signals()
        .listen(listener)?
        .run();
    log::info!("serving metrics on http://{address}/metrics");
    let handle = server.handle();
    actix_web::rt::spawn(server);
    Ok(handle)
}

async fn metrics(state: Data<AppState>, monitoring: Data<Monitoring>) -> HttpResponse {
    let is_ready = state.readiness.check(&state.store, || state.now()).await.is_ok();
    let rate_limited = state.policy.rate_limits.refusals();
    let backups = state.backups.as_ref().map(|backups| backups.status());
    let spans = state.tracing.as_ref().map(|tracing| tracing.counts());
    let store = state.store.statistics();
    let observed = Observed { is_ready, store, backups, rate_limited: &rate_limited, spans };
    let text = monitoring.scrape(&observed).inspect_err(|error| log::error!("{error}"));
    match text {
        Ok(text) => HttpResponse::Ok().insert_header((CONTENT_TYPE, MEDIA_TYPE)).body(text),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
