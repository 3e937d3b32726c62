//! When a request is sent again, and after which delay.

use std::time::Duration;

use crate::error::Error;

/// How often, and for how long, a request is sent again.
///
/// It is sent again after 429 and 503, and when its connection broke or its answer did not arrive,
/// if that is safe: a `POST` carries the same `Idempotency-Key` each time, so it has one effect.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How often a request is sent at most. 1 means no retries.
    pub attempts_max: u32,
    /// The delay before the second attempt, without jitter. It doubles with each further one.
    pub delay: Duration,
    /// The longest delay. A longer `Retry-After` of the service is honoured within `total`.
    pub delay_max: Duration,
    /// How long all attempts and delays together may take. The last attempt begins before it.
    pub total: Duration,
}

impl Default for RetryPolicy {
    /// Five attempts within 30 seconds, with delays of about 0.1, 0.2, 0.4 and 0.8 seconds.
    fn default() -> Self {
        Self {
            attempts_max: 5,
            delay: Duration::from_millis(100),
            delay_max: Duration::from_secs(5),
            total: Duration::from_secs(30),
        }
    }
}

impl RetryPolicy {
    /// No retries.
    #[must_use]
    pub fn never() -> Self {
        Self { attempts_max: 1, ..Self::default() }
    }

    /// The policy for a request whose repetitions have to arrive within `limit`: the last attempt
    /// begins so early that it ends by then, at the latest by its `timeout`.
    pub(crate) fn within(self, limit: Option<Duration>, timeout: Duration) -> Self {
        match limit {
            Some(limit) => Self { total: self.total.min(limit.saturating_sub(timeout)), ..self },
            None => self,
        }
    }

    /// The delay before the next attempt, if there is one: `attempts` were made in `elapsed`, and the
    /// last ended with `error`. `is_repeatable` says that the request has the same effect when it is
    /// sent twice. `random` is a fraction of the delay, from 0 to 1.
    pub(crate) fn next_delay(
        &self,
        attempts: u32,
        elapsed: Duration,
        error: &Error,
        is_repeatable: bool,
        random: f64,
    ) -> Option<Duration> {
        if attempts >= self.attempts_max || !(has_no_effect(error) || is_repeatable && is_unknown(error)) {
            return None;
        }
        let doubled = self.delay.saturating_mul(2_u32.saturating_pow(attempts.saturating_sub(1)));
        // Clients that failed at the same time come back at different ones.
        let jittered = doubled.min(self.delay_max).mul_f64(0.5 + random.clamp(0.0, 1.0) / 2.0);
        let delay = retry_after(error).map_or(jittered, |wait| wait.saturating_add(self.delay.mul_f64(random)));
        (elapsed.saturating_add(delay) < self.total).then_some(delay)
    }
}

/// Whether the request certainly had no effect.
pub(crate) fn has_no_effect(error: &Error) -> bool {
    matches!(error, Error::RateLimited { .. } | Error::Unavailable { .. } | Error::Connection { is_sent: false, .. })
}

/// Whether the request may have had its effect.
pub(crate) fn is_unknown(error: &Error) -> bool {
    matches!(
        error,
        Error::OutcomeUnknown(_)
            | Error::Connection { is_sent: true, .. }
            | Error::UnexpectedAnswer { status: 502..=504, .. }
    )
}

fn retry_after(error: &Error) -> Option<Duration> {
    match error {
        Error::RateLimited { retry_after, .. } | Error::Unavailable { retry_after, .. } => *retry_after,
        _ => None,
    }
}

