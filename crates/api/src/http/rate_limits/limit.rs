//! One rate limit, with a separate allowance for each key.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::HttpMessage;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::{Quota as Rate, RateLimiter};

use super::counts::Counts;
use crate::problem::{Code, Problem};

/// The fields of draft-ietf-httpapi-ratelimit-headers.
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The maximum number of keys of a limit: about 10 MB.
const KEYS_MAX: usize = 100_000;

/// A number of requests in a window. All may arrive in a burst; they are regained one by one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Allowance {
    /// The number of requests.
    pub requests: NonZeroU32,
    /// The window in seconds.
    pub window_seconds: NonZeroU32,
}

/// The rate limits; `None` is unlimited.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct RateLimitSettings {
    /// Requests with a token, by user.
    pub per_caller: Option<Allowance>,
    /// Requests without a token, by address.
    pub per_address: Option<Allowance>,
    /// Failed logins, by username and address.
    pub login: Option<Allowance>,
    /// Failed logins, by username, from addresses that the user has not logged in from.
    pub login_per_name: Option<Allowance>,
}

/// The rest of an allowance.
#[derive(Clone, Debug)]
pub(crate) struct Quota {
    name: &'static str,
    policy: HeaderValue,
    remaining: u32,
    reset_seconds: u64,
}

impl Quota {
    /// Stores it for the response's headers. A later one replaces an earlier one.
    pub(crate) fn note(quota: Option<Self>, request: &impl HttpMessage) {
        if let Some(quota) = quota {
            request.extensions_mut().insert(quota);
        }
    }

    /// Writes it into the headers, unless they have another one.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        if headers.contains_key(RATE_LIMIT) {
            return;
        }
        if let Ok(state) = HeaderValue::try_from(self.state()) {
            headers.insert(RATE_LIMIT_POLICY, self.policy.clone());
            headers.insert(RATE_LIMIT, state);
        }
    }

    fn state(&self) -> String {
        format!("\"{}\";r={};t={}", self.name, self.remaining, self.reset_seconds)
    }

    /// The refusal of a request after the allowance is used up.
    fn refusal(&self) -> Problem {
        let policy = self.policy.to_str().unwrap_or_default().to_owned();
        Problem::new(Code::RateLimited)
            .with_header(RETRY_AFTER, self.reset_seconds.to_string())
            .with_header(RATE_LIMIT_POLICY, policy)
            .with_header(RATE_LIMIT, self.state())
    }
}

/// A limit, with a separate allowance for each key.
pub(super) struct RateLimit<K, C: Clock = DefaultClock>
where
    K: Hash + Eq + Clone,
{
    name: &'static str,
    allowance: Allowance,
    /// The time in which one request is regained.
    each: Nanos,
    policy: HeaderValue,
    counts: Counts<K>,
    limiter: RateLimiter<K, Counts<K>, C, StateInformationMiddleware>,
    /// How many requests were refused.
    refused: AtomicU64,
}

impl<K: Hash + Eq + Clone, C: Clock> RateLimit<K, C> {
    pub(super) fn new(name: &'static str, allowance: Allowance, keys_max: usize, clock: C) -> Self {
        let Allowance { requests, window_seconds } = allowance;
        // More than one request per nanosecond cannot be limited.
        let each = (Duration::from_secs(window_seconds.get().into()) / requests.get()).max(Duration::from_nanos(1));
        let rate = Rate::with_period(each).unwrap_or(Rate::per_second(requests)).allow_burst(requests);
        let policy = HeaderValue::try_from(format!("\"{name}\";q={requests};w={window_seconds}"));
        let counts = Counts::new(keys_max);
        let limiter = RateLimiter::new(rate, counts.clone(), clock);
        let each = each.into();
        Self {
            name,
            allowance,
            each,
            policy: policy.unwrap_or(HeaderValue::from_static("")),
            counts,
            limiter,
            refused: AtomicU64::new(0),
        }
    }

    /// Counts a request of this key, unless its allowance is used up.
    pub(super) fn check(&self, key: &K) -> Result<Quota, Problem> {
        if self.counts.is_pruning_due() {
            self.limiter.retain_recent();
        }
        let quota =
            |remaining, reset_seconds| Quota { name: self.name, policy: self.policy.clone(), remaining, reset_seconds };
        match self.limiter.check_key(key) {
            Ok(snapshot) => {
                let remaining = snapshot.remaining_burst_capacity();
                let (requests, window) = (self.allowance.requests.get(), self.allowance.window_seconds.get());
                let used = u64::from(requests.saturating_sub(remaining));
                Ok(quota(remaining, (used * u64::from(window)).div_ceil(u64::from(requests))))
            }
            Err(refused) => {
                self.refused.fetch_add(1, Ordering::Relaxed);
                let wait = refused.wait_time_from(self.limiter.clock().now());
                // Rounded up, and never 0: a client would retry immediately.
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                Err(quota(0, seconds.max(1)).refusal())
            }
        }
    }
}

