//! Doing a thing once: what is kept of an answer, so that whoever sends the same request again gets the same answer.

use jiff::{SignedDuration, Timestamp};

/// How long an answer is kept.
pub const IDEMPOTENCY_KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

/// What a request is recognised by when it comes again: a hash of who sends it, where to, and the key they gave it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct IdempotencyKey(pub [u8; 32]);

/// A hash of what a request says: by it two requests of one key are told apart.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Fingerprint(pub [u8; 32]);

/// The answer to a request that was done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IdempotencyRecord {
    /// What the request is recognised by.
    pub key: IdempotencyKey,
    /// What it said.
    pub fingerprint: Fingerprint,
    /// What was answered. Nobody but who wrote it can read it.
    pub answer: Box<[u8]>,
    /// When.
    pub created_at: Timestamp,
}

/// What to do with a request that has a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Attempt {
    /// It is the first of its key: do it.
    First,
    /// It was done: answer this again.
    Repeated(Box<[u8]>),
    /// The key was given to a request that said something else: refuse it.
    KeyReused,
}

impl IdempotencyRecord {
    /// Whether it still counts at `now`, cleared away or not.
    #[must_use]
    pub fn is_kept(&self, now: Timestamp) -> bool {
        now.duration_since(self.created_at) < IDEMPOTENCY_KEPT_FOR
    }

    /// What to do with a request of this record's key that says `fingerprint`.
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
    fn an_answer_is_repeated_to_who_says_the_same_for_a_day() {
        let last = IDEMPOTENCY_KEPT_FOR - SignedDuration::from_micros(1);
        // The clock may have been set back meanwhile.
        for age in [SignedDuration::ZERO, last, SignedDuration::from_hours(-1)] {
            assert_eq!(attempt(8, age), Attempt::Repeated(ANSWER.into()), "{age}");
            assert_eq!(attempt(9, age), Attempt::KeyReused, "{age}");
        }
    }

    #[test]
    fn after_a_day_the_key_is_free_again() {
        for fingerprint in [8, 9] {
            assert_eq!(attempt(fingerprint, IDEMPOTENCY_KEPT_FOR), Attempt::First);
        }
    }
}
