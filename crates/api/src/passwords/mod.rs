//! Hashes passwords and verifies them, on threads of its own that give way to everything else.

mod hashing;
mod workers;

use std::num::NonZeroUsize;
use std::sync::Arc;

use domain::{Password, PasswordHash};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

pub use hashing::{Cost, CostOutOfRange};
use hashing::{Hashing, Memory};
use workers::Workers;

/// How many passwords may wait in each queue if nothing else is said: about a second of work for
/// one thread.
pub const WAITING_MAX: usize = 64;

/// What hashing passwords may take of the machine.
#[derive(Clone, Debug)]
pub struct PasswordsConfig {
    /// The cost of one hash, to the server and to an attacker.
    pub cost: Cost,
    /// How many passwords are hashed concurrently.
    pub workers: NonZeroUsize,
    /// How many may wait in each queue; one more is refused.
    pub waiting_max: NonZeroUsize,
}

/// The least cost that OWASP asks for, a thread for each core, and [`WAITING_MAX`].
impl Default for PasswordsConfig {
    fn default() -> Self {
        let workers = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let waiting_max = NonZeroUsize::new(WAITING_MAX).unwrap_or(NonZeroUsize::MIN);
        Self { cost: Cost::default(), workers, waiting_max }
    }
}

/// What a password waits with. The threads take from both queues in turn, so that a crowd in the
/// one does not keep those in the other from being served.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Queue {
    /// Those of users who are there: to be verified, or changed.
    Logins,
    /// Those of users who are new. Strangers send them.
    Registrations,
}

/// Why a password was neither hashed nor verified.
#[derive(Debug, Error)]
pub enum PasswordsError {
    /// As many passwords as may are waiting already: to be tried again.
    #[error("too many passwords are waiting to be hashed")]
    Busy,
    /// What was kept is no Argon2 hash, or one that costs more than any that is made here.
    #[error("the stored password hash is damaged")]
    DamagedHash,
    /// Argon2 refused its parameters, which are ours.
    #[error("cannot hash a password: {0}")]
    Hash(#[from] argon2::password_hash::Error),
    /// The machine has not the memory that the hash takes.
    #[error("there is not enough memory to hash a password")]
    OutOfMemory,
    /// The thread that was at it panicked, and went on with the next.
    #[error("the thread that hashed the password panicked")]
    Panicked,
    /// The machine has no randomness to give.
    #[error("cannot make a salt: {0}")]
    Random(getrandom::Error),
    /// No thread could be started.
    #[error("cannot start a thread to hash passwords: {0}")]
    Thread(std::io::Error),
}

/// Whether a password is the right one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verified {
    /// It is not, or there is no such user.
    No,
    /// It is.
    Yes,
    /// It is, but its hash was made at another cost than the present: here is a new one, to be kept
    /// instead.
    YesWeaker(PasswordHash),
}

/// Hashes passwords with Argon2id and verifies them. When it is dropped its threads end with what
/// they are at.
pub struct Passwords {
    hashing: Arc<Hashing>,
    workers: Workers<Memory, 2>,
}

impl Passwords {
    /// Starts the threads.
    ///
    /// # Errors
    /// If a thread cannot be started, or the machine has no randomness.
    pub fn start(config: PasswordsConfig) -> Result<Self, PasswordsError> {
        let hashing = Arc::new(Hashing::new(config.cost)?);
        let workers = Workers::start(config.workers, config.waiting_max).map_err(PasswordsError::Thread)?;
        Ok(Self { hashing, workers })
    }

    /// From now on hashing leaves its cores to any other thread: requests that need no hash go
    /// first. A start, or a command, on a busy machine has nothing to give way to, and would wait
    /// for minutes.
    pub fn give_way(&self) {
        self.workers.give_way();
    }

    /// What to keep of a new password.
    ///
    /// # Errors
    /// [`PasswordsError`], and [`PasswordsError::Busy`] at once.
    pub async fn hash(&self, password: Password, queue: Queue) -> Result<PasswordHash, PasswordsError> {
        let hashing = Arc::clone(&self.hashing);
        self.workers.run(queue as usize, move |memory| hashing.hash(memory, password.expose())).await?
    }

