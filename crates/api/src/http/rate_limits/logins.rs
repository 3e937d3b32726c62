//! The limits of failed logins: for a username from one address, and for a username from all
//! addresses.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use actix_web::HttpMessage;
use domain::Username;

use super::limit::{Quota, RateLimit, RateLimitSettings, limit};
use crate::http::ClientAddress;
use crate::problem::Problem;

/// The maximum number of usernames whose networks are remembered, and of networks for each: 20 MB.
const NAMES_MAX: usize = 65_536;
const NETWORKS_MAX: usize = 16;

/// The limits of logins.
///
/// A failed login counts by username *and* address, so that it does not lock out the user at
/// another address. It also counts by username alone, so that more addresses do not permit more
/// guesses. That limit does not apply to networks from which the user has logged in before, so
/// guesses from elsewhere do not lock out the user there.
pub(crate) struct LoginLimits {
    by_address: Option<RateLimit<(u64, IpAddr)>>,
    by_name: Option<RateLimit<u64>>,
    familiar: Mutex<Familiar>,
    /// With a random key per process, so that no client can choose a name that collides with
    /// another.
    hasher: RandomState,
}

/// A login attempt. It counts as failed until it is reported as successful or undecided.
#[must_use]
pub(crate) struct LoginAttempt {
    name: u64,
    network: IpAddr,
    /// Whether the user has logged in from this network before.
    is_familiar: bool,
    quota: Option<Quota>,
}

impl LoginAttempt {
    /// Stores the quota for the response's headers.
    pub(crate) fn note(self, request: &impl HttpMessage) {
        Quota::note(self.quota, request);
    }
}

impl LoginLimits {
    pub(super) fn new(settings: &RateLimitSettings) -> Self {
        Self {
            by_address: limit("login", settings.login),
            by_name: limit("login-name", settings.login_per_name),
            familiar: Mutex::default(),
            hasher: RandomState::new(),
        }
    }

    /// Counts a login before it is verified, so that concurrent guesses are counted, too.
    ///
    /// All invalid usernames are counted as one name.
    pub(crate) fn check(&self, username: Option<&Username>, client: ClientAddress) -> Result<LoginAttempt, Problem> {
        let (name, network) = (self.hasher.hash_one(username), client.network());
        let is_familiar = self.familiar.lock().unwrap_or_else(PoisonError::into_inner).contains(name, network);
        let quota = self.by_address.as_ref().map(|limit| limit.check(&(name, network))).transpose()?;
        if let (Some(limit), false) = (&self.by_name, is_familiar)
            && let Err(refusal) = limit.check(&name)
        {
            // It is refused before it is verified, so it has not failed.
            if let Some(limit) = &self.by_address {
                limit.give_back(&(name, network));
            }
            return Err(refusal);
        }
        Ok(LoginAttempt { name, network, is_familiar, quota })
    }

    /// The name of each limit, and how many logins it has refused.
    pub(super) fn refusals(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let by_address = self.by_address.as_ref().map(RateLimit::refusals);
        by_address.into_iter().chain(self.by_name.as_ref().map(RateLimit::refusals))
    }

    /// Reports a successful login, which resets the failures of this username and address.
    pub(crate) fn succeeded(&self, attempt: &LoginAttempt) {
        if let Some(limit) = &self.by_address {
            limit.forget(&(attempt.name, attempt.network));
        }
        self.give_back_name(attempt);
        self.familiar.lock().unwrap_or_else(PoisonError::into_inner).insert(attempt.name, attempt.network);
    }

    /// Reports that the login was not verified.
    pub(crate) fn undecided(&self, attempt: &LoginAttempt) {
        if let Some(limit) = &self.by_address {
            limit.give_back(&(attempt.name, attempt.network));
        }
        self.give_back_name(attempt);
    }

    fn give_back_name(&self, attempt: &LoginAttempt) {
        if let (Some(limit), false) = (&self.by_name, attempt.is_familiar) {
            limit.give_back(&attempt.name);
        }
    }
}

/// The networks from which the most recent users have logged in.
#[derive(Default)]
struct Familiar {
    by_name: HashMap<u64, Networks>,
    /// The names by their last login.
    by_login: BTreeMap<u64, u64>,
    logins: u64,
}

