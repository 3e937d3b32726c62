//! Rate limits: how many requests a caller, an address or a login may make in a time. They are kept
//! in the memory of this process, and protect it; the limits of plans are a different thing.

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
use limit::{Limit, limit};
use logins::LoginLimits;

/// The limits of a server.
pub(crate) struct RateLimits {
    per_caller: Option<Limit<u64>>,
    per_address: Option<Limit<IpAddr>>,
    pub(crate) logins: LoginLimits,
    pub(crate) key_owners: KeyOwners,
    /// Keyed anew in each process, so that no client can choose what it is counted with.
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

    /// Counts a request with this credential: by the user, whichever of their sessions and API keys
    /// they use.
    ///
    /// Whose an API key is, is known from its first request on that the store found good. Until
    /// then it is counted by all of it: a guess at a key's secret takes nothing of its owner's.
    pub(crate) fn check_caller(&self, credential: &Credential) -> Result<Option<Quota>, Problem> {
        let Some(limit) = &self.per_caller else { return Ok(None) };
        let key = match self.key_owners.owner(credential) {
            Some(user) => self.hasher.hash_one(user),
            None => self.hasher.hash_one(credential),
        };
        limit.check(&key).map(Some)
    }

    /// Counts a request that is nobody's but its address's.
    pub(crate) fn check_address(&self, client: ClientAddress) -> Result<Option<Quota>, Problem> {
        self.per_address.as_ref().map(|limit| limit.check(&client.network())).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{ApiKeyId, SecretHash, Uuid};

    #[test]
    fn what_is_not_limited_is_not_counted() {
        let limits = RateLimits::new(&RateLimitSettings::default());
        for _ in 0..10_000 {
            let key = Credential::ApiKey { id: ApiKeyId::from_uuid(Uuid::nil()), secret: SecretHash([7; 32]) };
            assert!(limits.check_caller(&key).unwrap().is_none());
            assert!(limits.check_address(ClientAddress::NONE).unwrap().is_none());
            assert!(limits.logins.check(None, ClientAddress::NONE).is_ok());
        }
    }
}