    /// Whether `password`, however it was typed, is the one that `against` was made of, `None`
    /// being the hash of a user who does not exist: that costs the same, and so does a password
    /// that is too long to be anybody's. So how long the answer takes tells nobody who exists,
    /// unless their hash was made at another cost and they have not logged in since.
    ///
    /// # Errors
    /// [`PasswordsError`], and [`PasswordsError::Busy`] at once.
    pub async fn verify(
        &self,
        password: SecretString,
        against: Option<PasswordHash>,
    ) -> Result<Verified, PasswordsError> {
        let hashing = Arc::clone(&self.hashing);
        self.workers
            .run(Queue::Logins as usize, move |memory| {
                let password = Password::unchecked(password.expose_secret());
                hashing.verify(memory, password.expose(), against.as_ref())
            })
            .await?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::sync::mpsc;
    use std::task::{Context, Poll, Waker};

    fn quick(workers: usize, waiting_max: usize) -> Passwords {
        let (workers, waiting_max) = (NonZeroUsize::new(workers).unwrap(), NonZeroUsize::new(waiting_max).unwrap());
        Passwords::start(PasswordsConfig { cost: Cost::quick(1), workers, waiting_max }).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::parse(text, None).unwrap()
    }

    async fn verify(passwords: &Passwords, text: &str, against: Option<&PasswordHash>) -> Verified {
        passwords.verify(SecretString::from(text), against.cloned()).await.unwrap()
    }

    #[actix_web::test]
    async fn a_hash_goes_with_its_password_and_with_no_other() {
        let passwords = quick(1, 1);
        let hash = passwords.hash(password("a quiet river"), Queue::Logins).await.unwrap();
        assert_eq!(verify(&passwords, "a quiet river", Some(&hash)).await, Verified::Yes);
        for other in ["a quiet rive", "a quiet river ", "A quiet river", ""] {
            assert_eq!(verify(&passwords, other, Some(&hash)).await, Verified::No, "{other:?}");
        }
        assert_eq!(verify(&passwords, "a quiet river", None).await, Verified::No);
    }

    #[actix_web::test]
    async fn a_hash_goes_with_its_password_however_it_is_typed() {
        let passwords = quick(1, 1);
        let typings = ["un cafe\u{301} noir", "un caf\u{e9} noir", "un\u{a0}caf\u{e9}\u{3000}noir"];
        for hashed in typings {
            let hash = passwords.hash(password(hashed), Queue::Logins).await.unwrap();
            for typed in typings {
                assert_eq!(verify(&passwords, typed, Some(&hash)).await, Verified::Yes, "{hashed:?} {typed:?}");
            }
            assert_eq!(verify(&passwords, "un cafe noir", Some(&hash)).await, Verified::No);
        }
        // The longest, in a form that takes twice as many characters.
        let hash = passwords.hash(password(&"\u{e9}".repeat(128)), Queue::Logins).await.unwrap();
        assert_eq!(verify(&passwords, &"e\u{301}".repeat(128), Some(&hash)).await, Verified::Yes);
        assert_eq!(verify(&passwords, &"e\u{301}".repeat(129), Some(&hash)).await, Verified::No);
    }

    #[actix_web::test]
    async fn the_cost_is_what_owasp_asks_for_unless_another_is_set() {
        let passwords = Passwords::start(PasswordsConfig::default()).unwrap();
        let hash = passwords.hash(password("a quiet river"), Queue::Logins).await.unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.as_str());
        assert_eq!(verify(&passwords, "a quiet river", Some(&hash)).await, Verified::Yes);
    }

    #[actix_web::test]
    async fn everybody_who_asks_at_once_is_answered() {
        let passwords = Arc::new(quick(3, 64));
        let hash = passwords.hash(password("a quiet river"), Queue::Logins).await.unwrap();
        let ask = |number: usize| {
            let (passwords, hash) = (Arc::clone(&passwords), hash.clone());
            let text = if number.is_multiple_of(2) { "a quiet river" } else { "a loud river" };
            actix_web::rt::spawn(async move { (number, verify(&passwords, text, Some(&hash)).await) })
        };
        for asked in (0..50).map(ask).collect::<Vec<_>>() {
            let (number, verified) = asked.await.unwrap();
            assert_eq!(verified, if number.is_multiple_of(2) { Verified::Yes } else { Verified::No }, "{number}");
        }
    }

    #[actix_web::test]
    async fn a_full_queue_is_busy_at_once() {
        let passwords = quick(1, 1);
        let (started, has_started) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let mut context = Context::from_waker(Waker::noop());
        let mut blocking = pin!(passwords.workers.run(0, move |_| {
            started.send(()).unwrap();
            released.recv().unwrap();
        }));
        assert!(blocking.as_mut().poll(&mut context).is_pending());
        has_started.recv().unwrap();
        let mut waiting = pin!(passwords.hash(password("a quiet river"), Queue::Logins));
        assert!(waiting.as_mut().poll(&mut context).is_pending());
        let mut refused = pin!(passwords.verify(SecretString::from("a quiet river"), None));
        assert!(matches!(refused.as_mut().poll(&mut context), Poll::Ready(Err(PasswordsError::Busy))));
        let mut new = pin!(passwords.hash(password("a quiet river"), Queue::Registrations));
        assert!(new.as_mut().poll(&mut context).is_pending(), "the other queue has room");
        release.send(()).unwrap();
        blocking.await.unwrap();
        assert!(waiting.await.is_ok() && new.await.is_ok());
        assert_eq!(verify(&passwords, "a quiet river", None).await, Verified::No);
    }
}
