//! Rate limits: how many requests a caller, an address or somebody who logs in may make in a time. They are kept in the
//! memory of this process, and protect it; a plan's limits are another matter.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use actix_web::HttpMessage;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::{Quota as Rate, RateLimiter};

use super::client_address::ClientAddress;
use super::counts::Counts;
use crate::problem::{Code, Problem};

/// The fields of draft-ietf-httpapi-ratelimit-headers.
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// How many keys a limit has room for: some 10 MB of them.
const KEYS_MAX: usize = 100_000;

/// So many requests in so long. All of them may come at once; they are given back one by one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Allowance {
    /// How many.
    pub requests: NonZeroU32,
    /// In how many seconds.
    pub window_seconds: NonZeroU32,
}

/// What is limited, and to what; `None` is not limited.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct RateLimitSettings {
    /// Requests with a token, by whose it is.
    pub per_caller: Option<Allowance>,
    /// Requests without, by the address that they come from.
    pub per_address: Option<Allowance>,
    /// Logins that fail, by username and address.
    pub login: Option<Allowance>,
}

/// What is left of an allowance.
#[derive(Clone, Debug)]
pub(crate) struct Quota {
    name: &'static str,
    policy: HeaderValue,
    remaining: u32,
    reset_seconds: u64,
}

impl Quota {
    /// Keeps it for the answer's headers. A later one goes before an earlier one.
    pub(crate) fn note(quota: Option<Self>, request: &impl HttpMessage) {
        if let Some(quota) = quota {
            request.extensions_mut().insert(quota);
        }
    }

    /// Tells the caller of it, unless the answer tells of another.
    pub(super) fn write(&self, headers: &mut HeaderMap) {
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

    /// The refusal of a request that there was nothing left for.
    fn refusal(&self) -> Problem {
        let policy = self.policy.to_str().unwrap_or_default().to_owned();
        Problem::new(Code::RateLimited)
            .with_header(RETRY_AFTER, self.reset_seconds.to_string())
            .with_header(RATE_LIMIT_POLICY, policy)
            .with_header(RATE_LIMIT, self.state())
    }
}

/// One limit, for each key by itself.
struct Limit<K, C: Clock = DefaultClock>
where
    K: Hash + Eq + Clone,
{
    name: &'static str,
    allowance: Allowance,
    policy: HeaderValue,
    counts: Counts<K>,
    limiter: RateLimiter<K, Counts<K>, C, StateInformationMiddleware>,
}

impl<K: Hash + Eq + Clone, C: Clock> Limit<K, C> {
    fn new(name: &'static str, allowance: Allowance, keys_max: usize, clock: C) -> Self {
        let Allowance { requests, window_seconds } = allowance;
        // More than one in a nanosecond is no limit that could be kept.
        let each = (Duration::from_secs(window_seconds.get().into()) / requests.get()).max(Duration::from_nanos(1));
        let rate = Rate::with_period(each).unwrap_or(Rate::per_second(requests)).allow_burst(requests);
        let policy = HeaderValue::try_from(format!("\"{name}\";q={requests};w={window_seconds}"));
        let counts = Counts::new(keys_max);
        let limiter = RateLimiter::new(rate, counts.clone(), clock);
        Self { name, allowance, policy: policy.unwrap_or(HeaderValue::from_static("")), counts, limiter }
    }

    fn check(&self, key: &K) -> Result<Quota, Problem> {
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
                let wait = refused.wait_time_from(self.limiter.clock().now());
                // Rounded up, and never 0: that would be an invitation.
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                Err(quota(0, seconds.max(1)).refusal())
            }
        }
    }
}

/// The limits of a server.
pub(crate) struct RateLimits {
    per_caller: Option<Limit<u64>>,
    per_address: Option<Limit<IpAddr>>,
    login: Option<Limit<(u64, IpAddr)>>,
    /// Keyed anew in each process: nobody can choose a name that is counted with another's.
    hasher: RandomState,
}

impl RateLimits {
    pub(super) fn new(settings: &RateLimitSettings) -> Self {
        fn limit<K: Hash + Eq + Clone>(name: &'static str, allowance: Option<Allowance>) -> Option<Limit<K>> {
            allowance.map(|allowance| Limit::new(name, allowance, KEYS_MAX, DefaultClock::default()))
        }
        Self {
            per_caller: limit("caller", settings.per_caller),
            per_address: limit("address", settings.per_address),
            login: limit("login", settings.login),
            hasher: RandomState::new(),
        }
    }

    /// Counts a request of a caller's, whatever they are known by.
    pub(crate) fn check_caller(&self, caller: &impl Hash) -> Result<Option<Quota>, Problem> {
        self.per_caller.as_ref().map(|limit| limit.check(&self.hasher.hash_one(caller))).transpose()
    }

