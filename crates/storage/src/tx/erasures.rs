//! Erasure, in steps: each erases rows of one table, and stores how far it is.

use std::sync::LazyLock;

use domain::error::StorageError;
use domain::ports::{Erasures, ReadErasures};
use domain::{
    AccountId, ERASED, Erasure, ErasureCounts, ErasureSubject, ExternalId, Timestamp, UNBOUNDED, UserId, Uuid,
};

use super::bookings::BOOKING_LIST;
use super::day_lists::DayList;
use super::usage_records::USAGE_LIST;
use super::{STAFF, SqlTx, limit};
use crate::tables::{
    self, ALLOCATIONS, ERASURES, ErasurePosition, FEATURE_OVERRIDES, GRANTS, HOLDS, MEMBERS, OVERRIDES,
    SUBSCRIPTION_CHANGES, Sql, Table, sql,
};

/// The tables whose rows of an erased account are deleted, and that no counter counts; allocations,
/// whose counters are marked first, are the last.
static DELETED: LazyLock<[Sql; 7]> = LazyLock::new(|| {
    [&MEMBERS, &OVERRIDES, &FEATURE_OVERRIDES, &GRANTS, &SUBSCRIPTION_CHANGES, &HOLDS, &ALLOCATIONS].map(delete_some)
});

/// The tables whose rows name the user and the request that created them, by account and id.
static CREATED: LazyLock<[Created; 5]> = LazyLock::new(|| {
    [
        Created::new("staff_members", "created_by", false),
        Created::new("bookings", "created_by", true),
        Created::new("usage_records", "created_by", true),
        Created::new("holds", "created_by", false),
        Created::new("audit_entries", "user_id", false),
    ]
});

/// Deletes up to `$2` rows of account `$1`.
fn delete_some(table: &Table) -> Sql {
    let (name, key) = (table.name, &table.key[1..]);
    let keys = key.join(", ");
    let tuple = if key.len() == 1 { keys.clone() } else { format!("({keys})") };
    let some = format!("SELECT {keys} FROM {name} WHERE account_id = $1 ORDER BY {keys} LIMIT $2");
    Sql::new(&format!("DELETE FROM {name} WHERE account_id = $1 AND {tuple} IN ({some})"))
}

/// A table whose rows name the user and the request that created them.
struct Created {
    /// Up to `$3` rows after a position: account, id, user.
    read: Sql,
    /// Erases the request of a row.
    erase: Sql,
}

impl Created {
    fn new(table: &str, user: &str, has_index_of_ids: bool) -> Self {
        let read = |condition, order| {
            format!("SELECT account_id, id, {user} FROM {table} WHERE {condition} ORDER BY {order} LIMIT $3")
        };
        let by_account = read("(account_id, id) > ($1, $2)", "account_id, id");
        let by_id = read("id > $2", "id");
        Self {
            // SQLite has no index by account of the tables that begin with the day.
            read: Sql::per_dialect(if has_index_of_ids { &by_id } else { &by_account }, &by_account),
            erase: Sql::new(&format!(
                "UPDATE {table} SET request_id = '{ERASED}', address = NULL WHERE account_id = $1 AND id = $2"
            )),
        }
    }
}

/// How an erasure goes on after a step.
enum Next {
    /// With more rows of the same table, after these.
    After(Uuid, Uuid),
    /// With the next step.
    Step,
    /// It is complete.
    Done,
}

