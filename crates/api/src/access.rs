//! Who may: the caller that a handler names together with the permission it takes, and the units of work it runs in.
//!
//! What a caller shows is looked at in the same unit of work as what they do. A session that was revoked, a user who was
//! shut out, a member who was removed is refused on the very next request, by every process.

use std::fmt::Display;
use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use domain::error::{AccessError, StorageError};
use domain::ports::{ReadTx, Store, WriteTx};
use domain::{
    AccountId, Action, Actor, ApiKeyId, AuditEntry, AuditEntryId, Credential, Origin, Role, Scope, Timestamp, UserId,
    Uuid, use_cases,
};

use crate::AppState;
use crate::credential;
use crate::http::{ClientAddress, RequestId};
use crate::problem::Problem;

/// What a handler takes to be permitted.
pub(crate) trait Permission: 'static {
    /// What it is about: an account, or nothing in particular.
    type Target: Copy + Send + 'static;

    /// Whether the actor has it.
    fn check(tx: &mut dyn ReadTx, actor: &Actor, target: Self::Target) -> Result<(), AccessError>;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident($target:ty) = |$tx:ident, $actor:ident, $about:ident| $check:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) enum $name {}

        impl Permission for $name {
            type Target = $target;

            fn check($tx: &mut dyn ReadTx, $actor: &Actor, $about: $target) -> Result<(), AccessError> {
                $check
            }
        }
    )*};
}

permissions! {
    /// To look at the account.
    Viewer(AccountId) = |tx, actor, account| use_cases::authorize(tx, actor, account, Role::Viewer);
    /// To change the account's staff, bookings and subscription.
    Manager(AccountId) = |tx, actor, account| use_cases::authorize(tx, actor, account, Role::Manager);
    /// To change the account's members, and to read its audit.
    Owner(AccountId) = |tx, actor, account| use_cases::authorize(tx, actor, account, Role::Owner);
    /// To look at what is one's own: any credential has it.
    Reader(()) = |_tx, _actor, _target| Ok(());
    /// To open accounts: any credential but an API key that is for reading, or for one account.
    Opener(()) = |_tx, actor, _target| permit(actor.scope >= Scope::Write && actor.account_id.is_none());
    /// To change what is one's own, and what one acts with: a login, so that an API key cannot make another.
    LoggedIn(()) = |_tx, actor, _target| permit(actor.api_key.is_none());
}

fn permit(permitted: bool) -> Result<(), AccessError> {
    if permitted { Ok(()) } else { Err(AccessError::Forbidden) }
}

/// Whoever shows a credential of which nothing but the store can say whether it is still good, on a request that takes
/// the permission `P`.
pub(crate) struct Caller<P> {
    credential: Credential,
    origin: Origin,
    permission: PhantomData<fn() -> P>,
}

impl<P: Permission> FromRequest for Caller<P> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

/// Why a unit of work did not do what was asked: the caller may not, or the use case refused.
#[derive(Debug)]
enum Denied<E> {
    Access(AccessError),
    Refused(E),
}

impl<E: From<StorageError>> From<StorageError> for Denied<E> {
    fn from(error: StorageError) -> Self {
        Self::Refused(error.into())
    }
}

impl<E> Denied<E> {
    fn into_problem(self) -> Problem
    where
        Problem: From<E>,
    {
        match self {
            Self::Access(error) => error.into(),
            Self::Refused(error) => error.into(),
        }
    }
}

/// What the audit says of an effect: what was done, to which resource, of which account.
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

    /// The entry of what was done to a user on the machine itself, which has `origin` in place of a request's id.
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

impl<P: Permission> Caller<P> {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        Ok(Self { credential: credential::show(request)?, origin: origin(request), permission: PhantomData })
    }

    /// Runs `work` on a snapshot, if the caller may.
    pub(crate) async fn read<T, E>(
        &self,
        state: &AppState,
        target: P::Target,
        work: impl FnOnce(&mut dyn ReadTx, &Actor) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        Problem: From<E>,
    {
        let (credential, now) = (self.credential.clone(), state.now());
        let unit = move |tx: &mut dyn ReadTx| {
            let actor = admit::<P>(tx, &credential, target, now).map_err(Denied::Access)?;
            work(tx, &actor).map(|value| (value, actor)).map_err(Denied::Refused)
        };
        let (value, actor) = state.store.read(unit).await.map_err(Denied::into_problem)?;
        if let Some(key) = key_to_note(&actor) {
            // Nobody waits for this: the unit runs whether or not its future is awaited.
            drop(state.store.write(move |tx| tx.touch_api_key(key, now)));
        }
        Ok(value)
    }

    /// Runs `work` as one unit, if the caller may, and writes into the audit what `effect` makes of its result.
    pub(crate) async fn write<T, E>(
        &self,
        state: &AppState,
        target: P::Target,
        now: Timestamp,
        mut work: impl FnMut(&mut dyn WriteTx, &Actor) -> Result<T, E> + Send + 'static,
        effect: impl Fn(&T) -> Option<Effect> + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        Problem: From<E>,
    {
        let (credential, origin) = (self.credential.clone(), self.origin.clone());
        let entry_id = AuditEntryId::from_uuid(state.next_uuid());
        let unit = move |tx: &mut dyn WriteTx| {
            let actor = admit::<P>(tx, &credential, target, now).map_err(Denied::Access)?;
            let value = work(tx, &actor).map_err(Denied::Refused)?;
            if let Some(key) = key_to_note(&actor) {
                tx.touch_api_key(key, now)?;
            }
            if let Some(effect) = effect(&value) {
                tx.append_audit(&effect.entry(entry_id, actor.user_id, actor.api_key, origin.clone(), now))?;
            }
            Ok(value)
        };
        state.store.write(unit).await.map_err(Denied::into_problem)
    }

    /// What to answer when a request is faulty: that the caller may not comes first.
    pub(crate) async fn unless_refused(&self, state: &AppState, target: P::Target, fault: Problem) -> Problem {
        match self.read(state, target, |_, _| Ok::<_, StorageError>(())).await {
            Ok(()) => fault,
            Err(refusal) => refusal,
        }
    }
}

/// The API key whose use is worth a note.
fn key_to_note(actor: &Actor) -> Option<ApiKeyId> {
    actor.api_key.filter(|_| actor.is_due_to_be_noted)
}

fn admit<P: Permission>(
    tx: &mut dyn ReadTx,
    credential: &Credential,
    target: P::Target,
    now: Timestamp,
) -> Result<Actor, AccessError> {
    let actor = use_cases::authenticate(tx, credential, now)?;
    P::check(tx, &actor, target)?;
    Ok(actor)
}

/// Where the request came from, as the audit has it.
pub(crate) fn origin(request: &HttpRequest) -> Origin {
    let extensions = request.extensions();
    Origin {
        address: extensions.get::<ClientAddress>().map(|client| client.0),
        request_id: extensions.get::<RequestId>().map(|id| id.0.as_str()).unwrap_or_default().into(),
    }
}
