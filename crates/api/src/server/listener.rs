//! Listens, and serves HTTP/1.1 on connections with deadlines (`http::WatchedStream`).
//!
//! Built from the framework's parts: its `HttpServer` has no hook for the stream of a connection.

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
/// How long an ended connection is kept for a client that is still sending, and how many bytes are
/// read and discarded meanwhile.
const LINGER_DEADLINE: Duration = Duration::from_secs(5);
const LINGER_BYTES_MAX: u64 = 2 * 1024 * 1024;
/// How long requests in flight may take to finish after a signal to stop, in seconds.
const SHUTDOWN_SECONDS_MAX: u64 = 30;
/// How many connections may wait to be accepted.
const BACKLOG: i32 = 1024;
/// How much of a large response is buffered in the process.
const WRITE_BUFFER_BYTES: usize = 16 * 1024;
/// How much of its responses the system buffers for a client that does not read them. (It counts
/// twice as much, with its own data.) Its default is up to 4 MiB: with many such clients, all
/// others would wait until these buffers are full.
const SEND_BUFFER_BYTES: usize = 64 * 1024;

/// The capacity of a server.
pub(crate) struct Capacity {
    /// The number of threads that serve requests.
    pub(crate) workers: NonZeroUsize,
    /// The maximum number of connections; further ones wait to be accepted.
    pub(crate) connections_max: usize,
}

/// Listens on `socket`, and serves `service` until `stop` is ready. `fallback` answers requests
/// without a path. Returns the address it listens on.
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
    // A restarted server must not wait for the last connections of its predecessor.
    socket.set_reuse_address(true)?;
    // Accepted connections inherit it.
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

/// Ends a connection whose client may still be sending, after its response is sent. A connection
/// that is closed with unread data is reset, and the client loses what it has not read yet (RFC
/// 9112, section 9.6).
async fn linger(mut socket: TcpStream) {
    let discarded = async {
        socket.shutdown().await?;
        copy(&mut socket.take(LINGER_BYTES_MAX), &mut sink()).await
    };
    // The connection is closed even after an error.
    let _ = timeout(LINGER_DEADLINE, discarded).await;
}