    /// Counts a request that is nobody's but its address's.
    pub(crate) fn check_address(&self, client: ClientAddress) -> Result<Option<Quota>, Problem> {
        self.per_address.as_ref().map(|limit| limit.check(&client.network())).transpose()
    }

    /// Counts a login before it is looked at, so that guesses that come at the same time are counted too.
    ///
    /// By username *and* address: whoever guesses at a name does not lock out its owner, who is elsewhere.
    pub(crate) fn check_login(&self, username: &str, client: ClientAddress) -> Result<Option<Quota>, Problem> {
        self.login.as_ref().map(|limit| limit.check(&self.login_key(username, client))).transpose()
    }

    /// Forgets the failures before a login that was right: who knows the password guesses no more.
    pub(crate) fn forget_logins(&self, username: &str, client: ClientAddress) {
        if let Some(limit) = &self.login {
            limit.counts.forget(&self.login_key(username, client));
        }
    }

    fn login_key(&self, username: &str, client: ClientAddress) -> (u64, IpAddr) {
        (self.hasher.hash_one(username), client.network())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Base;
    use actix_web::ResponseError;
    use governor::clock::FakeRelativeClock;

    fn limit(
        requests: u32,
        window_seconds: u32,
        keys_max: usize,
    ) -> (Limit<u32, FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        let number = |number| NonZeroU32::new(number).unwrap();
        let allowance = Allowance { requests: number(requests), window_seconds: number(window_seconds) };
        (Limit::new("test", allowance, keys_max, clock.clone()), clock)
    }

    /// What the answer to the next request says.
    fn headers(limit: &Limit<u32, FakeRelativeClock>, key: u32) -> (Option<String>, String) {
        let mut headers = HeaderMap::new();
        match limit.check(&key) {
            Ok(quota) => quota.write(&mut headers),
            Err(problem) => {
                assert_eq!(problem.status_code().as_u16(), 429);
                headers = problem.respond("id", &Base::default()).headers().clone();
            }
        }
        let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(text(RATE_LIMIT_POLICY).unwrap(), limit.policy);
        (text(RETRY_AFTER), text(RATE_LIMIT).unwrap())
    }

    #[test]
    fn all_may_come_at_once_and_are_given_back_one_by_one() {
        let (limit, clock) = limit(3, 60, 100);
        assert_eq!(limit.policy, "\"test\";q=3;w=60");
        let state = |r, t| format!("\"test\";r={r};t={t}");
        for (r, t) in [(2, 20), (1, 40), (0, 60)] {
            assert_eq!(headers(&limit, 1), (None, state(r, t)));
        }
        assert_eq!(headers(&limit, 1), (Some("20".into()), state(0, 20)));
        assert_eq!(headers(&limit, 2), (None, state(2, 20)), "another key is another's business");
        clock.advance(Duration::from_millis(19_999));
        assert_eq!(headers(&limit, 1), (Some("1".into()), state(0, 1)));
        clock.advance(Duration::from_millis(1));
        assert_eq!(headers(&limit, 1).0, None);
        assert_eq!(headers(&limit, 1).0, Some("20".into()));
        clock.advance(Duration::from_mins(1));
        assert_eq!(headers(&limit, 1), (None, state(2, 20)));
    }

    #[test]
    fn the_memory_is_bounded_and_new_keys_share_what_is_left() {
        use governor::state::keyed::ShrinkableKeyedStateStore;
        let (limit, clock) = limit(2, 60, 160);
        for key in 0..10_000 {
            let _ = limit.check(&key);
        }
        assert_eq!(limit.counts.len(), 160);
        let passed = (10_000..20_000).filter(|key| limit.check(key).is_ok()).count();
        assert_eq!(passed, 0, "the shared states are used up");
        assert!(limit.check(&0).is_ok(), "a key that is known has its own");
        clock.advance(Duration::from_mins(2));
        for key in 20_000..20_041 {
            let _ = limit.check(&key);
        }
        assert!(limit.counts.len() <= 41, "stale keys are dropped");
        assert!(limit.check(&30_000).is_ok());
    }

    #[test]
    fn a_key_in_use_is_not_dropped() {
        let (limit, clock) = limit(1, 60, 160);
        assert!(limit.check(&0).is_ok());
        clock.advance(Duration::from_secs(30));
        for key in 1..1_000 {
            let _ = limit.check(&key);
        }
        assert!(limit.check(&0).is_err());
    }

    #[test]
    fn what_is_not_limited_is_not_counted() {
        let limits = RateLimits::new(&RateLimitSettings::default());
        for _ in 0..10_000 {
            assert!(limits.check_caller(&"user").unwrap().is_none());
            assert!(limits.check_address(ClientAddress::NONE).unwrap().is_none());
            assert!(limits.check_login("user", ClientAddress::NONE).unwrap().is_none());
        }
    }
}
