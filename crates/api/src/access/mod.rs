//! Authorization: the caller of a request, with the permission that its handler names, and the
//! units of work of callers.
//!
//! A credential and a role are checked in the same unit of work as the effect. So a revoked
//! session, a disabled user and a removed member are refused from the next request on, by every
//! process.

mod audit;
mod credential;
mod dry_run;
mod page;
mod permission;
mod requests;
mod unauthenticated_client;

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use domain::error::{AccessError, StorageError};
use domain::ports::{ReadTx, Store as _, WriteTx};
use domain::{Actor, ApiKeyId, AuditEntryId, Credential, Origin, Timestamp, use_cases};

use crate::AppState;
use crate::http::{CallerName, Unread};
use crate::idempotency::{IdempotencyError, IdempotencyHeader, IdempotentRequest, StoredResponse};
use crate::problem::Problem;
use audit::origin;
pub(crate) use audit::{AuditWriter, AuditedEffect};
pub use credential::BearerCredential;
pub(crate) use dry_run::DryRunQuery;
pub(crate) use page::PageQuery;
pub(crate) use permission::{
    AccountEraser, Leaver, LoggedIn, Manager, Opener, Operator, OperatorReader, Owner, Permission, PlansOperator,
    Reader, Remover, UserEraser, Viewer,
};
pub(crate) use unauthenticated_client::UnauthenticatedClient;

/// The caller of a request that needs the permission `P`. The credential is well formed; the store
/// decides whether it is still valid.
pub(crate) struct Caller<P> {
    credential: Credential,
    origin: Origin,
    idempotency: Option<Box<IdempotencyHeader>>,
    /// The parts of the request that no extractor has read so far.
    unread: Option<Rc<Unread>>,
    permission: PhantomData<fn() -> P>,
}

impl<P: Permission> FromRequest for Caller<P> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

/// Why a unit of work was refused: the caller lacks the permission, or the use case refused.
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

