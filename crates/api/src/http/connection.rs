//! A connection that is watched from inside: one on which no request comes, or whose client takes no answer, is ended.
//!
//! The framework has a deadline for the head of a connection's first request alone: the next one could come a byte at a
//! time for ever. And it has none for an answer that the client does not read.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::rt::net::TcpStream;
use actix_web::rt::time::{Instant, Sleep, sleep};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How long a client may keep a connection waiting.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadlines {
    /// How long there may be no whole request on it.
    pub(crate) request: Duration,
    /// How long an answer may make no progress.
    pub(crate) progress: Duration,
}

impl Default for Deadlines {
    /// For a request the 5 seconds that a connection may be idle, as long as the framework keeps it, and 5 more for a head
    /// that has begun. For an answer 30 seconds without a byte of it taken.
    fn default() -> Self {
        Self { request: Duration::from_secs(10), progress: Duration::from_secs(30) }
    }
}

/// What is known of a connection, for its stream and for those who serve its requests.
#[derive(Debug)]
pub(crate) struct Connection {
    requests: Cell<u32>,
    quiet_since: Cell<Instant>,
}

impl Connection {
    /// A request is being served, until what this returns is dropped.
    pub(super) fn serve(self: &Rc<Self>) -> Serving {
        self.requests.set(self.requests.get() + 1);
        Serving(Rc::clone(self))
    }
}

/// That a connection has a request on it that is being served.
pub(super) struct Serving(Rc<Connection>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.requests.set(self.0.requests.get() - 1);
        self.0.quiet_since.set(Instant::now());
    }
}

/// The stream of a connection, which fails with [`io::ErrorKind::TimedOut`] when its client keeps it waiting.
///
/// Both timers run on when their reason has gone, and are looked at when they fire: to set them again for each request
/// would cost more than the few times that they fire for nothing.
pub(crate) struct WatchedStream {
    stream: TcpStream,
    connection: Rc<Connection>,
    deadlines: Deadlines,
    /// Fires when the next request may be late.
    request: Pin<Box<Sleep>>,
    /// Since when the client has taken nothing of what there is for it, and the timer for that.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl WatchedStream {
    pub(crate) fn new(stream: TcpStream, deadlines: Deadlines) -> Self {
        let connection = Connection { requests: Cell::new(0), quiet_since: Cell::new(Instant::now()) };
        let request = Box::pin(sleep(deadlines.request));
        Self { stream, connection: Rc::new(connection), deadlines, request, stalled: None }
    }

    /// What is known of it.
    pub(crate) fn connection(&self) -> Rc<Connection> {
        Rc::clone(&self.connection)
    }

    /// Ready when a request is late.
    fn poll_late(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.request.as_mut().poll(context));
            // While a request is served its client may well say nothing, and while an answer is stuck that is the reason.
            let is_quiet = self.connection.requests.get() == 0 && self.stalled.is_none();
            let quiet = if is_quiet { self.connection.quiet_since.get().elapsed() } else { Duration::ZERO };
            let left = self.deadlines.request.saturating_sub(quiet);
            if left.is_zero() {
                return Poll::Ready(());
            }
            self.request.as_mut().reset(Instant::now() + left);
        }
    }

    /// Ready when the client has taken nothing for too long.
    fn poll_stalled(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let limit = self.deadlines.progress;
        self.stalled.get_or_insert_with(|| Box::pin(sleep(limit))).as_mut().poll(context)
    }
}

fn timed_out<T>() -> io::Result<T> {
    Err(io::ErrorKind::TimedOut.into())
}

impl AsyncRead for WatchedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Pending => self.poll_late(context).map(|()| timed_out()),
            read @ Poll::Ready(_) => read,
        }
    }
}

