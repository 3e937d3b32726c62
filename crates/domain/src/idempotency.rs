//! Idempotent requests: a repeated request with the same idempotency key gets the same response.

use jiff::{SignedDuration, Timestamp};

/// How long a response is kept.
pub const IDEMPOTENCY_KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

/// A hash of the client, the endpoint and the client's idempotency key.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct IdempotencyKey(pub [u8; 32]);

/// A hash of the request's content. It tells different requests with the same key apart.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Fingerprint(pub [u8; 32]);

/// The stored response to an idempotent request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IdempotencyRecord {
    /// The key of the request.
    pub key: IdempotencyKey,
    /// The fingerprint of the request.
    pub fingerprint: Fingerprint,
    /// The response, sealed by the application.
    pub answer: Box<[u8]>,
    /// When it was stored.
    pub created_at: Timestamp,
}

/// How to handle a request with an idempotency key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Attempt {
    /// The key is new: execute the request.
    First,
    /// The request was executed: return this response again.
    Repeated(Box<[u8]>),
    /// The key belongs to a different request: refuse this one.
    KeyReused,
}

impl IdempotencyRecord {
    /// Whether the record is still valid at `now`, whether or not maintenance has removed it.
    #[must_use]
    pub fn is_kept(&self, now: Timestamp) -> bool {
        now.duration_since(self.created_at) < IDEMPOTENCY_KEPT_FOR
    }

    /// How to handle a request with this record's key and this fingerprint.
    #[must_use]
    pub fn attempt(self, fingerprint: &Fingerprint, now: Timestamp) -> Attempt {
        if !self.is_kept(now) {
            Attempt::First
        } else if self.fingerprint == *fingerprint {
            Attempt::Repeated(self.answer)
        } else {
            Attempt::KeyReused
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MADE: Timestamp = Timestamp::constant(1_774_000_000, 0);
    const ANSWER: [u8; 3] = [1, 2, 3];

    fn attempt(fingerprint: u8, age: SignedDuration) -> Attempt {
        let (key, kept) = (IdempotencyKey([7; 32]), Fingerprint([8; 32]));
        let record = IdempotencyRecord { key, fingerprint: kept, answer: ANSWER.into(), created_at: MADE };
        record.attempt(&Fingerprint([fingerprint; 32]), MADE + age)
    }

    #[test]
    fn the_same_request_gets_the_same_response_for_a_day() {
        let last = IDEMPOTENCY_KEPT_FOR - SignedDuration::from_micros(1);
        // The clock may have been set back in the meantime.
        for age in [SignedDuration::ZERO, last, SignedDuration::from_hours(-1)] {
            assert_eq!(attempt(8, age), Attempt::Repeated(ANSWER.into()), "{age}");
            assert_eq!(attempt(9, age), Attempt::KeyReused, "{age}");
        }
    }

    #[test]
    fn the_key_is_free_again_after_a_day() {
        for fingerprint in [8, 9] {
            assert_eq!(attempt(fingerprint, IDEMPOTENCY_KEPT_FOR), Attempt::First);
        }
    }
}
