//! Hashes and verifies passwords on separate threads of low priority.

mod hashing;
mod workers;

use std::num::NonZeroUsize;
use std::sync::Arc;

use domain::{Password, PasswordHash};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

pub use hashing::{Cost, CostOutOfRange};
use hashing::{Hashing, Memory};
use workers::{SCRATCH_KEPT_FOR, Workers};

/// The default of [`PasswordsConfig::waiting_max`]: about a second of work for one thread.
pub const WAITING_MAX: usize = 64;

/// The resources for hashing passwords.
#[derive(Clone, Debug)]
pub struct PasswordsConfig {
    /// The cost of one hash, to the server and to an attacker.
    pub cost: Cost,
    /// How many passwords are hashed concurrently.
    pub workers: NonZeroUsize,
    /// How many passwords may wait in each queue; one more is refused.
    pub waiting_max: NonZeroUsize,
}

/// The minimum cost of OWASP's recommendation, a thread for each core, and [`WAITING_MAX`].
impl Default for PasswordsConfig {
    fn default() -> Self {
        let workers = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let waiting_max = NonZeroUsize::new(WAITING_MAX).unwrap_or(NonZeroUsize::MIN);
        Self { cost: Cost::default(), workers, waiting_max }
    }
}

/// The queue that a password waits in. The threads serve both queues in turn, so that a long queue
/// does not block the other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Queue {
    /// Passwords of existing users, to be verified or changed.
    Logins,
    /// Passwords of new users, from unauthenticated clients.
    Registrations,
}

/// Why a password was neither hashed nor verified.
#[derive(Debug, Error)]
pub enum PasswordsError {
    /// The queue is full. The client can retry.
    #[error("too many passwords are waiting to be hashed")]
    Busy,
    /// The stored value is not an Argon2 hash, or its cost exceeds the limits.
    #[error("the stored password hash is damaged")]
    DamagedHash,
    /// Argon2 refused its parameters, which do not come from the client.
    #[error("cannot hash a password: {0}")]
    Hash(#[from] argon2::password_hash::Error),
    /// The machine lacks the memory for the hash.
    #[error("there is not enough memory to hash a password")]
    OutOfMemory,
    /// The thread panicked, and continued with the next password.
    #[error("the thread that hashed the password panicked")]
    Panicked,
    /// The machine has no randomness.
    #[error("cannot make a salt: {0}")]
    Random(getrandom::Error),
    /// No thread could be started.
    #[error("cannot start a thread to hash passwords: {0}")]
    Thread(std::io::Error),
}

/// The result of verifying a password.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verified {
    /// It is wrong, or the user does not exist.
    No,
    /// It is.
    Yes,
    /// It is right, but its hash has another cost than the configured one: this new hash replaces
    /// it.
    YesWeaker(PasswordHash),
}

/// Hashes and verifies passwords with Argon2id. Dropping it ends its threads after their current
/// work.
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
        let workers = Workers::start(config.workers, config.waiting_max, SCRATCH_KEPT_FOR);
        let workers = workers.map_err(PasswordsError::Thread)?;
        Ok(Self { hashing, workers })
    }

    /// From now on, other threads have priority over hashing: requests that need no hash run first.
    /// During the start, and in commands, hashing keeps its priority: on a busy machine it would
    /// take minutes without.
    pub fn give_way(&self) {
        self.workers.give_way();
    }

    /// The hash of a new password.
    ///
    /// # Errors
    /// [`PasswordsError`]; [`PasswordsError::Busy`] without waiting.
    pub async fn hash(&self, password: Password, queue: Queue) -> Result<PasswordHash, PasswordsError> {
        let hashing = Arc::clone(&self.hashing);
        self.workers.run(queue as usize, move |memory| hashing.hash(memory, password.expose())).await?
    }

    /// Whether `password`, in any Unicode form, matches the hash `against`; `None` is the hash of a
    /// user who does not exist. That case takes the same time, and so does a password that is too
    /// long. So the response time does not reveal whether a user exists, unless their hash has
    /// another cost and they have not logged in since it changed.
    ///
    /// # Errors
    /// [`PasswordsError`]; [`PasswordsError::Busy`] without waiting.
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
    async fn a_hash_matches_its_password_only() {
        let passwords = quick(1, 1);
        let hash = passwords.hash(password("a quiet river"), Queue::Logins).await.unwrap();
        assert_eq!(verify(&passwords, "a quiet river", Some(&hash)).await, Verified::Yes);
        for other in ["a quiet rive", "a quiet river ", "A quiet river", ""] {
            assert_eq!(verify(&passwords, other, Some(&hash)).await, Verified::No, "{other:?}");
        }
        assert_eq!(verify(&passwords, "a quiet river", None).await, Verified::No);
    }

    #[actix_web::test]
    async fn a_hash_matches_its_password_in_any_unicode_form() {
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
    async fn the_default_cost_is_the_minimum_of_owasp() {
        let passwords = Passwords::start(PasswordsConfig::default()).unwrap();
        let hash = passwords.hash(password("a quiet river"), Queue::Logins).await.unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.as_str());
        assert_eq!(verify(&passwords, "a quiet river", Some(&hash)).await, Verified::Yes);
    }

    #[actix_web::test]
    async fn all_concurrent_requests_are_answered() {
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
    async fn a_full_queue_is_busy_without_waiting() {
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