impl AsyncWrite for WatchedStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(context, bytes) {
            Poll::Pending => {
                ready!(self.poll_stalled(context));
                // Without this the system keeps what is unsent for minutes, for a client that does not want it. Should it
                // fail, it does that.
                let _ = self.stream.set_zero_linger();
                Poll::Ready(timed_out())
            }
            written @ Poll::Ready(_) => {
                if self.stalled.take().is_some() {
                    self.connection.quiet_since.set(Instant::now());
                }
                written
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use std::io::ErrorKind;
    use std::net::{TcpListener, TcpStream as Client};

    const SHORT: Duration = Duration::from_millis(20);
    const LONG: Duration = Duration::from_hours(1);

    /// A client and the stream of its connection.
    fn connected(request: Duration, progress: Duration) -> (Client, WatchedStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = Client::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, _) = listener.accept().unwrap();
        stream.set_nonblocking(true).unwrap();
        (client, WatchedStream::new(TcpStream::from_std(stream).unwrap(), Deadlines { request, progress }))
    }

    async fn read(stream: &mut WatchedStream) -> io::Result<usize> {
        let mut bytes = [0; 16];
        let mut buffer = ReadBuf::new(&mut bytes);
        poll_fn(|context| Pin::new(&mut *stream).poll_read(context, &mut buffer)).await?;
        Ok(buffer.filled().len())
    }

    async fn write(stream: &mut WatchedStream) -> io::Result<usize> {
        poll_fn(|context| Pin::new(&mut *stream).poll_write(context, &[7; 16_384])).await
    }

    /// Writes until the client, which reads nothing, takes no more.
    async fn fill(stream: &mut WatchedStream) -> io::Error {
        loop {
            match write(stream).await {
                Ok(_) => {}
                Err(error) => return error,
            }
        }
    }

    #[actix_web::test]
    async fn a_client_that_takes_nothing_of_an_answer_is_given_up() {
        let (_client, mut stream) = connected(LONG, SHORT);
        assert_eq!(fill(&mut stream).await.kind(), ErrorKind::TimedOut);
    }

    #[actix_web::test]
    async fn a_client_that_takes_a_little_now_and_then_is_not() {
        let (mut client, mut stream) = connected(SHORT, LONG);
        let mut context = Context::from_waker(std::task::Waker::noop());
        let (mut sent, mut taken) = (0, 0);
        for _ in 0..3 {
            // Until it is stuck, when neither timer ends the connection.
            while let Poll::Ready(written) = Pin::new(&mut stream).poll_write(&mut context, &[7; 16_384]) {
                sent += written.unwrap();
            }
            assert!(stream.stalled.is_some());
            sleep(2 * SHORT).await;
            let mut bytes = [0; 16];
            let mut buffer = ReadBuf::new(&mut bytes);
            assert!(Pin::new(&mut stream).poll_read(&mut context, &mut buffer).is_pending());
            while taken < sent {
                taken += io::Read::read(&mut client, &mut [0; 16_384]).unwrap();
            }
            sent += write(&mut stream).await.unwrap();
            assert!(stream.stalled.is_none(), "it has made progress");
        }
    }

    #[actix_web::test]
    async fn a_client_that_asks_nothing_is_given_up_unless_it_waits_for_an_answer() {
        let (_client, mut stream) = connected(SHORT, LONG);
        let serving = stream.connection().serve();
        let mut context = Context::from_waker(std::task::Waker::noop());
        sleep(2 * SHORT).await;
        let mut bytes = [0; 16];
        let mut buffer = ReadBuf::new(&mut bytes);
        assert!(Pin::new(&mut stream).poll_read(&mut context, &mut buffer).is_pending());
        drop(serving);
        assert_eq!(read(&mut stream).await.unwrap_err().kind(), ErrorKind::TimedOut);
    }

    #[actix_web::test]
    async fn a_client_that_sends_a_byte_at_a_time_is_given_up() {
        let (mut client, mut stream) = connected(SHORT, LONG);
        let end = loop {
            io::Write::write_all(&mut client, b" ").unwrap();
            match read(&mut stream).await {
                Ok(read) => assert_eq!(read, 1),
                Err(error) => break error,
            }
        };
        assert_eq!(end.kind(), ErrorKind::TimedOut);
    }
}
