//! Whose API keys are, as far as this process has learned it: what is counted by user need not be
//! looked up for that.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use domain::{Credential, UserId};

/// How many keys are remembered: some 10 MB of them.
const KEYS_MAX: usize = 100_000;

/// The users of keys that the store found good. A key never changes its user; one that was revoked
/// is refused by the store, and does no harm here.
#[derive(Default)]
pub(crate) struct KeyOwners(RwLock<HashMap<Credential, UserId>>);

impl KeyOwners {
    /// Whose the credential is, if that is known. A session's token says it itself.
    pub(super) fn owner(&self, credential: &Credential) -> Option<UserId> {
        match credential {
            Credential::Session { user_id, .. } => Some(*user_id),
            Credential::ApiKey { .. } => self.0.read().unwrap_or_else(PoisonError::into_inner).get(credential).copied(),
        }
    }

    /// Remembers whose a credential is that the store found good.
    pub(crate) fn learn(&self, credential: &Credential, user: UserId) {
        if self.owner(credential).is_some() {
            return;
        }
        let mut owners = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if owners.len() >= KEYS_MAX {
            // Those in use are learned again with their next request.
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
    fn a_key_is_its_users_once_that_is_known_and_a_guess_at_it_never() {
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
