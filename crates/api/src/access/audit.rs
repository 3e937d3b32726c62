//! Entries of the audit log: which effect, by which user, from where.

use std::fmt::Display;

use actix_web::{HttpMessage, HttpRequest};
use domain::error::StorageError;
use domain::ports::WriteTx;
use domain::{AccountId, Action, ApiKeyId, AuditEntry, AuditEntryId, Origin, Timestamp, UserId, Uuid};

use crate::AppState;
use crate::http::{ClientAddress, RequestId};

/// An effect as the audit log records it: the action, the resource, the account.
#[derive(Clone)]
pub(crate) struct Effect {
    action: Action,
    account_id: Option<AccountId>,
    resource: String,
}

impl Effect {
    /// An effect within an account.
    pub(crate) fn on(account: AccountId, action: Action, resource: &dyn Display) -> Self {
        Self { action, account_id: Some(account), resource: resource.to_string() }
    }

    /// An effect that is about no account.
    pub(crate) fn of(action: Action, resource: &dyn Display) -> Self {
        Self { action, account_id: None, resource: resource.to_string() }
    }

    /// The entry of what was done to a user on the machine itself, which has `origin` in place of a
    /// request's id.
    pub(crate) fn local_entry(self, id: Uuid, user_id: UserId, origin: &str, now: Timestamp) -> AuditEntry {
        let origin = Origin { address: None, request_id: origin.into() };
        self.entry(AuditEntryId::from_uuid(id), user_id, None, origin, now)
    }

    /// The entry of it: `user_id` did it, with this API key if any.
    pub(crate) fn entry(
        self,
        id: AuditEntryId,
        user_id: UserId,
        api_key: Option<ApiKeyId>,
        origin: Origin,
        now: Timestamp,
    ) -> AuditEntry {
        let Self { action, account_id, resource } = self;
        AuditEntry { id, account_id, user_id, api_key, action, resource: resource.into(), origin, created_at: now }
    }
}

/// Writes the audit log where there is no [`super::Caller`]: at a registration, at a login, and at
/// the refresh of a session.
pub(crate) struct AuditWriter {
    entry_id: AuditEntryId,
    origin: Origin,
    now: Timestamp,
}

impl AuditWriter {
    /// For what `request` does at `now`, which is one effect at most.
    pub(crate) fn of(request: &HttpRequest, state: &AppState, now: Timestamp) -> Self {
        Self { entry_id: AuditEntryId::from_uuid(state.next_uuid()), origin: origin(request), now }
    }

    /// Notes what the user did.
    pub(crate) fn note(&self, tx: &mut dyn WriteTx, user: UserId, effect: Effect) -> Result<(), StorageError> {
        tx.append_audit(&effect.entry(self.entry_id, user, None, self.origin.clone(), self.now))
    }
}

/// Where the request came from, for the audit log.
pub(crate) fn origin(request: &HttpRequest) -> Origin {
    let extensions = request.extensions();
    Origin {
        address: extensions.get::<ClientAddress>().map(|client| client.0),
        request_id: extensions.get::<RequestId>().map(|id| id.0.as_str()).unwrap_or_default().into(),
    }
}