impl SqlTx<'_> {
    /// The first erasure that no other unit works on.
    fn next_erasure(&mut self) -> Result<Option<(Erasure, ErasurePosition)>, StorageError> {
        static FIRST: LazyLock<Sql> = LazyLock::new(|| {
            let columns = ERASURES.column_list();
            let first = format!("SELECT {columns} FROM erasures WHERE subject_id >= $1 ORDER BY subject_id LIMIT 1");
            Sql::per_dialect(&first, &format!("{first} FOR UPDATE SKIP LOCKED"))
        });
        self.find(&FIRST, &[Uuid::nil().into()], tables::erasure)
    }

    fn erase_of_account(
        &mut self,
        account: AccountId,
        requested_at: Timestamp,
        position: ErasurePosition,
        max: usize,
    ) -> Result<Next, StorageError> {
        let step = position.step as usize;
        let deleted = DELETED.len();
        if let Some(delete) = DELETED.get(step) {
            if step + 1 == deleted {
                self.mark_gauges(account)?;
            }
            let count = self.execute(delete, &[account.uuid().into(), limit(max)])?;
            let is_done = usize::try_from(count).is_ok_and(|count| count < max);
            return Ok(if is_done { Next::Step } else { Next::After(Uuid::nil(), Uuid::nil()) });
        }
        match step - deleted {
            0 => self.erase_list(&BOOKING_LIST, account, max, Self::discard_booking),
            1 => self.erase_list(&USAGE_LIST, account, max, Self::discard_usage_record),
            2 => self.erase_range(
                sql!("SELECT id FROM staff_members WHERE account_id = $1 AND id > $2 ORDER BY id LIMIT $3"),
                sql!(
                    "UPDATE staff_members SET name = '{ERASED}', email = NULL, request_id = '{ERASED}', address = NULL
                     WHERE account_id = $1 AND id > $2 AND id <= $3 AND created_at <= $4"
                ),
                (account, position.after_id, requested_at),
                max,
            ),
            3 => self.erase_range(
                sql!("SELECT id FROM audit_entries WHERE account_id = $1 AND id > $2 ORDER BY id LIMIT $3"),
                // The resource of allocations is a key that the caller chose. The entry of the erasure
                // itself stays.
                sql!(
                    "UPDATE audit_entries SET request_id = '{ERASED}', address = NULL,
                         resource = CASE WHEN action LIKE 'allocation%' THEN '{ERASED}' ELSE resource END
                     WHERE account_id = $1 AND id > $2 AND id <= $3 AND created_at < $4"
                ),
                (account, position.after_id, requested_at),
                max,
            ),
            _ => Ok(Next::Done),
        }
    }

    /// Erases the texts of up to `max` rows of an account after an id.
    fn erase_range(
        &mut self,
        read: &'static Sql,
        erase: &'static Sql,
        (account, after, requested_at): (AccountId, Uuid, Timestamp),
        max: usize,
    ) -> Result<Next, StorageError> {
        let ids = self.list(read, &[account.uuid().into(), after.into(), limit(max)], |row| row.uuid(0))?;
        let Some(last) = ids.last().copied() else { return Ok(Next::Step) };
        self.execute(erase, &[account.uuid().into(), after.into(), last.into(), requested_at.into()])?;
        Ok(if ids.len() < max { Next::Step } else { Next::After(account.uuid(), last) })
    }

    /// Marks the counters of what exists, but staff members, whose rows stay.
    fn mark_gauges(&mut self, account: AccountId) -> Result<(), StorageError> {
        let sql = sql!(
            "UPDATE usage_counters SET is_recorded = $3
             WHERE account_id = $1 AND window_start = $2 AND metric <> '{STAFF}' AND is_recorded"
        );
        self.execute(sql, &[account.uuid().into(), UNBOUNDED.into(), false.into()]).map(drop)
    }

    /// Deletes up to `max` rows of a list by day.
    fn erase_list<T>(
        &mut self,
        list: &'static DayList<T>,
        account: AccountId,
        max: usize,
        discard: fn(&mut Self, &T) -> Result<(), StorageError>,
    ) -> Result<Next, StorageError> {
        let mut after = None;
        loop {
            let page = self.list_by_day(list, account, (None, None), after, max, |_| true)?;
            page.items.iter().try_for_each(|row| discard(self, row))?;
            match page.next {
                None => return Ok(Next::Step),
                // A page may be empty although others follow.
                Some(next) if page.items.is_empty() => after = Some(next),
                Some(_) => return Ok(Next::After(Uuid::nil(), Uuid::nil())),
            }
        }
    }

    fn erase_of_user(&mut self, user: UserId, position: ErasurePosition, max: usize) -> Result<Next, StorageError> {
        let ErasurePosition { step, after_account, after_id } = position;
        if let Some(table) = CREATED.get(step as usize) {
            let params = [after_account.into(), after_id.into(), limit(max)];
            let rows = self.list(&table.read, &params, |row| Ok((row.uuid(0)?, row.uuid(1)?, row.uuid(2)?)))?;
            for (account, id, _) in rows.iter().filter(|(_, _, by)| *by == user.uuid()) {
                self.execute(&table.erase, &[(*account).into(), (*id).into()])?;
            }
            let last = rows.last().filter(|_| rows.len() == max);
            return Ok(last.map_or(Next::Step, |(account, id, _)| Next::After(*account, *id)));
        }
        if step as usize > CREATED.len() {
            return Ok(Next::Done);
        }
        // The allocations of one account after the other: their key has no id.
        let next = sql!("SELECT account_id FROM allocations WHERE account_id > $1 ORDER BY account_id LIMIT 1");
        let Some(account) = self.find(next, &[after_account.into()], |row| row.uuid(0))? else { return Ok(Next::Step) };
        let erase = sql!(
            "UPDATE allocations SET request_id = '{ERASED}', address = NULL WHERE account_id = $1 AND created_by = $2"
        );
        self.execute(erase, &[account.into(), user.uuid().into()])?;
        Ok(Next::After(account, Uuid::nil()))
    }

    fn count_rows(&mut self, sql: &'static Sql, id: Uuid) -> Result<u64, StorageError> {
        Ok(self.count(sql, &[id.into()])?.into())
    }

    fn count_of_account(&mut self, id: AccountId) -> Result<ErasureCounts, StorageError> {
        let account = id.uuid();
        Ok(ErasureCounts {
            members: self.count_rows(sql!("SELECT count(*) FROM members WHERE account_id = $1"), account)?,
            staff_members: self
                .count_rows(sql!("SELECT count(*) FROM staff_members WHERE account_id = $1"), account)?,
            bookings: self.count_by_day(&BOOKING_LIST, id)?,
            usage_records: self.count_by_day(&USAGE_LIST, id)?,
            allocations: self.count_rows(sql!("SELECT count(*) FROM allocations WHERE account_id = $1"), account)?,
            holds: self.count_rows(sql!("SELECT count(*) FROM holds WHERE account_id = $1"), account)?,
            audit_entries: self
                .count_rows(sql!("SELECT count(*) FROM audit_entries WHERE account_id = $1"), account)?,
            ..ErasureCounts::default()
        })
    }

    fn count_of_user(&mut self, id: UserId) -> Result<ErasureCounts, StorageError> {
        let user = id.uuid();
        Ok(ErasureCounts {
            members: self.count_rows(sql!("SELECT count(*) FROM members WHERE user_id = $1"), user)?,
            sessions: self.count_rows(sql!("SELECT count(*) FROM sessions WHERE user_id = $1"), user)?,
            api_keys: self.count_rows(sql!("SELECT count(*) FROM api_keys WHERE user_id = $1"), user)?,
            ..ErasureCounts::default()
        })
    }
}

