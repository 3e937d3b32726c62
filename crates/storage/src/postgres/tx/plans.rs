//! Which plans accounts are on, or will be.

use std::collections::BTreeSet;

use domain::error::StorageError;
use domain::{AccountId, PlanKey};

use super::PgTx;
use crate::postgres::row;

impl PgTx<'_> {
    /// Every plan that an account is on or has scheduled, by rising key: a look-up for each plan, however many accounts
    /// there are.
    pub(super) fn plans_in_use(&mut self) -> Result<Vec<PlanKey>, StorageError> {
        // Sorted here, by bytes: the database goes by its own collation.
        let mut plans = BTreeSet::new();
        for sql in [
            "SELECT plan FROM accounts WHERE plan > $1 ORDER BY plan LIMIT 1",
            "SELECT plan FROM scheduled_changes WHERE plan > $1 ORDER BY plan LIMIT 1",
        ] {
            let mut last = None;
            while let Some(plan) = self.next_plan_in_use(sql, last.as_ref())? {
                plans.insert(plan.clone());
                last = Some(plan);
            }
        }
        Ok(plans.into_iter().collect())
    }

    fn next_plan_in_use(
        &mut self,
        sql: &'static str,
        after: Option<&PlanKey>,
    ) -> Result<Option<PlanKey>, StorageError> {
        self.find(sql, &[&after.map_or("", PlanKey::as_str)], |found| row::parsed(found, 0, str::parse))
    }

    /// The first `max` of the accounts that are on `plan` or have it scheduled, by rising id.
    pub(super) fn accounts_on(&mut self, plan: &PlanKey, max: usize) -> Result<Vec<AccountId>, StorageError> {
        let mut accounts = BTreeSet::new();
        // Said so, this is the order of the index by plan. Of equal plans PostgreSQL may choose to go through all accounts
        // in the order of their ids until it has found enough.
        for sql in [
            "SELECT id FROM accounts WHERE plan BETWEEN $1 AND $1 ORDER BY plan, id LIMIT $2",
            "SELECT account_id FROM scheduled_changes
             WHERE plan BETWEEN $1 AND $1 ORDER BY plan, account_id LIMIT $2",
        ] {
            let read = |found: &_| row::uuid(found, 0).map(AccountId::from_uuid);
            accounts.extend(self.list(sql, &[&plan.as_str(), &row::limit(max)], read)?);
        }
        Ok(accounts.into_iter().take(max).collect())
    }
}
