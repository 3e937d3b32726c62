//! Entries of the audit log: effect, user, and origin.

use std::fmt::Display;

use actix_web::{HttpMessage, HttpRequest};
use domain::error::StorageError;
use domain::ports::WriteTx;
use domain::{AccountId, Action, ApiKeyId, AuditEntry, AuditEntryId, Origin, Timestamp, UserId, Uuid};

use crate::AppState;
use crate::http::{ClientAddress, RequestId};

/// An effect as the audit log records it: the action, the resource, the account.
#[derive(Clone)]
pub(crate) struct AuditedEffect {
    action: Action,
    account_id: Option<AccountId>,
    resource: String,
}

impl AuditedEffect {
    /// An effect within an account.
    pub(crate) fn on(account: AccountId, action: Action, resource: &dyn Display) -> Self {
        Self { action, account_id: Some(account), resource: resource.to_string() }
    }

    /// An effect outside of accounts.
    pub(crate) fn of(action: Action, resource: &dyn Display) -> Self {
        Self { action, account_id: None, resource: resource.to_string() }
    }

    /// The entry of a local command or the start. `origin` replaces the request id.
    pub(crate) fn local_entry(self, id: Uuid, user_id: UserId, origin: &str, now: Timestamp) -> AuditEntry {
        let origin = Origin { address: None, request_id: origin.into() };
        self.entry(AuditEntryId::from_uuid(id), user_id, None, origin, now)
    }

    /// The entry of an effect of `user_id`, with this API key if any.
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

/// Writes audit entries without a [`super::Caller`]: at registrations, logins, and refreshes of
/// sessions.
pub(crate) struct AuditWriter {
    entry_id: AuditEntryId,
    origin: Origin,
    now: Timestamp,
}

impl AuditWriter {
    /// An audit writer for the effect of `request`, at most one.
    pub(crate) fn of(request: &HttpRequest, state: &AppState, now: Timestamp) -> Self {
        Self { entry_id: AuditEntryId::from_uuid(state.next_uuid()), origin: origin(request), now }
    }

    /// Writes the entry of the user's effect.
    pub(crate) fn note(&self, tx: &mut dyn WriteTx, user: UserId, effect: AuditedEffect) -> Result<(), StorageError> {
        tx.append_audit(&effect.entry(self.entry_id, user, None, self.origin.clone(), self.now))
    }
}

/// The origin of the request, for the audit log.
pub(crate) fn origin(request: &HttpRequest) -> Origin {
    let extensions = request.extensions();
    Origin {
        address: extensions.get::<ClientAddress>().map(|client| client.0),
        request_id: extensions.get::<RequestId>().map(|id| id.0.as_str()).unwrap_or_default().into(),
    }
}
