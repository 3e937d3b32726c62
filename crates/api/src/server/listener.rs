//! Listens, and serves HTTP/1.1 on connections that are watched (`http::WatchedStream`).
//!
//! Put together from the framework's parts: its own `HttpServer` has no hook between it and a
//! connection.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::time::Duration;

use actix_http::{HttpService, Protocol};
use actix_server::Server;
use actix_service::{IntoServiceFactory, Service, ServiceFactoryExt, apply_fn_factory, map_config};
use actix_web::dev::{AppConfig, HttpServiceFactory};
use actix_web::rt::net::TcpStream;
use actix_web::rt::time::timeout;
use actix_web::{App, Error, Route};
use socket2::{Domain, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, sink};

use crate::http::{Deadlines, WatchedStream};

/// How long the head of a connection's first request may take to arrive.
const HEAD_DEADLINE: Duration = Duration::from_secs(5);
/// How long a client may take to close its end of a connection.
const CLOSE_DEADLINE: Duration = Duration::from_secs(1);
/// How long an ended connection is kept for a client that is still sending, and how much of that is
/// read and thrown away.
const LINGER_DEADLINE: Duration = Duration::from_secs(5);
const LINGER_BYTES_MAX: u64 = 2 * 1024 * 1024;
/// How long requests in flight may take to finish after a signal to stop, in seconds.
const SHUTDOWN_SECONDS_MAX: u64 = 30;
/// How many connections may wait to be accepted.
const BACKLOG: i32 = 1024;
/// How much of a large answer is made ready to be sent, while the system takes no more of it.
const WRITE_BUFFER_BYTES: usize = 16 * 1024;
/// How much of its answers the system keeps for a client that does not read them (it counts twice
/// as much, with its own data). Left to itself it keeps up to 4 MiB: the more clients there are
/// that read nothing, the longer all others wait until these are filled.
const SEND_BUFFER_BYTES: usize = 64 * 1024;

/// How much a server takes on.
pub(crate) struct Capacity {
    /// How many threads serve.
    pub(crate) workers: NonZeroUsize,
    /// How many connections there may be; more of them wait to be accepted.
    pub(crate) connections_max: usize,
}

/// Listens on `socket` and serves there what `service` makes, and `fallback` what is about no path,
/// until `stop` is ready. Returns the address it listens on.
///
/// # Errors
/// If the address cannot be listened on.
pub(crate) fn serve<S: HttpServiceFactory + 'static>(
    socket: Socket,
    capacity: &Capacity,
    service: impl Fn() -> S + Clone + Send + 'static,
    fallback: impl Fn() -> Route + Clone + Send + 'static,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<(SocketAddr, Server)> {
    socket.listen(BACKLOG)?;
    let listener = TcpListener::from(socket);
    let address = listener.local_addr()?;
    let builder = Server::build()
        .workers(capacity.workers.get())
        .max_concurrent_connections(capacity.connections_max.div_ceil(capacity.workers.get()))
        .shutdown_timeout(SHUTDOWN_SECONDS_MAX)
        .shutdown_signal(stop);
    let is_stopping = builder.graceful_shutdown_signal();
    let connections = move || {
        let is_stopping = is_stopping.clone();
        let app = App::new()
            .service(service())
            .default_service(fallback())
            .into_factory()
            .map_err(|error: Error| error.error_response());
        let http = HttpService::build()
            .client_request_timeout(HEAD_DEADLINE)
            .client_disconnect_timeout(CLOSE_DEADLINE)
            .h1_write_buffer_size(WRITE_BUFFER_BYTES)
            .local_addr(address)
            .graceful_shutdown_signal(move || {
                let is_stopping = is_stopping.clone();
                async move { is_stopping.notified().await }
            })
            .on_connect_ext(|stream: &WatchedStream, data| {
                data.insert(stream.connection());
            })
            .finish(map_config(app, |()| AppConfig::default()));
        apply_fn_factory(http, |socket: TcpStream, http| {
            let peer = socket.peer_addr().ok();
            let stream = WatchedStream::new(socket, Deadlines::default());
            let (connection, socket) = (stream.connection(), stream.socket());
            let served = http.call((stream, Protocol::Http1, peer));
            async move {
                let served = served.await;
                if let (true, Some(socket)) = (connection.ends_early(), Rc::into_inner(socket)) {
                    linger(socket.into_inner()).await;
                }
                served
            }
        })
    };
    Ok((address, builder.listen("http", listener, connections)?.run()))
}

/// Binds a socket to `address` without listening on it: clients are refused until the server can
/// serve.
///
/// Not `TcpListener::bind`, whose backlog has room for 128 connections.
///
/// # Errors
/// If the address is in use, or is not one of this machine.
pub(crate) fn bind(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // A server that is started again must not wait for its predecessor's last connections.
    socket.set_reuse_address(true)?;
    // Every connection that is accepted has it from here.
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

/// Ends a connection whose client may still be sending. Its answer is sent; but a connection that
/// is closed while there is something to read is reset, and a client that receives the reset loses
/// what it has not read yet (RFC 9112, section 9.6).
async fn linger(mut socket: TcpStream) {
    let discarded = async {
        socket.shutdown().await?;
        copy(&mut socket.take(LINGER_BYTES_MAX), &mut sink()).await
    };
    // However it ends, it is closed now.
    let _ = timeout(LINGER_DEADLINE, discarded).await;
}