impl<K: Hash + Eq + Clone, C: Clock> RateLimit<K, C> {
    /// Its name, and how many requests it has refused.
    pub(super) fn refusals(&self) -> (&'static str, u64) {
        (self.name, self.refused.load(Ordering::Relaxed))
    }

    /// Gives back one request of this key.
    pub(super) fn give_back(&self, key: &K) {
        self.counts.give_back(key, self.each);
    }

    /// Resets the count of this key.
    pub(super) fn forget(&self, key: &K) {
        self.counts.forget(key);
    }
}

/// A limit with room for [`KEYS_MAX`] keys, if it is configured.
pub(super) fn limit<K: Hash + Eq + Clone>(name: &'static str, allowance: Option<Allowance>) -> Option<RateLimit<K>> {
    allowance.map(|allowance| RateLimit::new(name, allowance, KEYS_MAX, DefaultClock::default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::ResponseError;
    use governor::clock::FakeRelativeClock;

    fn limit(
        requests: u32,
        window_seconds: u32,
        keys_max: usize,
    ) -> (RateLimit<u32, FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        let number = |number| NonZeroU32::new(number).unwrap();
        let allowance = Allowance { requests: number(requests), window_seconds: number(window_seconds) };
        (RateLimit::new("test", allowance, keys_max, clock.clone()), clock)
    }

    /// The headers of the next response.
    fn headers(limit: &RateLimit<u32, FakeRelativeClock>, key: u32) -> (Option<String>, String) {
        let mut headers = HeaderMap::new();
        match limit.check(&key) {
            Ok(quota) => quota.write(&mut headers),
            Err(problem) => {
                assert_eq!(problem.status_code().as_u16(), 429);
                headers = problem.respond("id", "").headers().clone();
            }
        }
        let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(text(RATE_LIMIT_POLICY).unwrap(), limit.policy);
        (text(RETRY_AFTER), text(RATE_LIMIT).unwrap())
    }

    #[test]
    fn a_burst_is_permitted_and_regained_one_by_one() {
        let (limit, clock) = limit(3, 60, 100);
        assert_eq!(limit.policy, "\"test\";q=3;w=60");
        let state = |r, t| format!("\"test\";r={r};t={t}");
        for (r, t) in [(2, 20), (1, 40), (0, 60)] {
            assert_eq!(headers(&limit, 1), (None, state(r, t)));
        }
        assert_eq!(headers(&limit, 1), (Some("20".into()), state(0, 20)));
        assert_eq!(headers(&limit, 2), (None, state(2, 20)), "another key has its own allowance");
        clock.advance(Duration::from_millis(19_999));
        assert_eq!(headers(&limit, 1), (Some("1".into()), state(0, 1)));
        clock.advance(Duration::from_millis(1));
        assert_eq!(headers(&limit, 1).0, None);
        assert_eq!(headers(&limit, 1).0, Some("20".into()));
        clock.advance(Duration::from_mins(1));
        assert_eq!(headers(&limit, 1), (None, state(2, 20)));
    }

    #[test]
    fn the_memory_is_bounded_and_new_keys_share_a_state() {
        use governor::state::keyed::ShrinkableKeyedStateStore;
        let (limit, clock) = limit(2, 60, 160);
        for key in 0..10_000 {
            let _ = limit.check(&key);
        }
        assert_eq!(limit.counts.len(), 160);
        let passed = (10_000..20_000).filter(|key| limit.check(key).is_ok()).count();
        assert_eq!(passed, 0, "the shared states are used up");
        assert!(limit.check(&0).is_ok(), "a known key has its own");
        clock.advance(Duration::from_mins(2));
        for key in 20_000..20_041 {
            let _ = limit.check(&key);
        }
        assert!(limit.counts.len() <= 41, "stale keys are removed");
        assert!(limit.check(&30_000).is_ok());
    }

    #[test]
    fn a_request_that_is_given_back_does_not_count() {
        let (limit, clock) = limit(2, 60, 160);
        for _ in 0..10 {
            assert!(limit.check(&1).is_ok());
            limit.give_back(&1);
        }
        assert!(limit.check(&1).is_ok() && limit.check(&1).is_ok() && limit.check(&1).is_err());
        limit.give_back(&1);
        assert!(limit.check(&1).is_ok() && limit.check(&1).is_err());
        clock.advance(Duration::from_mins(1));
        // No more is given back than was counted.
        (0..5).for_each(|_| limit.give_back(&1));
        assert!(limit.check(&1).is_ok() && limit.check(&1).is_ok() && limit.check(&1).is_err());
        limit.give_back(&2);
        assert!(limit.check(&2).is_ok() && limit.check(&2).is_ok() && limit.check(&2).is_err());
    }

    #[test]
    fn a_key_in_use_is_not_removed() {
        let (limit, clock) = limit(1, 60, 160);
        assert!(limit.check(&0).is_ok());
        clock.advance(Duration::from_secs(30));
        for key in 1..1_000 {
            let _ = limit.check(&key);
        }
        assert!(limit.check(&0).is_err());
    }
}
