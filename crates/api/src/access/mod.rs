//! Who may: the caller that a handler names together with the permission it takes, and the units of work it runs in.
//!
//! What a caller shows is looked at in the same unit of work as what they do. A session that was revoked, a user who was
//! shut out, a member who was removed is refused on the very next request, by every process.

mod audit;
mod credential;
mod dry_run;
mod guest;
mod page;
mod permission;
mod requests;

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use domain::error::{AccessError, StorageError};
use domain::ports::{ReadTx, Store, WriteTx};
use domain::{Actor, ApiKeyId, AuditEntryId, Credential, Origin, Timestamp, use_cases};

use crate::AppState;
use crate::http::{CallerName, Unread};
use crate::idempotency::{Answer, IdempotencyError, IdempotencyHeader, IdempotentRequest};
use crate::problem::Problem;
use audit::origin;
pub(crate) use audit::{AuditWriter, Effect};
pub use credential::Shown;
pub(crate) use dry_run::DryRunQuery;
pub(crate) use guest::Guest;
pub(crate) use page::PageQuery;
pub(crate) use permission::{Leaver, LoggedIn, Manager, Opener, Operator, Owner, Permission, Reader, Remover, Viewer};

/// Whoever shows a credential of which nothing but the store can say whether it is still good, on a request that takes
/// the permission `P`.
pub(crate) struct Caller<P> {
    credential: Credential,
    origin: Origin,
    idempotency: Option<Box<IdempotencyHeader>>,
    /// What of the request its handler may not look at.
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

impl<P: Permission> Caller<P> {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let (credential, idempotency) = (credential::show(request)?, IdempotencyHeader::of(request));
        let unread = Unread::of(request);
        Ok(Self { credential, origin: origin(request), idempotency, unread, permission: PhantomData })
    }

    /// Where the request came from.
    pub(crate) fn origin(&self) -> Origin {
        self.origin.clone()
    }

    /// Notes the request's body, which makes a difference to a request that is to be done once.
    pub(crate) fn note_body(&self, body: &Bytes) {
        if let Some(header) = &self.idempotency {
            header.note_body(body);
        }
    }

    /// Whether the handler has looked at all that the request asks for. That the caller may not comes first.
    async fn check_unread(&self, state: &AppState, target: P::Target) -> Result<(), Problem> {
        match self.unread.as_ref().and_then(|unread| unread.refusal()) {
            None => Ok(()),
            Some(fault) => Err(self.unless_refused(state, target, fault).await),
        }
    }

    /// What the request is done once by, if it is to be. That the caller may not comes before a fault of its key.
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

    /// As [`Caller::write`], for a POST: `respond` makes the answer of what `work` made. With an `Idempotency-Key` that is
    /// done once: whoever sends the same again gets the same answer, and neither `work` nor `effect` comes to run.
    pub(crate) async fn post<T, E>(
        &self,
        state: &AppState,
        target: P::Target,
        now: Timestamp,
        work: impl FnMut(&mut dyn WriteTx, &Actor) -> Result<T, E> + Send + 'static,
        effect: impl Fn(&T) -> Option<Effect> + Send + 'static,
        respond: impl Fn(T) -> Answer + Send + 'static,
    ) -> Result<HttpResponse, Problem>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        Problem: From<E>,
    {
        self.post_unless_gone(state, target, now, |_, _, _| Ok(false), work, effect, respond).await
    }

    /// The same, for what may be gone when it is asked for again, or no longer for the caller to see. Then the first answer is
    /// not given again: `is_gone` says so. Where the permission is about the account, that they may no longer see it is found
    /// out before.
    #[expect(clippy::too_many_arguments, reason = "what a POST does, in the order in which it happens")]
    pub(crate) async fn post_unless_gone<T, E>(
        &self,
        state: &AppState,
        target: P::Target,
        now: Timestamp,
        is_gone: impl Fn(&mut dyn WriteTx, &Actor, &Answer) -> Result<bool, E> + Send + 'static,
        mut work: impl FnMut(&mut dyn WriteTx, &Actor) -> Result<T, E> + Send + 'static,
        effect: impl Fn(&T) -> Option<Effect> + Send + 'static,
        respond: impl Fn(T) -> Answer + Send + 'static,
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
        let work_once = move |tx: &mut dyn WriteTx, actor: &Actor| {
            let mut effect_of_it = None;
            let do_it = |tx: &mut dyn WriteTx| {
                let value = work(tx, actor)?;
                effect_of_it = effect(&value);
                Ok(respond(value))
            };
            let answer = idempotent.run(tx, now, |tx, answer| is_gone(tx, actor, answer), do_it)?;
            Ok((answer, effect_of_it))
        };
        // What was done may have taken the role away that it took: a transfer does.
        let if_forbidden = move |tx: &mut dyn WriteTx| match known.find(tx, now) {
            // That they may not comes first.
            Err(IdempotencyError::KeyReused) => Ok(None),
            found => Ok(found?.map(|answer| (answer, None))),
        };
        let effect = |(_, effect): &(Answer, Option<Effect>)| effect.clone();
        let done = self.write_or::<_, IdempotencyError<E>>(state, target, now, work_once, effect, if_forbidden);
        let (answer, _) = done.await?;
        Ok(answer.into())
    }

    /// The answer to the same request before, if it is to be done once and was done: for a handler that has more to look
    /// at than the store before its [`Caller::post`], and might not find it as it was.
    pub(crate) async fn answered(&self, state: &AppState, target: P::Target) -> Result<Option<HttpResponse>, Problem> {
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

    /// As [`Caller::read`], whatever else the request asks for.
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
        let (value, actor) = state.store.read(unit).await.map_err(Denied::into_problem)?;
        state.policy.rate_limits.key_owners.learn(&self.credential, actor.user_id);
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
        work: impl FnMut(&mut dyn WriteTx, &Actor) -> Result<T, E> + Send + 'static,
        effect: impl Fn(&T) -> Option<Effect> + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        Problem: From<E>,
    {
        self.write_or(state, target, now, work, effect, |_| Ok(None)).await
    }

    /// As [`Caller::write`]. A caller whom the account knows, but whose role or scope is too little, gets what
    /// `if_forbidden` finds for them, if it finds anything.
    async fn write_or<T, E>(
        &self,
        state: &AppState,
        target: P::Target,
        now: Timestamp,
        mut work: impl FnMut(&mut dyn WriteTx, &Actor) -> Result<T, E> + Send + 'static,
        effect: impl Fn(&T) -> Option<Effect> + Send + 'static,
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
        let (value, user) = state.store.write(unit).await.map_err(Denied::into_problem)?;
        if let Some(user) = user {
            state.policy.rate_limits.key_owners.learn(&self.credential, user);
        }
        Ok(value)
    }

    /// What to answer when a request is faulty: that the caller may not comes first.
    pub(crate) async fn unless_refused(&self, state: &AppState, target: P::Target, fault: Problem) -> Problem {
        match self.look(state, target, |_, _| Ok::<_, StorageError>(())).await {
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
