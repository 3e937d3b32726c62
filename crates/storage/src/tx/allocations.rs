//! Allocations, and the sum of their quantities in each meter.

use domain::error::StorageError;
use domain::ports::{Allocations, ReadAllocations};
use domain::{AccountId, Allocation, AllocationKey, Meter, UNBOUNDED};

use super::{SqlTx, limit};
use crate::tables::{self, ALLOCATIONS, sql};

impl SqlTx<'_> {
    /// Changes the counter of the meter by the difference of two quantities.
    fn count_allocation(&mut self, account: AccountId, meter: &Meter, from: u64, to: u64) -> Result<(), StorageError> {
        // The counter of a gauge has the key of its meter.
        let counter = meter.as_str();
        match to.checked_sub(from) {
            Some(0) => Ok(()),
            Some(more) => self.add_usage(account, counter, UNBOUNDED, more),
            None => self.remove_usage(account, counter, UNBOUNDED, from - to),
        }
    }
}

impl ReadAllocations for SqlTx<'_> {
    fn find_allocation(
        &mut self,
        account: AccountId,
        meter: &Meter,
        key: &AllocationKey,
    ) -> Result<Option<Allocation>, StorageError> {
        self.find(
            sql!(
                "SELECT {} FROM allocations WHERE account_id = $1 AND meter = $2 AND key = $3",
                ALLOCATIONS.column_list()
            ),
            &[account.uuid().into(), meter.as_str().into(), key.as_str().into()],
            tables::allocation,
        )
    }

    fn list_allocations(
        &mut self,
        account: AccountId,
        meter: &Meter,
        after: Option<&AllocationKey>,
        max: usize,
    ) -> Result<Vec<Allocation>, StorageError> {
        self.list(
            sql!(
                "SELECT {} FROM allocations WHERE account_id = $1 AND meter = $2 AND key > $3 ORDER BY key LIMIT $4",
                ALLOCATIONS.column_list()
            ),
            &[account.uuid().into(), meter.as_str().into(), after.map_or("", AllocationKey::as_str).into(), limit(max)],
            tables::allocation,
        )
    }
}

impl Allocations for SqlTx<'_> {
    fn put_allocation(&mut self, allocation: &Allocation) -> Result<(), StorageError> {
        let Allocation { account_id, meter, key, quantity, .. } = allocation;
        let previous = self.find_allocation(*account_id, meter, key)?.map_or(0, |previous| previous.quantity);
        self.upsert(&ALLOCATIONS, &tables::allocation_values(allocation))?;
        self.count_allocation(*account_id, meter, previous, *quantity)
    }

    fn delete_allocation(
        &mut self,
        account: AccountId,
        meter: &Meter,
        key: &AllocationKey,
    ) -> Result<(), StorageError> {
        let Some(found) = self.find_allocation(account, meter, key)? else { return Ok(()) };
        let sql = sql!("DELETE FROM allocations WHERE account_id = $1 AND meter = $2 AND key = $3");
        self.execute(sql, &[account.uuid().into(), meter.as_str().into(), key.as_str().into()])?;
        self.count_allocation(account, meter, found.quantity, 0)
    }
}