struct Networks {
    /// The most recent one last.
    networks: VecDeque<IpAddr>,
    last_login: u64,
}

impl Familiar {
    fn contains(&self, name: u64, network: IpAddr) -> bool {
        self.by_name.get(&name).is_some_and(|known| known.networks.contains(&network))
    }

    fn insert(&mut self, name: u64, network: IpAddr) {
        self.logins += 1;
        let now = self.logins;
        let known = self.by_name.entry(name).or_insert(Networks { networks: VecDeque::new(), last_login: now });
        known.networks.retain(|other| *other != network);
        if known.networks.len() == NETWORKS_MAX {
            known.networks.pop_front();
        }
        known.networks.push_back(network);
        self.by_login.remove(&std::mem::replace(&mut known.last_login, now));
        self.by_login.insert(now, name);
        if self.by_name.len() > NAMES_MAX
            && let Some((_, oldest)) = self.by_login.pop_first()
        {
            self.by_name.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Allowance;
    use std::net::Ipv4Addr;
    use std::num::NonZeroU32;

    fn address(number: u32) -> ClientAddress {
        ClientAddress(Ipv4Addr::from_bits(number).into())
    }

    /// Limits per day: failures for a username and an address, and failures for a username.
    fn limits(by_address: u32, by_name: u32) -> LoginLimits {
        let day = NonZeroU32::MIN.saturating_add(86_399);
        let allowance = |number| NonZeroU32::new(number).map(|requests| Allowance { requests, window_seconds: day });
        let (login, login_per_name) = (allowance(by_address), allowance(by_name));
        LoginLimits::new(&RateLimitSettings { login, login_per_name, ..RateLimitSettings::default() })
    }

    fn name(text: &str) -> Username {
        Username::parse(text).unwrap()
    }

    #[test]
    fn guesses_from_many_addresses_are_counted_together() {
        let (limits, ann) = (limits(10, 3), name("ann"));
        let check = |from| limits.check(Some(&ann), address(from));
        let home = check(1).unwrap();
        limits.succeeded(&home);
        let guesses = (100..200).filter(|&from| check(from).is_ok()).count();
        assert_eq!(guesses, 3);
        assert!(check(2).is_err(), "the user is locked out where they have not been");
        for _ in 0..5 {
            let login = check(1).expect("but not where they have");
            limits.succeeded(&login);
        }
        assert!(limits.check(Some(&name("ben")), address(2)).is_ok(), "another user has their own allowance");
    }

    #[test]
    fn refused_and_undecided_logins_are_not_counted() {
        let (limits, ann) = (limits(2, 2), name("ann"));
        let check = |from| limits.check(Some(&ann), address(from));
        for _ in 0..10 {
            let undecided = check(1).unwrap();
            limits.undecided(&undecided);
        }
        assert!(check(1).is_ok() && check(2).is_ok());
        // Refused by its name, so not counted by its address.
        assert!((0..10).all(|_| check(3).is_err()));
        assert!(
            limits
                .by_address
                .as_ref()
                .unwrap()
                .check(&(limits.hasher.hash_one(Some(&ann)), address(3).network()))
                .is_ok()
        );
    }

    #[test]
    fn invalid_usernames_are_counted_as_one() {
        let limits = limits(2, 100);
        assert!(limits.check(None, address(1)).is_ok() && limits.check(None, address(1)).is_ok());
        assert!(limits.check(None, address(1)).is_err());
        assert!(limits.check(None, address(2)).is_ok());
    }

    #[test]
    fn the_memory_is_bounded_and_keeps_recent_logins() {
        let network = |number| address(number).network();
        let mut familiar = Familiar::default();
        for number in 0..40 {
            familiar.insert(1, network(number));
        }
        assert_eq!(familiar.by_name[&1].networks.len(), NETWORKS_MAX);
        assert!(familiar.contains(1, network(39)) && !familiar.contains(1, network(0)));
        for name in 2..=NAMES_MAX as u64 {
            familiar.insert(name, network(0));
        }
        familiar.insert(1, network(39));
        familiar.insert(u64::MAX, network(0));
        assert_eq!((familiar.by_name.len(), familiar.by_login.len()), (NAMES_MAX, NAMES_MAX));
        assert!(familiar.contains(1, network(39)) && !familiar.contains(2, network(0)));
    }
}
