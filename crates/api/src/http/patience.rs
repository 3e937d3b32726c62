//! Cuts off a connection that is kept open without a whole request on it. The framework has a deadline for the head of a
//! connection's first request alone: the next one could come a byte at a time for ever.

use std::any::Any;
use std::cell::Cell;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};

use actix_web::dev::Extensions;
use actix_web::rt;

/// How long a connection may stay without a whole request: the 5 seconds that it may be idle, as long as the framework
/// keeps it, and 5 more for a head that has begun.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection, and since when nothing has been asked on it.
pub(super) struct Connection {
    stream: TcpStream,
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

/// Keeps an eye on a new connection, as long as it is there.
pub(crate) fn watch(stream: &dyn Any, data: &mut Extensions) {
    let stream = stream.downcast_ref::<rt::net::TcpStream>().map(|stream| stream.as_fd().try_clone_to_owned());
    // Out of descriptors, the connection is served without.
    let Some(Ok(stream)) = stream else { return };
    let connection =
        Rc::new(Connection { stream: stream.into(), requests: Cell::new(0), quiet_since: Cell::new(Instant::now()) });
    rt::spawn(cut_off(Rc::downgrade(&connection)));
    data.insert(connection);
}

async fn cut_off(connection: Weak<Connection>) {
    let mut wait = PATIENCE;
    loop {
        rt::time::sleep(wait).await;
        let Some(connection) = connection.upgrade() else { return };
        let quiet =
            if connection.requests.get() == 0 { connection.quiet_since.get().elapsed() } else { Duration::ZERO };
        wait = PATIENCE.saturating_sub(quiet);
        if wait.is_zero() {
            // If it is gone already, all the better.
            let _ = connection.stream.shutdown(Shutdown::Both);
            return;
        }
    }
}
