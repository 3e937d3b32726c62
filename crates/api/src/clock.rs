//! The adapters of the domain's clock and id ports: the one place that asks the machine for the
//! time or for randomness.

use domain::ports::{Clock, IdGenerator};
use domain::{Timestamp, Uuid, whole_microseconds};

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the Clock port's adapter")]
    fn now(&self) -> Timestamp {
        whole_microseconds(Timestamp::now())
    }
}

/// Makes `UUIDv7`s (RFC 9562, section 5.7): each greater than those this process made before.
#[derive(Clone, Copy, Debug, Default)]
pub struct UuidV7Generator;

impl IdGenerator for UuidV7Generator {
    #[expect(clippy::disallowed_methods, reason = "this is the IdGenerator port's adapter")]
    fn next_uuid(&self) -> Uuid {
        Uuid::now_v7()
    }
}
