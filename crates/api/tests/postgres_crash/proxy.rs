//! A TCP proxy in front of PostgreSQL that loses connections at chosen moments.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// When a connection is cut. Units that lock no account, such as maintenance, are not cut.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Moment {
    /// When the unit locks the row of its account.
    Locking,
    /// When the unit sends the commit, before the server receives it.
    Committing,
    /// When the server has committed, before the unit receives the response.
    Committed,
}

/// How a connection is lost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Loss {
    /// Both sides see it closed.
    Cut,
    /// It stays open, and nothing more is forwarded.
    Silence,
}

/// The proxy. It accepts connections while the process lives.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    server: String,
    /// Whether new connections are refused.
    is_shut: AtomicBool,
    /// Whether nothing is forwarded, on existing and new connections.
    is_silent: AtomicBool,
    /// The moment at which the next connection is lost, and how.
    next: Mutex<Option<(Moment, Loss)>>,
    connections: Mutex<Vec<Arc<Connection>>>,
}

impl Proxy {
    /// A proxy for the server at this host and port.
    pub(crate) fn before(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("some port is free");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Shared {
            server: server.to_owned(),
            is_shut: AtomicBool::new(false),
            is_silent: AtomicBool::new(false),
            next: Mutex::default(),
            connections: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || listener.incoming().for_each(|client| accepting.accept(client.expect("a connection"))));
        Self { address, shared }
    }

    /// The address on which it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Loses the first connection that reaches this moment.
    pub(crate) fn lose_at(&self, moment: Moment, loss: Loss) {
        *self.shared.next.lock().expect("no thread panics") = Some((moment, loss));
    }

    /// Whether the connection of the last [`Proxy::lose_at`] has been lost.
    pub(crate) fn has_lost(&self) -> bool {
        self.shared.next.lock().expect("no thread panics").is_none()
    }

    /// Cuts all connections.
    pub(crate) fn cut_all(&self) {
        self.shared.connections.lock().expect("no thread panics").iter().for_each(|connection| connection.cut());
    }

    /// Cuts all connections and refuses new ones.
    pub(crate) fn shut(&self) {
        self.shared.is_shut.store(true, Ordering::SeqCst);
        self.cut_all();
    }

    /// Forwards nothing more, on existing and new connections, and closes none.
    pub(crate) fn fall_silent(&self) {
        self.shared.is_silent.store(true, Ordering::SeqCst);
    }

    /// Forwards new connections again, and cuts the silent ones.
    pub(crate) fn open(&self) {
        self.cut_all();
        self.shared.is_shut.store(false, Ordering::SeqCst);
        self.shared.is_silent.store(false, Ordering::SeqCst);
    }

    /// The number of connections.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.lock().expect("no thread panics").len()
    }
}

impl Shared {
    fn accept(self: &Arc<Self>, client: TcpStream) {
        let mut connections = self.connections.lock().expect("no thread panics");
        if self.is_shut.load(Ordering::SeqCst) {
            return;
        }
        let Ok(server) = TcpStream::connect(&self.server) else { return };
        for stream in [&client, &server] {
            stream.set_nodelay(true).expect("a connection can send at once");
        }
        let connection = Arc::new(Connection {
            client,
            server,
            is_silent: AtomicBool::new(false),
            loses_answer: Mutex::default(),
            shared: Arc::clone(self),
        });
        connections.push(Arc::clone(&connection));
        let (shared, asking) = (Arc::clone(self), Arc::clone(&connection));
        thread::spawn(move || {
            asking.forward_requests();
            asking.cut();
            shared.connections.lock().expect("no thread panics").retain(|other| !Arc::ptr_eq(other, &asking));
        });
        thread::spawn(move || {
            connection.forward_answers();
            connection.cut();
        });
    }

    /// How the connection is lost at this moment, if it is. Only one is.
    fn loss_at(&self, moment: Moment) -> Option<Loss> {
        let mut next = self.next.lock().expect("no thread panics");
        next.take_if(|(at, _)| *at == moment).map(|(_, loss)| loss)
    }
}

