//! The plans of accounts, current and scheduled.

use std::collections::BTreeSet;

use domain::error::StorageError;
use domain::{AccountId, PlanKey};

use super::{SqlTx, limit};
use crate::tables::{Sql, parsed, sql};

impl SqlTx<'_> {
    /// Every current or scheduled plan of an account, by ascending key. One query for each plan,
    /// independent of the number of accounts.
    pub(super) fn plans_in_use(&mut self) -> Result<Vec<PlanKey>, StorageError> {
        let mut plans = BTreeSet::new();
        for sql in [
            sql!("SELECT plan FROM accounts WHERE plan > $1 ORDER BY plan LIMIT 1"),
            sql!("SELECT scheduled_plan FROM accounts WHERE scheduled_plan > $1 ORDER BY scheduled_plan LIMIT 1"),
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
        sql: &'static Sql,
        after: Option<&PlanKey>,
    ) -> Result<Option<PlanKey>, StorageError> {
        self.find(sql, &[after.map_or("", PlanKey::as_str).into()], |row| parsed(row.text(0)?, str::parse))
    }

    /// The first `max` accounts whose current or scheduled plan is `plan`, by ascending id.
    pub(super) fn accounts_on(&mut self, plan: &PlanKey, max: usize) -> Result<Vec<AccountId>, StorageError> {
        let mut accounts = BTreeSet::new();
        for sql in [
            sql!("SELECT id FROM accounts WHERE plan = $1 ORDER BY id LIMIT $2"),
            sql!("SELECT id FROM accounts WHERE scheduled_plan = $1 ORDER BY id LIMIT $2"),
        ] {
            let params = [plan.as_str().into(), limit(max)];
            accounts.extend(self.list(sql, &params, |row| row.uuid(0).map(AccountId::from_uuid))?);
        }
        Ok(accounts.into_iter().take(max).collect())
    }
}
