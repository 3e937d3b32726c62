//! A connection that is watched from inside: one on which no request comes, or whose client takes
//! no answer, is ended. After a request with `Connection: close` no other is served. What the
//! framework writes by itself is written as it should be: its errors as problems
//! (`http::framework_errors`), and `100 Continue` only if the body is wanted.
//!
//! The framework has a deadline for the head of a connection's first request alone: the next one
//! could come a byte at a time for ever. And it has none for an answer that the client does not
//! read.

use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::dev::RequestHead;
use actix_web::http::ConnectionType;
use actix_web::rt::net::TcpStream;
use actix_web::rt::time::{Instant, Sleep, sleep};
use actix_web::web::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::framework_errors;

/// What the framework writes as soon as a request with `Expect: 100-continue` has come. No answer
/// of ours begins like this.
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// How long a client may keep a connection waiting.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadlines {
    /// How long there may be no whole request on it.
    pub(crate) request: Duration,
    /// How long an answer may make no progress.
    pub(crate) progress: Duration,
}

impl Default for Deadlines {
    /// For a request the 5 seconds that a connection may be idle, as long as the framework keeps
    /// it, and 5 more for a head that has begun. For an answer 30 seconds without a byte of it
    /// taken.
    fn default() -> Self {
        Self { request: Duration::from_secs(10), progress: Duration::from_secs(30) }
    }
}

/// What is known of a connection, for its stream and for those who serve its requests.
#[derive(Debug)]
pub(crate) struct Connection {
    requests: Cell<u32>,
    quiet_since: Cell<Instant>,
    /// Whether the body of the present request is waited for.
    is_body_wanted: Cell<bool>,
    /// Whether a request asked for the connection to be closed: it is the last one.
    is_last: Cell<bool>,
    /// Whether another request came after the last one.
    is_over: Cell<bool>,
    /// Whether the framework has refused what came.
    is_refused: Cell<bool>,
}

impl Connection {
    fn new() -> Self {
        Self {
            requests: Cell::new(0),
            quiet_since: Cell::new(Instant::now()),
            is_body_wanted: Cell::new(false),
            is_last: Cell::new(false),
            is_over: Cell::new(false),
            is_refused: Cell::new(false),
        }
    }

    /// A request begins. Answers whether it is to be served: after one that asked for the
    /// connection to be closed none is, though it may have come already (RFC 9112, section 9.6).
    /// The stream fails as soon as the answers before it are sent.
    pub(super) fn begin(&self, head: &RequestHead) -> bool {
        if self.is_last.get() {
            self.is_over.set(true);
            return false;
        }
        self.is_last.set(head.connection_type() == ConnectionType::Close);
        self.is_body_wanted.set(false);
        true
    }

    /// Whether no request is served after the present one.
    pub(super) fn is_last(&self) -> bool {
        self.is_last.get()
    }

    /// The body of the present request is waited for.
    pub(super) fn want_body(&self) {
        self.is_body_wanted.set(true);
    }

    /// Whether the connection ends while its client may still be sending.
    pub(crate) fn ends_early(&self) -> bool {
        self.is_last.get() || self.is_refused.get()
    }

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

/// The stream of a connection, which fails with [`io::ErrorKind::TimedOut`] when its client keeps
/// it waiting.
///
/// Both timers run on when their reason has gone, and are looked at when they fire: to set them
/// again for each request would cost more than the few times that they fire for nothing.
pub(crate) struct WatchedStream {
    /// Shared with the listener, which closes it.
    socket: Rc<RefCell<TcpStream>>,
    connection: Rc<Connection>,
    deadlines: Deadlines,
    /// Fires when the next request may be late.
    request: Pin<Box<Sleep>>,
    /// Since when the client has taken nothing of what there is for it, and the timer for that.
    stalled: Option<Pin<Box<Sleep>>>,
    /// Whether a `100 Continue` is held back until the body is wanted.
    is_continue_held: bool,
    /// What is left to write in place of what the framework wrote.
    own: Bytes,
}

impl WatchedStream {
    pub(crate) fn new(socket: TcpStream, deadlines: Deadlines) -> Self {
        Self {
            socket: Rc::new(RefCell::new(socket)),
            connection: Rc::new(Connection::new()),
            deadlines,
            request: Box::pin(sleep(deadlines.request)),
            stalled: None,
            is_continue_held: false,
            own: Bytes::new(),
        }
    }

    /// What is known of it.
    pub(crate) fn connection(&self) -> Rc<Connection> {
        Rc::clone(&self.connection)
    }

    /// What is left of it when it is dropped.
    pub(crate) fn socket(&self) -> Rc<RefCell<TcpStream>> {
        Rc::clone(&self.socket)
    }

    /// Ready when a request is late.
    fn poll_late(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.request.as_mut().poll(context));
            // While a request is served its client may well say nothing, and while an answer is
            // stuck that is the reason.
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

    /// Writes bytes as they are.
    fn poll_send(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut *self.socket.borrow_mut()).poll_write(context, bytes);
        if written.is_pending() {
            ready!(self.poll_stalled(context));
            // Without this the system keeps what is unsent for minutes, for a client that does not
            // want it. Should it fail, it does that.
            let _ = self.socket.borrow().set_zero_linger();
            return Poll::Ready(timed_out());
        }
        if self.stalled.take().is_some() {
            self.connection.quiet_since.set(Instant::now());
        }
        written
    }

    /// Writes what is left to write in place of what the framework wrote.
    fn poll_own(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.own.is_empty() {
            let own = self.own.clone();
            let sent = ready!(self.poll_send(context, &own))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.own = own.slice(sent..);
        }
        Poll::Ready(Ok(()))
    }

    /// Writes a problem instead of an error of the framework. After the last request no other is
    /// answered.
    fn poll_refuse(&mut self, context: &mut Context<'_>, error: &[u8]) -> Poll<io::Result<usize>> {
        if !self.connection.is_refused.replace(true) && !self.connection.is_last() {
            let peer = self.socket.borrow().peer_addr();
            let client = peer.map_or_else(|_| "-".to_owned(), |peer| peer.ip().to_string());
            self.own = framework_errors::problem(error, &client);
        }
        ready!(self.poll_own(context))?;
        Poll::Ready(Ok(error.len()))
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
        let read = Pin::new(&mut *self.socket.borrow_mut()).poll_read(context, buffer);
        if read.is_pending() {
            return self.poll_late(context).map(|()| timed_out());
        }
        read
    }
}

impl AsyncWrite for WatchedStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_own(context))?;
        // It may be followed by the answer at once: then the body is not wanted.
        self.is_continue_held = bytes.starts_with(CONTINUE);
        if self.is_continue_held {
            return Poll::Ready(Ok(CONTINUE.len()));
        }
        match framework_errors::find(bytes) {
            Some(0) => self.poll_refuse(context, bytes),
            Some(at) => self.poll_send(context, &bytes[..at]),
            None => self.poll_send(context, bytes),
        }
    }

    /// The framework calls this when it has written all that it has, and after each time that it
    /// has polled the handler.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_continue_held && self.connection.is_body_wanted.get() {
            self.is_continue_held = false;
            self.own = Bytes::from_static(CONTINUE);
        }
        ready!(self.poll_own(context))?;
        ready!(Pin::new(&mut *self.socket.borrow_mut()).poll_flush(context))?;
        let is_over = self.connection.is_over.get();
        Poll::Ready(if is_over { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) })
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.socket.borrow_mut()).poll_shutdown(context)
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
