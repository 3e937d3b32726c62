//! Units of work of the request that a thread serves: traced if it is sampled, and their log lines
//! with its ids.

use std::future::Future;
use std::rc::Rc;

use domain::error::StorageError;
use domain::ports::{ReadTx, WriteTx};
use storage::{AnyStore, UnitStages};

use super::current::current;
use super::span::{RequestSpan, UnitKind};
use crate::logging::{TraceIds, with_trace};

/// A unit of work of a request.
struct TracedUnit {
    kind: UnitKind,
    span: Option<Rc<RequestSpan>>,
    stages: UnitStages,
}

impl TracedUnit {
    fn begin(kind: UnitKind) -> Self {
        let span = current();
        let is_sampled = span.as_ref().is_some_and(|span| span.is_sampled());
        let stages = if is_sampled { UnitStages::recorded() } else { UnitStages::default() };
        Self { kind, span, stages }
    }

    fn ids(&self) -> Option<TraceIds> {
        self.span.as_ref().map(|span| span.ids())
    }

    fn end(&self, store: &AnyStore) {
        if let Some(span) = self.span.as_ref().filter(|span| span.is_sampled()) {
            span.add_unit(self.kind, system(store), &self.stages.times());
        }
    }
}

const fn system(store: &AnyStore) -> &'static str {
    match store {
        AnyStore::Sqlite(_) => "sqlite",
        AnyStore::Postgres(_) => "postgresql",
    }
}

/// As [`domain::ports::Store::write`], as a part of the request.
pub(crate) fn write<T, E>(
    store: &AnyStore,
    mut work: impl FnMut(&mut dyn WriteTx) -> Result<T, E> + Send + 'static,
) -> impl Future<Output = Result<T, E>>
where
    T: Send + 'static,
    E: From<StorageError> + Send + 'static,
{
    let unit = TracedUnit::begin(UnitKind::Write);
    let ids = unit.ids();
    let work = move |tx: &mut dyn WriteTx| with_trace(ids, || work(tx));
    let result = store.write_staged(unit.stages.clone(), work);
    async move {
        let result = result.await;
        unit.end(store);
        result
    }
}

/// As [`domain::ports::Store::read`], as a part of the request.
pub(crate) fn read<T, E>(
    store: &AnyStore,
    work: impl FnOnce(&mut dyn ReadTx) -> Result<T, E> + Send + 'static,
) -> impl Future<Output = Result<T, E>>
where
    T: Send + 'static,
    E: From<StorageError> + Send + 'static,
{
    let unit = TracedUnit::begin(UnitKind::Read);
    let ids = unit.ids();
    let work = move |tx: &mut dyn ReadTx| with_trace(ids, || work(tx));
    let result = store.read_staged(unit.stages.clone(), work);
    async move {
        let result = result.await;
        unit.end(store);
        result
    }
}
