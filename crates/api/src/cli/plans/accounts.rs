//! What a catalogue means for the accounts in the database.
//!
//! Each page of accounts is read on a snapshot of its own, so that no snapshot lives long: in SQLite
//! the write-ahead log grows while a snapshot is open.

use std::sync::Arc;

use domain::error::{Excess, StorageError};
use domain::ports::{ReadTx, Store};
use domain::{Account, AccountId, PlanCatalog, Timestamp, rules, use_cases};
use serde::Serialize;
use serde_json::Value;
use storage::AnyStore;

use crate::plans::{self, PlansInUseError, Vanished, written_limit};

/// How many accounts are read on one snapshot.
const ACCOUNTS_MAX: usize = 200;
/// How many accounts over a limit are listed. More are only counted.
const LISTED_MAX: usize = 100;

/// The accounts of the database, under another catalogue.
#[derive(Debug, Default, Serialize)]
pub(super) struct AccountsReport {
    /// How many accounts were compared.
    pub(super) compared: u64,
    /// How many of them would be over a limit.
    pub(super) over_total: u64,
    /// The first of these, up to [`LISTED_MAX`].
    pub(super) over: Vec<AccountOver>,
    /// The plans of accounts that the catalogue lacks. The server refuses such a catalogue.
    pub(super) vanished_plans: Vec<VanishedPlan>,
    /// What is counted in the database, but by no metric of the catalogue.
    pub(super) uncounted_metrics: Vec<String>,
}

/// A plan of accounts that the catalogue lacks.
#[derive(Debug, Serialize)]
pub(super) struct VanishedPlan {
    pub(super) plan: String,
    /// How many accounts are on it; at least as many if `or_more`.
    pub(super) accounts: usize,
    pub(super) or_more: bool,
}

impl From<&Vanished> for VanishedPlan {
    fn from(vanished: &Vanished) -> Self {
        let (accounts, or_more) = vanished.count();
        Self { plan: vanished.plan().to_string(), accounts, or_more }
    }
}

/// An account that would be over a limit.
#[derive(Debug, Serialize)]
pub(super) struct AccountOver {
    pub(super) account_id: String,
    pub(super) plan: String,
    pub(super) limits: Vec<LimitOver>,
}

/// A limit that an account would be over, now or in the current window.
#[derive(Debug, Serialize)]
pub(super) struct LimitOver {
    pub(super) metric: String,
    pub(super) used: u64,
    /// The limit of the account at present; null without such a metric.
    pub(super) limit_now: Value,
    pub(super) limit: u64,
    pub(super) over: u64,
}

/// Reads all accounts, in pages.
pub(super) async fn compare(
    store: &AnyStore,
    old: PlanCatalog,
    new: PlanCatalog,
    now: Timestamp,
) -> Result<AccountsReport, StorageError> {
    let catalogs = Arc::new((old, new));
    let mut report = read_plans_and_metrics(store, Arc::clone(&catalogs)).await?;
    let mut after = None;
    loop {
        let catalogs = Arc::clone(&catalogs);
        let read = move |tx: &mut dyn ReadTx| {
            let page = tx.list_accounts(None, false, after, ACCOUNTS_MAX)?;
            let mut over = Vec::new();
            for account in &page.items {
                let excesses = use_cases::list_excesses(tx, &catalogs.1, account, now)?;
                over.extend(account_over(account, &excesses, &catalogs, now));
            }
            Ok::<_, StorageError>((page.items.len(), over, page.next))
        };
        let (compared, over, next): (usize, Vec<AccountOver>, Option<AccountId>) = store.read(read).await?;
        report.compared += compared as u64;
        report.over_total += over.len() as u64;
        let room = LISTED_MAX.saturating_sub(report.over.len());
        report.over.extend(over.into_iter().take(room));
        after = next;
        if after.is_none() {
            return Ok(report);
        }
    }
}

async fn read_plans_and_metrics(
    store: &AnyStore,
    catalogs: Arc<(PlanCatalog, PlanCatalog)>,
) -> Result<AccountsReport, StorageError> {
    let read = move |tx: &mut dyn ReadTx| {
        let new = &catalogs.1;
        let vanished_plans = match plans::check_in_use(tx, new) {
            Ok(()) => Vec::new(),
            Err(PlansInUseError::Vanished(vanished)) => vanished.iter().map(VanishedPlan::from).collect(),
            Err(PlansInUseError::Storage(error)) => return Err(error),
        };
        let in_use = tx.list_metrics_in_use()?.into_iter();
        let uncounted = in_use.filter(|counter| new.metrics().iter().all(|metric| metric.counter() != *counter));
        let uncounted_metrics = uncounted.map(|counter| counter.to_string()).collect();
        Ok(AccountsReport { vanished_plans, uncounted_metrics, ..AccountsReport::default() })
    };
    store.read(read).await
}

fn account_over(
    account: &Account,
    excesses: &[Excess],
    (old, new): &(PlanCatalog, PlanCatalog),
    now: Timestamp,
) -> Option<AccountOver> {
    let key = rules::check_subscription(account, now).ok().filter(|_| !excesses.is_empty())?;
    let limit_now = |excess: &Excess| {
        let plan = old.resolve(key).filter(|_| old.metric(excess.metric.as_str()).is_some());
        plan.map_or(Value::Null, |plan| written_limit(account.limits_on(plan, now).limit(&excess.metric)))
    };
    let limits = excesses.iter().map(|excess| LimitOver {
        metric: excess.metric.to_string(),
        used: excess.used,
        limit_now: limit_now(excess),
        limit: excess.new_limit,
        over: excess.excess(),
    });
    Some(AccountOver {
        account_id: account.id.to_string(),
        plan: new.resolve(key)?.key.to_string(),
        limits: limits.collect(),
    })
}
