//! A blocking connection: `tokio-postgres` with a runtime of its own, and a deadline for every
//! wait.
//!
//! `tokio-postgres` is asynchronous, and a unit of work is not. So each connection has a runtime
//! that runs only while a thread waits for an answer, as in the `postgres` crate. Unlike there,
//! every wait has a deadline on the client's side: a server that hangs with its sockets open, or a
//! network that drops packets, does not block a thread forever.

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

/// How long it may take to tell the server that the connection ends.
const TERMINATE_TIMEOUT: Duration = Duration::from_millis(100);

/// A connection that makes progress only while [`Link::run`] runs.
pub(crate) struct Link {
    /// `Some` until this is dropped, as is the runtime.
    client: Option<Client>,
    runtime: Option<Runtime>,
    connection: Connection<Socket, Stream>,
    /// Whether an answer did not come in time.
    has_timed_out: bool,
}

impl Link {
    /// Connects within `connect_timeout`, which unlike the URL's parameter includes the handshake.
    pub(crate) fn connect(
        config: &Config,
        connector: MakeRustlsConnect,
        connect_timeout: Duration,
    ) -> Result<Self, SessionError> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(SessionError::Runtime)?;
        let connecting = runtime.block_on(async { timeout(connect_timeout, config.connect(connector)).await });
        match connecting {
            Ok(Ok((client, connection))) => {
                Ok(Self { client: Some(client), runtime: Some(runtime), connection, has_timed_out: false })
            }
            failed => {
                // A DNS lookup may still run. It is not waited for.
                runtime.shutdown_background();
                Err(failed.map_or(SessionError::TimedOut, |answer| {
                    answer.map_or_else(Into::into, |_| SessionError::TimedOut)
                }))
            }
        }
    }

    /// Runs `work` with the connection's client, until the deadline, if any.
    ///
    /// After [`SessionError::TimedOut`] the outcome is unknown, and the connection cannot be used
    /// any more.
    pub(crate) fn run<T>(
        &mut self,
        deadline: Option<Instant>,
        work: impl AsyncFnOnce(&Client) -> Result<T, Error>,
    ) -> Result<T, SessionError> {
        let Self { client: Some(client), runtime: Some(runtime), connection, has_timed_out } = self else {
            return Err(SessionError::TimedOut);
        };
        let mut work = pin!(work(client));
        let work = poll_fn(|context| match receive(connection, context) {
            Ok(_) => work.as_mut().poll(context),
            Err(error) => Poll::Ready(Err(error)),
        });
        let result = runtime.block_on(async {
            match deadline {
                Some(deadline) => timeout_at(deadline.into(), work).await,
                None => Ok(work.await),
            }
        });
        *has_timed_out |= result.is_err();
        result.map_err(|_| SessionError::TimedOut)?.map_err(SessionError::from)
    }

    /// Whether the connection is open, as far as the client knows. Sends nothing.
    pub(crate) fn is_open(&mut self) -> bool {
        let Self { runtime: Some(runtime), connection, has_timed_out: false, .. } = self else { return false };
        runtime.block_on(async {
            // Lets the runtime poll the socket.
            tokio::task::yield_now().await;
            poll_fn(|context| Poll::Ready(matches!(receive(connection, context), Ok(IsOpen::Yes)))).await
        })
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // When the client is dropped, the connection tells the server that it ends.
        drop(self.client.take());
        let Some(runtime) = self.runtime.take() else { return };
        if !self.has_timed_out && tokio::runtime::Handle::try_current().is_err() {
            let connection = &mut self.connection;
            // The result makes no difference.
            let _ = runtime.block_on(async {
                let terminate = poll_fn(|context| match receive(connection, context) {
                    Ok(IsOpen::Yes) => Poll::Pending,
                    Ok(IsOpen::No) | Err(_) => Poll::Ready(()),
                });
                timeout(TERMINATE_TIMEOUT, terminate).await
            });
        }
        runtime.shutdown_background();
    }
}

enum IsOpen {
    Yes,
    No,
}

/// Sends queued messages and processes received ones.
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
