//! Rate limits: requests per caller and per address, and failed logins. They are in the memory of
//! this process, and protect it; they are independent of plan limits.

mod counts;
mod key_owners;
mod limit;
mod logins;

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::IpAddr;

use domain::Credential;

use super::client_address::ClientAddress;
use crate::problem::Problem;
use key_owners::KeyOwners;
pub(crate) use limit::Quota;
pub use limit::{Allowance, RateLimitSettings};
use limit::{RateLimit, limit};
use logins::LoginLimits;

/// The limits of a server.
pub(crate) struct RateLimits {
    per_caller: Option<RateLimit<u64>>,
    per_address: Option<RateLimit<IpAddr>>,
    pub(crate) logins: LoginLimits,
    pub(crate) key_owners: KeyOwners,
    /// With a random key per process, so that no client can choose a collision.
    hasher: RandomState,
}

impl RateLimits {
    pub(super) fn new(settings: &RateLimitSettings) -> Self {
        Self {
            per_caller: limit("caller", settings.per_caller),
            per_address: limit("address", settings.per_address),
            logins: LoginLimits::new(settings),
            key_owners: KeyOwners::default(),
            hasher: RandomState::new(),
        }
    }

    /// The name of each limit that is set, and how many requests it has refused.
    pub(crate) fn refusals(&self) -> Vec<(&'static str, u64)> {
        let requests =
            [self.per_caller.as_ref().map(RateLimit::refusals), self.per_address.as_ref().map(RateLimit::refusals)];
        requests.into_iter().flatten().chain(self.logins.refusals()).collect()
    }

    /// Counts a request with this credential by user, across their sessions and API keys.
    ///
    /// The user of an API key is known after its first valid request. Before, it is counted by the
    /// whole key, so guesses at a key's secret do not use up its owner's allowance.
    pub(crate) fn check_caller(&self, credential: &Credential) -> Result<Option<Quota>, Problem> {
        let Some(limit) = &self.per_caller else { return Ok(None) };
        let key = match self.key_owners.owner(credential) {
            Some(user) => self.hasher.hash_one(user),
            None => self.hasher.hash_one(credential),
        };
        limit.check(&key).map(Some)
    }

    /// Counts a request without a caller by its address.
    pub(crate) fn check_address(&self, client: ClientAddress) -> Result<Option<Quota>, Problem> {
        self.per_address.as_ref().map(|limit| limit.check(&client.network())).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{ApiKeyId, SecretHash, Uuid};

    #[test]
    fn unlimited_requests_are_not_counted() {
        let limits = RateLimits::new(&RateLimitSettings::default());
        for _ in 0..10_000 {
            let key = Credential::ApiKey { id: ApiKeyId::from_uuid(Uuid::nil()), secret: SecretHash([7; 32]) };
            assert!(limits.check_caller(&key).unwrap().is_none());
            assert!(limits.check_address(ClientAddress::NONE).unwrap().is_none());
            assert!(limits.logins.check(None, ClientAddress::NONE).is_ok());
        }
    }
}
