//! Holds. Whether one counts follows from its expiry, so nothing counts them.

use domain::error::StorageError;
use domain::ports::{Holds, ReadHolds};
use domain::{AccountId, Hold, HoldId, Meter, Timestamp};

use super::{END, SqlTx, limit};
use crate::tables::{self, HOLDS, Sql, sql};

impl ReadHolds for SqlTx<'_> {
    fn find_hold(&mut self, account: AccountId, id: HoldId) -> Result<Option<Hold>, StorageError> {
        self.find(
            sql!("SELECT {} FROM holds WHERE account_id = $1 AND id = $2", HOLDS.column_list()),
            &[account.uuid().into(), id.uuid().into()],
            tables::hold,
        )
    }

    fn list_live_holds(
        &mut self,
        account: AccountId,
        meter: Option<&Meter>,
        now: Timestamp,
    ) -> Result<Vec<Hold>, StorageError> {
        if self.without_holds == Some(account) {
            return Ok(Vec::new());
        }
        // The condition is that of `Hold::is_live`. No meter is named so, and `''` stands for all.
        self.list(
            sql!(
                "SELECT {} FROM holds
                 WHERE account_id = $1 AND $2 IN (meter, '') AND state = 'held' AND expires_at > $3
                 ORDER BY expires_at, id",
                HOLDS.column_list()
            ),
            &[account.uuid().into(), meter.map_or("", Meter::as_str).into(), now.into()],
            tables::hold,
        )
    }

    fn count_live_holds(&mut self, account: AccountId, now: Timestamp) -> Result<u64, StorageError> {
        let sql = sql!("SELECT count(*) FROM holds WHERE account_id = $1 AND state = 'held' AND expires_at > $2");
        let count = self.find(sql, &[account.uuid().into(), now.into()], |row| row.quantity(0))?;
        Ok(count.unwrap_or(0))
    }

    fn list_holds(&mut self, account: AccountId, after: Option<HoldId>, max: usize) -> Result<Vec<Hold>, StorageError> {
        self.list(
            sql!(
                "SELECT {} FROM holds WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
                HOLDS.column_list()
            ),
            &[account.uuid().into(), after.map_or(END, HoldId::uuid).into(), limit(max)],
            tables::hold,
        )
    }
}

impl Holds for SqlTx<'_> {
    fn insert_hold(&mut self, hold: &Hold) -> Result<(), StorageError> {
        self.without_holds = None;
        self.insert(&HOLDS, &tables::hold_values(hold))
    }

    fn update_hold(&mut self, hold: &Hold) -> Result<(), StorageError> {
        self.without_holds = None;
        let values = HOLDS.changing(tables::hold_values(hold));
        self.change("hold", HOLDS.update(), &values)
    }

    fn delete_expired_holds(&mut self, until: Timestamp, max: usize) -> Result<usize, StorageError> {
        const OLDEST: &str = "SELECT account_id, id FROM holds WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2";
        static DELETE: std::sync::LazyLock<Sql> = std::sync::LazyLock::new(|| {
            let delete = |end: &str| format!("DELETE FROM holds WHERE (account_id, id) IN ({OLDEST}{end})");
            // Skips rows that another process is deleting.
            Sql::per_dialect(&delete(""), &delete(" FOR UPDATE SKIP LOCKED"))
        });
        self.delete(&DELETE, until, max)
    }
}
