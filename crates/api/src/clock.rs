//! The adapters of the domain's clock and id ports: the only code that reads the machine's clock or
//! makes random ids.

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

/// Generates `UUIDv7`s (RFC 9562, section 5.7), in increasing order within the process.
#[derive(Clone, Copy, Debug, Default)]
pub struct UuidV7Generator;

impl IdGenerator for UuidV7Generator {
    #[expect(clippy::disallowed_methods, reason = "this is the IdGenerator port's adapter")]
    fn next_uuid(&self) -> Uuid {
        Uuid::now_v7()
    }
}
