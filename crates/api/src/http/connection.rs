//! A connection with deadlines: it is closed if no request arrives, or if its client does not read
//! the response. After a request with `Connection: close` no other is served. The framework's own
//! output is corrected: its errors become problems (`http::framework_errors`), and `100 Continue`
//! is sent only if the body is wanted.
//!
//! The framework has a deadline only for the head of a connection's first request: a client could
//! send the next one a byte at a time, forever. It has none for a response that the client does not
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

/// The framework writes this for a request with `Expect: 100-continue`. No response of Headroom
/// begins so.
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// The deadlines of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadlines {
    /// How long a whole request may take to arrive.
    pub(crate) request: Duration,
    /// How long a response may make no progress.
    pub(crate) progress: Duration,
}

impl Default for Deadlines {
    /// For a request, the 5 seconds that the framework keeps an idle connection, and 5 more for a
    /// head that has begun. For a response, 30 seconds without progress.
    fn default() -> Self {
        Self { request: Duration::from_secs(10), progress: Duration::from_secs(30) }
    }
}

/// The state of a connection, shared by its stream and its requests.
#[derive(Debug)]
pub(crate) struct Connection {
    requests: Cell<u32>,
    quiet_since: Cell<Instant>,
    /// Whether the current request's body is awaited.
    is_body_wanted: Cell<bool>,
    /// Whether a request has `Connection: close`: it is the last one.
    is_last: Cell<bool>,
    /// Whether another request arrived after the last one.
    is_over: Cell<bool>,
    /// Whether the framework has refused a request.
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

    /// Begins a request. Returns whether to serve it: no request after one with `Connection: close`
    /// is served, even if it has already arrived (RFC 9112, section 9.6). The stream fails as soon
    /// as the responses before it are sent.
    pub(super) fn begin(&self, head: &RequestHead) -> bool {
        if self.is_last.get() {
            self.is_over.set(true);
            return false;
        }
        self.is_last.set(head.connection_type() == ConnectionType::Close);
        self.is_body_wanted.set(false);
        true
    }

    /// Whether the current request is the last one.
    pub(super) fn is_last(&self) -> bool {
        self.is_last.get()
    }

    /// Marks the current request's body as awaited.
    pub(super) fn want_body(&self) {
        self.is_body_wanted.set(true);
    }

    /// Whether the connection ends while its client may still be sending.
    pub(crate) fn ends_early(&self) -> bool {
        self.is_last.get() || self.is_refused.get()
    }

    /// Marks a request as being served until the returned guard is dropped.
    pub(super) fn serve(self: &Rc<Self>) -> Serving {
        self.requests.set(self.requests.get() + 1);
        Serving(Rc::clone(self))
    }
}

/// A guard: its connection is serving a request.
pub(super) struct Serving(Rc<Connection>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.requests.set(self.0.requests.get() - 1);
        self.0.quiet_since.set(Instant::now());
    }
}

/// The stream of a connection. It fails with [`io::ErrorKind::TimedOut`] after a deadline.
///
/// Both timers keep running when they are no longer needed, and are checked when they fire: setting
/// them again for each request would cost more than the few superfluous wake-ups.
pub(crate) struct WatchedStream {
    /// Shared with the listener, which closes it.
    socket: Rc<RefCell<TcpStream>>,
    connection: Rc<Connection>,
    deadlines: Deadlines,
    /// Fires when the next request is late.
    request: Pin<Box<Sleep>>,
    /// The timer since the client last read from a pending response.
    stalled: Option<Pin<Box<Sleep>>>,
    /// Whether a `100 Continue` is withheld until the body is wanted.
    is_continue_held: bool,
    /// The rest of the bytes that replace the framework's output.
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

    /// The state of the connection.
    pub(crate) fn connection(&self) -> Rc<Connection> {
        Rc::clone(&self.connection)
    }

    /// The socket. It outlives the stream.
    pub(crate) fn socket(&self) -> Rc<RefCell<TcpStream>> {
        Rc::clone(&self.socket)
    }

    /// Ready when a request is late.
    fn poll_late(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.request.as_mut().poll(context));
            // While a request is served, its client may be silent. While a response is stalled, the
            // other deadline applies.
            let is_quiet = self.connection.requests.get() == 0 && self.stalled.is_none();
            let quiet = if is_quiet { self.connection.quiet_since.get().elapsed() } else { Duration::ZERO };
            let left = self.deadlines.request.saturating_sub(quiet);
            if left.is_zero() {
                return Poll::Ready(());
            }
            self.request.as_mut().reset(Instant::now() + left);
        }
    }

    /// Ready when the client has not read for too long.
    fn poll_stalled(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let limit = self.deadlines.progress;
        self.stalled.get_or_insert_with(|| Box::pin(sleep(limit))).as_mut().poll(context)
    }

    /// Writes bytes unchanged.
    fn poll_send(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut *self.socket.borrow_mut()).poll_write(context, bytes);
        if written.is_pending() {
            ready!(self.poll_stalled(context));
            // Without this, the system keeps unsent data for minutes for a client that does not
            // read it. A failure has no other effect.
            let _ = self.socket.borrow().set_zero_linger();
            return Poll::Ready(timed_out());
        }
        if self.stalled.take().is_some() {
            self.connection.quiet_since.set(Instant::now());
        }
        written
    }

    /// Writes the rest of the bytes that replace the framework's output.
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

    /// Writes a problem instead of an error of the framework, unless the last request has been
    /// served.
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
        // If the response follows immediately, the body is not wanted.
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

    /// The framework calls this when it has written everything, and after each poll of the handler.
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

    /// Writes until the buffers of a client that does not read are full.
    async fn fill(stream: &mut WatchedStream) -> io::Error {
        loop {
            match write(stream).await {
                Ok(_) => {}
                Err(error) => return error,
            }
        }
    }

    #[actix_web::test]
    async fn a_client_that_does_not_read_is_disconnected() {
        let (_client, mut stream) = connected(LONG, SHORT);
        assert_eq!(fill(&mut stream).await.kind(), ErrorKind::TimedOut);
    }

    #[actix_web::test]
    async fn a_client_that_reads_slowly_is_not_disconnected() {
        let (mut client, mut stream) = connected(SHORT, LONG);
        let mut context = Context::from_waker(std::task::Waker::noop());
        let (mut sent, mut taken) = (0, 0);
        for _ in 0..3 {
            // Until it stalls, neither timer closes the connection.
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
    async fn an_idle_client_is_disconnected_unless_it_waits_for_a_response() {
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
    async fn a_client_that_sends_a_byte_at_a_time_is_disconnected() {
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