/// A random fraction from 0 to 1; a half if the system has no random numbers.
pub(crate) fn random_fraction() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn problem(status: u16, code: &str, retry_after: Option<Duration>) -> Error {
        let body =
            format!(r#"{{"type":"t","title":"t","status":{status},"detail":"d","code":"{code}","request_id":"r"}}"#);
        Error::of_answer(status, retry_after, None, body.as_bytes())
    }

    fn cut_off(is_sent: bool) -> Error {
        Error::Connection { reason: "it was reset".to_owned(), is_sent }
    }

    #[test]
    fn a_request_of_unknown_outcome_is_repeated_only_if_safe() {
        let policy = RetryPolicy::default();
        for (error, always, if_repeatable) in [
            (problem(429, "rate_limited", None), true, true),
            (problem(503, "unavailable", None), true, true),
            (cut_off(false), true, true),
            (problem(503, "outcome_unknown", None), false, true),
            (cut_off(true), false, true),
            (Error::of_answer(502, None, None, b"Bad Gateway"), false, true),
            (Error::of_answer(500, None, None, b"Oops"), false, false),
            (problem(500, "internal", None), false, false),
            (problem(409, "conflict", None), false, false),
            (problem(403, "forbidden", None), false, false),
        ] {
            let repeats = |is_repeatable| policy.next_delay(1, Duration::ZERO, &error, is_repeatable, 0.5).is_some();
            assert_eq!((repeats(false), repeats(true)), (always, if_repeatable), "{error:?}");
        }
    }

    #[test]
    fn delays_double_up_to_the_longest_with_jitter() {
        let policy = RetryPolicy { attempts_max: 100, delay_max: SECOND, ..RetryPolicy::default() };
        let delay = |attempts, random| policy.next_delay(attempts, Duration::ZERO, &cut_off(true), true, random);
        let milliseconds = [1, 2, 3, 4, 5, 60].map(|attempts| delay(attempts, 1.0).map(|it| it.as_millis()));
        assert_eq!(milliseconds, [100, 200, 400, 800, 1000, 1000].map(Some));
        assert_eq!(delay(4, 0.0), Some(Duration::from_millis(400)));
    }

    #[test]
    fn the_services_own_delay_is_honoured() {
        let policy = RetryPolicy::default();
        let delay = |seconds, random| {
            let error = problem(429, "rate_limited", Some(Duration::from_secs(seconds)));
            policy.next_delay(1, Duration::ZERO, &error, false, random)
        };
        assert_eq!(delay(7, 0.0), Some(7 * SECOND));
        assert_eq!(delay(7, 1.0), Some(7 * SECOND + policy.delay));
        assert_eq!(delay(30, 0.0), None, "it is longer than all attempts may take");
    }

    #[test]
    fn a_request_that_is_repeatable_for_a_time_is_not_repeated_later() {
        let patient = RetryPolicy { attempts_max: 100, total: 3600 * SECOND, ..RetryPolicy::default() };
        for (limit, timeout, elapsed, is_repeated) in [
            (None, 10, 3000, true),
            (Some(30), 10, 19, true),
            (Some(30), 10, 20, false),
            (Some(30), 1, 28, true),
            (Some(30), 1, 29, false),
            (Some(30), 60, 0, false),
        ] {
            let policy = patient.within(limit.map(Duration::from_secs), timeout * SECOND);
            let delay = policy.next_delay(1, elapsed * SECOND, &cut_off(true), true, 1.0);
            assert_eq!(delay.is_some(), is_repeated, "{limit:?} {timeout} {elapsed}");
        }
        let hasty = RetryPolicy { total: SECOND, ..patient };
        assert_eq!(hasty.within(Some(30 * SECOND), SECOND), hasty);
    }

    #[test]
    fn retries_are_bounded_in_number_and_time() {
        let policy = RetryPolicy::default();
        let repeats = |attempts, elapsed| policy.next_delay(attempts, elapsed, &cut_off(true), true, 1.0).is_some();
        assert!(repeats(4, 29 * SECOND) && !repeats(5, Duration::ZERO) && !repeats(1, 30 * SECOND));
        assert!(RetryPolicy::never().next_delay(1, Duration::ZERO, &cut_off(false), true, 0.0).is_none());
    }
}
