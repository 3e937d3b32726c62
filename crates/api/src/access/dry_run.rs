//! `?dry_run=true`: a request that returns what it would do, without an effect.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use domain::error::StorageError;
use domain::ports::ReadTx;
use domain::{Actor, DryRun};
use serde::Serialize;

use super::{Caller, Permission};
use crate::AppState;
use crate::http::{Query, json};
use crate::problem::Problem;

/// The header of each response to a dry run.
const IS_DRY_RUN: (HeaderName, HeaderValue) = (HeaderName::from_static("dry-run"), HeaderValue::from_static("true"));

/// The query of a request with `?dry_run=true`. It has no other parameters.
pub(crate) struct DryRunQuery(Query);

impl FromRequest for DryRunQuery {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Query::from_request(request, payload).into_inner().map(Self))
    }
}

impl DryRunQuery {
    /// Whether this is a dry run. A missing permission is reported before a fault of the query.
    pub(crate) async fn parse_for<P: Permission>(
        self,
        caller: &Caller<P>,
        target: P::Target,
        state: &AppState,
    ) -> Result<bool, Problem> {
        self.0.parse_for(caller, target, state, |parameters| parameters.flag("dry_run")).await
    }
}

impl<P: Permission> Caller<P> {
    /// Answers 200 with the result of `work`, or with its refusal: on a snapshot, with nothing
    /// written. An `Idempotency-Key` must be valid, but is not stored.
    pub(crate) async fn dry_run<T, E, B: Serialize>(
        &self,
        state: &AppState,
        target: P::Target,
        work: impl FnOnce(&mut DryRun<'_>, &Actor) -> Result<T, E> + Send + 'static,
        body: impl FnOnce(T) -> B,
    ) -> Result<HttpResponse, Problem>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        Problem: From<E>,
    {
        self.idempotent_request(state, target).await?;
        let work = move |tx: &mut dyn ReadTx, actor: &Actor| work(tx, actor);
        let made = self.read(state, target, work).await?;
        let mut response = HttpResponse::Ok();
        Ok(json(response.insert_header(IS_DRY_RUN), &body(made)))
    }

    /// As [`Caller::dry_run`], for a removal: answers 204.
    pub(crate) async fn dry_run_removal<T, E>(
        &self,
        state: &AppState,
        target: P::Target,
        work: impl FnOnce(&mut DryRun<'_>, &Actor) -> Result<T, E> + Send + 'static,
    ) -> Result<HttpResponse, Problem>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
        Problem: From<E>,
    {
        self.read(state, target, move |tx, actor| work(tx, actor)).await?;
        Ok(HttpResponse::NoContent().insert_header(IS_DRY_RUN).finish())
    }
}