impl<P: Permission> Caller<P> {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let (credential, idempotency) = (credential::read_credential(request)?, IdempotencyHeader::of(request));
        let unread = Unread::of(request);
        Ok(Self { credential, origin: origin(request), idempotency, unread, permission: PhantomData })
    }

    /// The origin of the request.
    pub(crate) fn origin(&self) -> Origin {
        self.origin.clone()
    }

    /// Stores the request's body, which is part of an idempotent request's fingerprint.
    pub(crate) fn note_body(&self, body: &Bytes) {
        if let Some(header) = &self.idempotency {
            header.note_body(body);
        }
    }

    /// Refuses a request with a part that its handler does not read. A missing permission is
    /// reported first.
    async fn check_unread(&self, state: &AppState, target: P::Target) -> Result<(), Problem> {
        match self.unread.as_ref().and_then(|unread| unread.refusal()) {
            None => Ok(()),
            Some(fault) => Err(self.unless_refused(state, target, fault).await),
        }
    }

    /// The idempotent request, if it has an `Idempotency-Key`. A missing permission is reported
    /// before a faulty key.
    pub(crate) async fn idempotent_request(
        &self,
        state: &AppState,
        target: P::Target,
    ) -> Result<Option<IdempotentRequest>, Problem> {
        let Some(header) = &self.idempotency else { return Ok(None) };
        self.check_unread(state, target).await?;
        let name = CallerName::from(&self.credential).to_string();
        match header.identify(&name, state.tokens.keys().ring()) {
            Ok(idempotent) => Ok(Some(idempotent)),
            Err(fault) => Err(self.unless_refused(state, target, fault).await),
        }
    }

    /// As [`Caller::write`], for a POST: `respond` makes the response from the result of `work`. A
    /// repeated idempotent request gets the stored response, and runs neither `work` nor `effect`.
    pub(crate) async fn post<T, E>(
        &self,
        state: &AppState,
        target: P::Target,
        now: Timestamp,
        work: impl FnMut(&mut dyn WriteTx, &Actor) -> Result<T, E> + Send + 'static,
        effect: impl Fn(&T) -> Option<AuditedEffect> + Send + 'static,
        respond: impl Fn(T) -> StoredResponse + Send + 'static,
    ) -> Result<HttpResponse, Problem>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        Problem: From<E>,
    {
        self.post_unless_hidden(state, target, now, |_, _, _| Ok(false), work, effect, respond).await
    }

    /// As [`Caller::post`]. A stored response is not sent again if `is_hidden`: the resource in it
    /// has been removed, or the caller may no longer see it. A permission for an account needs no
    /// such check: it is checked itself.
    #[expect(clippy::too_many_arguments, reason = "the steps of a POST, in their order")]
    pub(crate) async fn post_unless_hidden<T, E>(
        &self,
        state: &AppState,
        target: P::Target,
        now: Timestamp,
        is_hidden: impl Fn(&mut dyn WriteTx, &Actor, &StoredResponse) -> Result<bool, E> + Send + 'static,
        mut work: impl FnMut(&mut dyn WriteTx, &Actor) -> Result<T, E> + Send + 'static,
        effect: impl Fn(&T) -> Option<AuditedEffect> + Send + 'static,
        respond: impl Fn(T) -> StoredResponse + Send + 'static,
    ) -> Result<HttpResponse, Problem>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        Problem: From<E>,
    {
        let Some(idempotent) = self.idempotent_request(state, target).await? else {
            return Ok(respond(self.write(state, target, now, work, effect).await?).into());
        };
        let idempotent = Arc::new(idempotent);
        let known = Arc::clone(&idempotent);
        let run_once = move |tx: &mut dyn WriteTx, actor: &Actor| {
            let mut effect_of_work = None;
            let run_work = |tx: &mut dyn WriteTx| {
                let value = work(tx, actor)?;
                effect_of_work = effect(&value);
                Ok(respond(value))
            };
            let answer = idempotent.run(tx, now, |tx, answer| is_hidden(tx, actor, answer), run_work)?;
            Ok((answer, effect_of_work))
        };
        // The first request may have ended the role that it needed: a transfer does.
        let if_forbidden = move |tx: &mut dyn WriteTx| match known.find(tx, now) {
            // A missing permission is reported first.
            Err(IdempotencyError::KeyReused) => Ok(None),
            found => Ok(found?.map(|answer| (answer, None))),
        };
        let effect = |(_, effect): &(StoredResponse, Option<AuditedEffect>)| effect.clone();
        let outcome = self.write_or::<_, IdempotencyError<E>>(state, target, now, run_once, effect, if_forbidden);
        let (answer, _) = outcome.await?;
        Ok(answer.into())
    }

    /// The stored response to a repeated idempotent request, for handlers with other checks before
    /// [`Caller::post`], which might fail by now.
    pub(crate) async fn replay(&self, state: &AppState, target: P::Target) -> Result<Option<HttpResponse>, Problem> {
        let Some(idempotent) = self.idempotent_request(state, target).await? else { return Ok(None) };
        let now = state.now();
        let find = move |tx: &mut dyn ReadTx, _: &Actor| idempotent.find::<StorageError>(tx, now);
        Ok(self.read(state, target, find).await?.map(HttpResponse::from))
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
        self.check_unread(state, target).await?;
        self.look(state, target, work).await
    }

    /// As [`Caller::read`], without a check for unread parts.
    async fn look<T, E>(
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
        let (value, actor) = state.read(unit).await.map_err(Denied::into_problem)?;
        state.policy.rate_limits.key_owners.learn(&self.credential, actor.user_id);
        if let Some(key) = key_to_note(&actor) {
            // The unit runs whether or not its future is awaited.
            drop(state.store.write(move |tx| tx.touch_api_key(key, now)));
        }
        Ok(value)
    }

    /// Runs `work` as one unit, if the caller may, and writes the `effect` of its result into the
    /// audit log.
    pub(crate) async fn write<T, E>(
        &self,
        state: &AppState,
        target: P::Target,
        now: Timestamp,
        work: impl FnMut(&mut dyn WriteTx, &Actor) -> Result<T, E> + Send + 'static,
        effect: impl Fn(&T) -> Option<AuditedEffect> + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        Problem: From<E>,
    {
        self.write_or(state, target, now, work, effect, |_| Ok(None)).await
    }

    /// As [`Caller::write`]. A caller with an insufficient role or scope gets the result of
    /// `if_forbidden`, if any.
    async fn write_or<T, E>(
        &self,
        state: &AppState,
        target: P::Target,
        now: Timestamp,
        mut work: impl FnMut(&mut dyn WriteTx, &Actor) -> Result<T, E> + Send + 'static,
        effect: impl Fn(&T) -> Option<AuditedEffect> + Send + 'static,
        if_forbidden: impl Fn(&mut dyn WriteTx) -> Result<Option<T>, E> + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        Problem: From<E>,
    {
        self.check_unread(state, target).await?;
        let (credential, origin) = (self.credential.clone(), self.origin.clone());
        let entry_id = AuditEntryId::from_uuid(state.next_uuid());
        let unit = move |tx: &mut dyn WriteTx| {
            let actor = match admit::<P>(tx, &credential, target, now) {
                Ok(actor) => actor,
                Err(AccessError::Forbidden) => {
                    let found = if_forbidden(tx).map_err(Denied::Refused)?;
                    return found.map(|found| (found, None)).ok_or(Denied::Access(AccessError::Forbidden));
                }
                Err(error) => return Err(Denied::Access(error)),
            };
            let value = work(tx, &actor).map_err(Denied::Refused)?;
            if let Some(key) = key_to_note(&actor) {
                tx.touch_api_key(key, now)?;
            }
            if let Some(effect) = effect(&value) {
                tx.append_audit(&effect.entry(entry_id, actor.user_id, actor.api_key, origin.clone(), now))?;
            }
            Ok((value, Some(actor.user_id)))
        };
        let (value, user) = state.write(unit).await.map_err(Denied::into_problem)?;
        if let Some(user) = user {
            state.policy.rate_limits.key_owners.learn(&self.credential, user);
        }
        Ok(value)
    }

    /// The response to a faulty request: a missing permission is reported before the `fault`.
    pub(crate) async fn unless_refused(&self, state: &AppState, target: P::Target, fault: Problem) -> Problem {
        match self.look(state, target, |_, _| Ok::<_, StorageError>(())).await {
            Ok(()) => fault,
            Err(refusal) => refusal,
        }
    }
}

/// The API key whose last use must be recorded.
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
