//! How often logins may fail: for a username from one address, and for a username from everywhere.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use actix_web::HttpMessage;
use domain::Username;

use super::limit::{Limit, Quota, RateLimitSettings, limit};
use crate::http::ClientAddress;
use crate::problem::Problem;

/// How many usernames are remembered together with where they have logged in from, and how many
/// networks of each: 20 MB.
const NAMES_MAX: usize = 65_536;
const NETWORKS_MAX: usize = 16;

/// The limits of logins.
///
/// A guess counts by username *and* address, so that it does not lock out the user, who is
/// elsewhere. And it counts by username alone, so that guesses from a thousand addresses are no
/// more than those from a few; but not where the user has logged in from before: there the guesses
/// of others do not count.
pub(crate) struct LoginLimits {
    by_address: Option<Limit<(u64, IpAddr)>>,
    by_name: Option<Limit<u64>>,
    familiar: Mutex<Familiar>,
    /// Keyed anew in each process, so that no client can choose a name that is counted with
    /// another.
    hasher: RandomState,
}

/// A login that is being looked at. It counts as one that has failed, until it is said that it has
/// not.
#[must_use]
pub(crate) struct LoginAttempt {
    name: u64,
    network: IpAddr,
    /// Whether the user has logged in from there before.
    is_familiar: bool,
    quota: Option<Quota>,
}

impl LoginAttempt {
    /// Has the answer tell what is left.
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

    /// Counts a login before it is looked at, so that guesses that come at the same time are
    /// counted too.
    ///
    /// What is no username is not there to be guessed at, and counted as one name.
    pub(crate) fn check(&self, username: Option<&Username>, client: ClientAddress) -> Result<LoginAttempt, Problem> {
        let (name, network) = (self.hasher.hash_one(username), client.network());
        let is_familiar = self.familiar.lock().unwrap_or_else(PoisonError::into_inner).contains(name, network);
        let quota = self.by_address.as_ref().map(|limit| limit.check(&(name, network))).transpose()?;
        if let (Some(limit), false) = (&self.by_name, is_familiar)
            && let Err(refusal) = limit.check(&name)
        {
            // It is refused without a look: it has not failed.
            if let Some(limit) = &self.by_address {
                limit.give_back(&(name, network));
            }
            return Err(refusal);
        }
        Ok(LoginAttempt { name, network, is_familiar, quota })
    }

    /// The login was right. That forgets the failures before it at this address: who knows the
    /// password guesses no more.
    pub(crate) fn succeeded(&self, attempt: &LoginAttempt) {
        if let Some(limit) = &self.by_address {
            limit.forget(&(attempt.name, attempt.network));
        }
        self.give_back_name(attempt);
        self.familiar.lock().unwrap_or_else(PoisonError::into_inner).insert(attempt.name, attempt.network);
    }

    /// Whether the login is right was not found out.
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

/// Where users have logged in from, those who did last.
#[derive(Default)]
struct Familiar {
    by_name: HashMap<u64, Networks>,
    /// The names by when they were last logged in with.
    by_login: BTreeMap<u64, u64>,
    logins: u64,
}

struct Networks {
    /// The last one last.
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

    /// So many failures in a day for a username and an address, and so many for a username.
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
    fn guesses_from_many_addresses_are_counted_together_but_where_the_user_has_been() {
        let (limits, ann) = (limits(10, 3), name("ann"));
        let check = |from| limits.check(Some(&ann), address(from));
        let home = check(1).unwrap();
        limits.succeeded(&home);
        let guesses = (100..200).filter(|&from| check(from).is_ok()).count();
        assert_eq!(guesses, 3);
        assert!(check(2).is_err(), "the user is locked out where they have not been");
        for _ in 0..5 {
            let login = check(1).expect("but not at home");
            limits.succeeded(&login);
        }
        assert!(limits.check(Some(&name("ben")), address(2)).is_ok(), "another user is another's business");
    }

    #[test]
    fn what_is_refused_or_undecided_is_not_counted() {
        let (limits, ann) = (limits(2, 2), name("ann"));
        let check = |from| limits.check(Some(&ann), address(from));
        for _ in 0..10 {
            let undecided = check(1).unwrap();
            limits.undecided(&undecided);
        }
        assert!(check(1).is_ok() && check(2).is_ok());
        // By its name, and so not by its address.
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
    fn what_is_no_username_is_one() {
        let limits = limits(2, 100);
        assert!(limits.check(None, address(1)).is_ok() && limits.check(None, address(1)).is_ok());
        assert!(limits.check(None, address(1)).is_err());
        assert!(limits.check(None, address(2)).is_ok());
    }

    #[test]
    fn the_memory_is_bounded_and_has_the_last_logins() {
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