struct Connection {
    client: TcpStream,
    server: TcpStream,
    /// Whether nothing is forwarded any more.
    is_silent: AtomicBool,
    /// Whether the next response of the server is lost, and the connection with it.
    loses_answer: Mutex<Option<Loss>>,
    shared: Arc<Shared>,
}

impl Connection {
    fn cut(&self) {
        for stream in [&self.client, &self.server] {
            // It may be closed already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn is_silent(&self) -> bool {
        self.is_silent.load(Ordering::SeqCst) || self.shared.is_silent.load(Ordering::SeqCst)
    }

    /// Loses the connection; `None` if that ends it.
    fn lose(&self, loss: Loss) -> Option<()> {
        self.is_silent.store(true, Ordering::SeqCst);
        (loss == Loss::Silence).then_some(())
    }

    fn forward_requests(&self) -> Option<()> {
        let mut unit = Unit::default();
        // The first message has no type.
        let mut message = self.read_message(0)?;
        loop {
            if !self.is_silent() {
                (&self.server).write_all(&message).ok()?;
            }
            message = self.read_message(1)?;
            let Some(moment) = unit.observe(&message) else { continue };
            if let Some(loss) = self.shared.loss_at(moment) {
                self.lose(loss)?;
            } else if moment == Moment::Committing {
                *self.loses_answer.lock().expect("no thread panics") = self.shared.loss_at(Moment::Committed);
            }
        }
    }

    /// The client's next message: its type of this length, four bytes of length, and the content.
    fn read_message(&self, type_length: usize) -> Option<Vec<u8>> {
        let mut message = vec![0; type_length + 4];
        (&self.client).read_exact(&mut message).ok()?;
        let length = u32::from_be_bytes(message[type_length..].try_into().ok()?);
        message.resize(type_length + usize::try_from(length).ok()?, 0);
        (&self.client).read_exact(&mut message[type_length + 4..]).ok()?;
        Some(message)
    }

    fn forward_answers(&self) -> Option<()> {
        let (mut buffer, mut withheld) = ([0; 16 * 1024], Vec::new());
        loop {
            let length = (&self.server).read(&mut buffer).ok().filter(|length| *length > 0)?;
            let loss = *self.loses_answer.lock().expect("no thread panics");
            if let Some(loss) = loss {
                withheld.extend_from_slice(&buffer[..length]);
                if has_command_complete(&withheld) {
                    self.lose(loss)?;
                }
            } else if !self.is_silent() {
                (&self.client).write_all(&buffer[..length]).ok()?;
            }
        }
    }
}

/// Whether one of these messages of the server says that a command is complete.
fn has_command_complete(mut messages: &[u8]) -> bool {
    while let [kind, a, b, c, d, ..] = messages {
        let length = u32::from_be_bytes([*a, *b, *c, *d]);
        let end = 1 + usize::try_from(length).expect("a message fits into memory");
        if messages.len() < end {
            return false;
        }
        if *kind == b'C' {
            return true;
        }
        messages = &messages[end..];
    }
    false
}

/// The unit of work of a connection.
#[derive(Default)]
struct Unit {
    /// The names of the prepared statements that lock an account.
    locking: BTreeSet<Vec<u8>>,
    has_locked: bool,
}

impl Unit {
    /// The moment that this message of the client begins, if any.
    fn observe(&mut self, message: &[u8]) -> Option<Moment> {
        let mut texts = message[5..].split(|byte| *byte == 0);
        let (first, second) = (texts.next()?, texts.next().unwrap_or_default());
        match message[0] {
            // Parse: the statement's name and text.
            b'P' => {
                let text = String::from_utf8_lossy(second);
                if text.contains("FROM accounts") && text.ends_with("FOR UPDATE") {
                    self.locking.insert(first.to_owned());
                }
                None
            }
            // Bind: a portal's name, and the statement's.
            b'B' if self.locking.contains(second) => {
                self.has_locked = true;
                Some(Moment::Locking)
            }
            // Query: its text.
            b'Q' if first.starts_with(b"COMMIT") || first.starts_with(b"ROLLBACK") => {
                let has_locked = std::mem::take(&mut self.has_locked);
                (has_locked && first.starts_with(b"COMMIT")).then_some(Moment::Committing)
            }
            _ => None,
        }
    }
}
