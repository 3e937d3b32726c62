//! A connection and the runtime that drives it, on the thread that waits for it, and not for longer than a deadline.
//!
//! `tokio-postgres` is asynchronous, and a unit of work is not. So each connection has a runtime of its own that runs only
//! while an answer is waited for, as in the `postgres` crate. Unlike there, every wait has an end on this side: a server
//! that hangs with its sockets open, or a network that swallows packets, does not hold a thread for ever.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::time::{timeout, timeout_at};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, Error, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::SessionError;

type Stream = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;

/// How long telling the server that a connection ends may take.
const GOODBYE_TIMEOUT: Duration = Duration::from_millis(100);

/// A connection that moves only while [`Link::run`] does.
pub(crate) struct Link {
    /// Both are there until this is dropped.
    client: Option<Client>,
    runtime: Option<Runtime>,
    connection: Connection<Socket, Stream>,
    /// Whether the server has stopped answering.
    is_silent: bool,
}

impl Link {
    /// Connects within `patience`. The handshake is part of it, which a URL's `connect_timeout` alone does not cover.
    pub(crate) fn connect(
        config: &Config,
        connector: MakeRustlsConnect,
        patience: Duration,
    ) -> Result<Self, SessionError> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(SessionError::Runtime)?;
        let connecting = runtime.block_on(async { timeout(patience, config.connect(connector)).await });
        match connecting {
            Ok(Ok((client, connection))) => {
                Ok(Self { client: Some(client), runtime: Some(runtime), connection, is_silent: false })
            }
            failed => {
                // It may still be looking up a host's name, and does not have to be waited for.
                runtime.shutdown_background();
                Err(failed.map_or(SessionError::TimedOut, |answer| {
                    answer.map_or_else(Into::into, |_| SessionError::TimedOut)
                }))
            }
        }
    }

    /// Has `work` done with the connection's client, and waits for it until the deadline, if there is one.
    ///
    /// After [`SessionError::TimedOut`] what the server did is unknown, and the connection is of no more use.
    pub(crate) fn run<T>(
        &mut self,
        deadline: Option<Instant>,
        work: impl AsyncFnOnce(&Client) -> Result<T, Error>,
    ) -> Result<T, SessionError> {
        let Self { client: Some(client), runtime: Some(runtime), connection, is_silent } = self else {
            return Err(SessionError::TimedOut);
        };
        let mut work = pin!(work(client));
        let work = poll_fn(|context| match receive(connection, context) {
            Ok(_) => work.as_mut().poll(context),
            Err(error) => Poll::Ready(Err(error)),
        });
        let done = runtime.block_on(async {
            match deadline {
                Some(deadline) => timeout_at(deadline.into(), work).await,
                None => Ok(work.await),
            }
        });
        *is_silent |= done.is_err();
        done.map_err(|_| SessionError::TimedOut)?.map_err(SessionError::from)
    }

    /// Whether the server has left the connection open, as far as is known on this side: nothing is sent.
    pub(crate) fn is_open(&mut self) -> bool {
        let Self { runtime: Some(runtime), connection, is_silent: false, .. } = self else { return false };
        runtime.block_on(async {
            // The runtime looks what has come in.
            tokio::task::yield_now().await;
            poll_fn(|context| Poll::Ready(matches!(receive(connection, context), Ok(IsOpen::Yes)))).await
        })
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // Without a client the connection tells the server that it ends.
        drop(self.client.take());
        let Some(runtime) = self.runtime.take() else { return };
        if !self.is_silent && tokio::runtime::Handle::try_current().is_err() {
            let connection = &mut self.connection;
            // Whether the server hears it makes no difference to it.
            let _ = runtime.block_on(async {
                let goodbye = poll_fn(|context| match receive(connection, context) {
                    Ok(IsOpen::Yes) => Poll::Pending,
                    Ok(IsOpen::No) | Err(_) => Poll::Ready(()),
                });
                timeout(GOODBYE_TIMEOUT, goodbye).await
            });
        }
        runtime.shutdown_background();
    }
}

enum IsOpen {
    Yes,
    No,
}

/// Sends what is to be sent, and hands on what has come in.
fn receive(connection: &mut Connection<Socket, Stream>, context: &mut Context<'_>) -> Result<IsOpen, Error> {
    loop {
        match connection.poll_message(context) {
            Poll::Ready(Some(Ok(AsyncMessage::Notice(notice)))) => log::debug!("PostgreSQL: {}", notice.message()),
            Poll::Ready(Some(Ok(_))) => {}
            Poll::Ready(Some(Err(error))) => return Err(error),
            Poll::Ready(None) => return Ok(IsOpen::No),
            Poll::Pending => return Ok(IsOpen::Yes),
        }
    }
}
