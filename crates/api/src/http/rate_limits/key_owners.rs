//! A cache of the users of API keys, so that requests are counted by user without a lookup.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use domain::{Credential, UserId};

/// The maximum number of cached keys: about 10 MB.
const KEYS_MAX: usize = 100_000;

/// The users of keys that the store found valid. A key never changes its user. A revoked key may
/// stay here: the store refuses it.
#[derive(Default)]
pub(crate) struct KeyOwners(RwLock<HashMap<Credential, UserId>>);

impl KeyOwners {
    /// The user of the credential, if known. A session's token contains it.
    pub(super) fn owner(&self, credential: &Credential) -> Option<UserId> {
        match credential {
            Credential::Session { user_id, .. } => Some(*user_id),
            Credential::ApiKey { .. } => self.0.read().unwrap_or_else(PoisonError::into_inner).get(credential).copied(),
        }
    }

    /// Caches the user of a credential that the store found valid.
    pub(crate) fn learn(&self, credential: &Credential, user: UserId) {
        if self.owner(credential).is_some() {
            return;
        }
        let mut owners = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if owners.len() >= KEYS_MAX {
            // Keys in use are cached again with their next request.
            owners.clear();
        }
        owners.insert(credential.clone(), user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{ApiKeyId, SecretHash, SessionId, Uuid};

    fn key(number: u128, secret: u8) -> Credential {
        Credential::ApiKey { id: ApiKeyId::from_uuid(Uuid::from_u128(number)), secret: SecretHash([secret; 32]) }
    }

    #[test]
    fn the_user_of_a_key_is_cached_by_its_secret() {
        let (owners, user) = (KeyOwners::default(), UserId::from_uuid(Uuid::from_u128(1)));
        assert_eq!(owners.owner(&key(7, 7)), None);
        owners.learn(&key(7, 7), user);
        assert_eq!((owners.owner(&key(7, 7)), owners.owner(&key(7, 8))), (Some(user), None));
        let session = Credential::Session { id: SessionId::from_uuid(Uuid::nil()), user_id: user };
        assert_eq!(owners.owner(&session), Some(user));
    }

    #[test]
    fn the_memory_is_bounded() {
        let (owners, user) = (KeyOwners::default(), UserId::from_uuid(Uuid::nil()));
        for number in 0..=KEYS_MAX as u128 {
            owners.learn(&key(number, 0), user);
        }
        assert_eq!(owners.0.read().unwrap().len(), 1);
    }
}