impl ReadErasures for SqlTx<'_> {
    fn count_erasable(&mut self, subject: ErasureSubject) -> Result<ErasureCounts, StorageError> {
        match subject {
            ErasureSubject::Account(id) => self.count_of_account(id),
            ErasureSubject::User(id) => self.count_of_user(id),
        }
    }
}

impl Erasures for SqlTx<'_> {
    fn release_external_id(&mut self, account: AccountId, external_id: &ExternalId) -> Result<(), StorageError> {
        self.account = None;
        self.execute(sql!("UPDATE accounts SET external_id = NULL WHERE id = $1"), &[account.uuid().into()])?;
        let sql = sql!("DELETE FROM external_ids WHERE external_id = $1");
        self.execute(sql, &[external_id.as_str().into()]).map(drop)
    }

    fn insert_erasure(&mut self, erasure: &Erasure) -> Result<(), StorageError> {
        self.insert(&ERASURES, &tables::erasure_values(erasure, ErasurePosition::default()))
    }

    fn continue_erasure(&mut self, max: usize) -> Result<bool, StorageError> {
        let Some((erasure, position)) = self.next_erasure()? else { return Ok(false) };
        let next = match erasure.subject {
            ErasureSubject::Account(id) => self.erase_of_account(id, erasure.requested_at, position, max)?,
            ErasureSubject::User(id) => self.erase_of_user(id, position, max)?,
        };
        let position = match next {
            Next::After(after_account, after_id) => ErasurePosition { after_account, after_id, ..position },
            Next::Step => ErasurePosition { step: position.step + 1, ..ErasurePosition::default() },
            Next::Done => {
                let sql = sql!("DELETE FROM erasures WHERE subject_id = $1");
                let [subject, ..] = tables::erasure_values(&erasure, position);
                return self.execute(sql, &[subject]).map(|_| true);
            }
        };
        let values = ERASURES.changing(tables::erasure_values(&erasure, position));
        self.change("erasure", ERASURES.update(), &values)?;
        Ok(true)
    }
}
