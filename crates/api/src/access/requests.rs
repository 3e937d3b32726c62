//! Bodies and queries of callers: a missing permission is reported before any fault of the request.

use super::{Caller, Permission};
use crate::AppState;
use crate::http::{Body, CatalogFields, Parameters, Query};
use crate::problem::Problem;

impl<T: CatalogFields> Body<T> {
    /// As [`Body::parse_in`], for a caller: a missing permission is reported before any fault of the
    /// body.
    pub(crate) async fn parse_for<P: Permission>(
        self,
        caller: &Caller<P>,
        target: P::Target,
        state: &AppState,
    ) -> Result<T::Parsed, Problem> {
        caller.note_body(self.bytes());
        match self.parse_in(&state.catalog.get()) {
            Ok(parsed) => Ok(parsed),
            Err(fault) => Err(caller.unless_refused(state, target, fault).await),
        }
    }
}

impl Query {
    /// As [`Query::parse`], for a caller: a missing permission is reported before any fault of the
    /// query.
    pub(crate) async fn parse_for<P: Permission, T>(
        self,
        caller: &Caller<P>,
        target: P::Target,
        state: &AppState,
        read: impl FnOnce(&mut Parameters) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        match self.parse(read) {
            Ok(value) => Ok(value),
            Err(fault) => Err(caller.unless_refused(state, target, fault).await),
        }
    }
}
