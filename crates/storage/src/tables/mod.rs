//! The tables of both databases, and the conversion of entities from and to their rows.
//!
//! Each file describes the columns of some tables, with the functions that read and write their
//! rows. The column lists of statements and `headroom copy` are derived from the descriptions. Keys
//! and indexes are in the migrations, because they differ between the two databases. A test
//! compares the columns of a migrated database with the descriptions.

mod accounts;
mod bookings;
mod grants;
mod metered;
mod records;
mod sql;
mod users;
mod value;

use std::sync::OnceLock;

pub(crate) use accounts::*;
pub(crate) use bookings::*;
pub(crate) use grants::*;
pub(crate) use metered::*;
pub(crate) use records::*;
pub(crate) use sql::{Sql, sql};
pub(crate) use users::*;
use value::Fields;
pub(crate) use value::{SqlRow, Value, corrupt, parsed};

/// The type of a column, independent of the database.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Bool,
    Bytes,
    Day,
    Instant,
    Integer,
    Text,
    Uuid,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// Whether the column may be null.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests compare it with the schema of a database"))]
    pub(crate) is_nullable: bool,
    /// Whether [`Table::update`] leaves it alone: it never changes, or another statement changes
    /// it.
    is_fixed: bool,
}

/// A table.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// The columns of the primary key, in PostgreSQL's order.
    pub(crate) key: &'static [&'static str],
    pub(crate) columns: &'static [Column],
    insert: OnceLock<Sql>,
    update: OnceLock<Sql>,
    upsert: OnceLock<Sql>,
}

impl Column {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, is_nullable: false, is_fixed: false }
    }

    const fn nullable(self) -> Self {
        Self { is_nullable: true, ..self }
    }

    const fn fixed(self) -> Self {
        Self { is_fixed: true, ..self }
    }
}

impl Table {
    const fn new(name: &'static str, key: &'static [&'static str], columns: &'static [Column]) -> Self {
        Self { name, key, columns, insert: OnceLock::new(), update: OnceLock::new(), upsert: OnceLock::new() }
    }

    /// The names of the columns, as a SELECT lists them.
    pub(crate) fn column_list(&self) -> String {
        self.columns_of("")
    }

    /// The names of the columns, each prefixed with the table's alias, such as `a.`.
    pub(crate) fn columns_of(&self, alias: &str) -> String {
        self.columns.iter().map(|column| format!("{alias}{}", column.name)).collect::<Vec<_>>().join(", ")
    }

    /// The text of a statement that inserts this number of rows. Its parameters are their values,
    /// row after row. A statement may add an end, for rows that exist already.
    pub(crate) fn insert_text(&self, rows: usize) -> String {
        let numbers: Vec<String> = (1..=rows * self.columns.len()).map(|number| format!("${number}")).collect();
        let rows: Vec<String> = numbers.chunks(self.columns.len()).map(|row| format!("({})", row.join(", "))).collect();
        format!("INSERT INTO {} ({}) VALUES {}", self.name, self.column_list(), rows.join(", "))
    }

    /// Inserts a row. Its parameters are the values of the columns, in their order.
    pub(crate) fn insert(&self) -> &Sql {
        self.insert.get_or_init(|| Sql::new(&self.insert_text(1)))
    }

    /// Inserts a row or updates the row with the same key. Its parameters are those of
    /// [`Table::insert`].
    pub(crate) fn upsert(&self) -> &Sql {
        self.upsert.get_or_init(|| {
            let changing = self.columns.iter().filter(|column| !self.is_key(column) && !column.is_fixed);
            let set: Vec<_> = changing.map(|Column { name, .. }| format!("{name} = excluded.{name}")).collect();
            let (insert, key) = (self.insert_text(1), self.key.join(", "));
            Sql::new(&format!("{insert} ON CONFLICT ({key}) DO UPDATE SET {}", set.join(", ")))
        })
    }

    /// Deletes up to `$2` rows whose time in `column` is `$1` or earlier, the oldest first. The key
    /// must be one column.
    pub(crate) fn delete_until(&self, column: &str) -> Sql {
        let (table, key) = (self.name, self.key.join(", "));
        let oldest = format!("SELECT {key} FROM {table} WHERE {column} <= $1 ORDER BY {column} LIMIT $2");
        Sql::per_dialect(
            &format!("DELETE FROM {table} WHERE {key} IN ({oldest})"),
            // Skips rows that another process is deleting. An array, so that the subquery runs
            // once.
            &format!("DELETE FROM {table} WHERE {key} = ANY (ARRAY({oldest} FOR UPDATE SKIP LOCKED))"),
        )
    }

    /// Updates the columns of a row that are not fixed. Its parameters are those of
    /// [`Table::changing`].
    pub(crate) fn update(&self) -> &Sql {
        self.update.get_or_init(|| {
            let (mut set, mut key) = (Vec::new(), Vec::new());
            for (number, column) in (1..).zip(self.columns.iter().filter(|column| self.is_in_update(column))) {
                let is = format!("{} = ${number}", column.name);
                if self.is_key(column) { key.push(is) } else { set.push(is) }
            }
            Sql::new(&format!("UPDATE {} SET {} WHERE {}", self.name, set.join(", "), key.join(" AND ")))
        })
    }

    /// The values of a row that [`Table::update`] takes: the key and the columns that are not
    /// fixed.
    pub(crate) fn changing<'v>(&self, values: impl IntoIterator<Item = Value<'v>>) -> Vec<Value<'v>> {
        let pairs = self.columns.iter().zip(values);
        pairs.filter(|(column, _)| self.is_in_update(column)).map(|(_, value)| value).collect()
    }

    fn is_key(&self, column: &Column) -> bool {
        self.key.contains(&column.name)
    }

    fn is_in_update(&self, column: &Column) -> bool {
        self.is_key(column) || !column.is_fixed
    }
}

const fn bool(name: &'static str) -> Column {
    Column::new(name, Kind::Bool)
}

const fn bytes(name: &'static str) -> Column {
    Column::new(name, Kind::Bytes)
}

const fn day(name: &'static str) -> Column {
    Column::new(name, Kind::Day)
}

const fn instant(name: &'static str) -> Column {
    Column::new(name, Kind::Instant)
}

const fn integer(name: &'static str) -> Column {
    Column::new(name, Kind::Integer)
}

const fn text(name: &'static str) -> Column {
    Column::new(name, Kind::Text)
}

const fn uuid(name: &'static str) -> Column {
    Column::new(name, Kind::Uuid)
}

/// Every table that `headroom copy` copies, each after those that it refers to.
pub(crate) static TABLES: [&Table; 21] = [
    &USERS,
    &SESSIONS,
    &REFRESH_TOKENS,
    &ACCOUNTS,
    &EXTERNAL_IDS,
    &API_KEYS,
    &MEMBERS,
    &SUBSCRIPTION_CHANGES,
    &OVERRIDES,
    &FEATURE_OVERRIDES,
    &GRANTS,
    &STAFF_MEMBERS,
    &BOOKINGS,
    &USAGE_COUNTERS,
    &USAGE_RECORDS,
    &CHARGES,
    &ALLOCATIONS,
    &HOLDS,
    &AUDIT_ENTRIES,
    &IDEMPOTENCY_RECORDS,
    &ERASURES,
];

#[cfg(test)]
mod document;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_derived_from_the_columns() {
        let Sql { postgres, sqlite } = MEMBERS.insert();
        let columns = "account_id, user_id, role, is_pending, created_at";
        assert_eq!(*postgres, format!("INSERT INTO members ({columns}) VALUES ($1, $2, $3, $4, $5)"));
        assert_eq!(*sqlite, format!("INSERT INTO members ({columns}) VALUES (?1, ?2, ?3, ?4, ?5)"));
        let two = MEMBERS.insert_text(2);
        assert_eq!(two, format!("INSERT INTO members ({columns}) VALUES ($1, $2, $3, $4, $5), ($6, $7, $8, $9, $10)"));
        let update = &MEMBERS.update().postgres;
        assert_eq!(update, "UPDATE members SET role = $3, is_pending = $4 WHERE account_id = $1 AND user_id = $2");
        let upsert = &MEMBERS.upsert().postgres;
        let conflict = "(account_id, user_id) DO UPDATE SET role = excluded.role, is_pending = excluded.is_pending";
        assert_eq!(*upsert, format!("{} ON CONFLICT {conflict}", MEMBERS.insert().postgres));
        let values = [1, 2, 3, 4, 5].map(Value::Integer);
        assert_eq!(MEMBERS.changing(values), [1, 2, 3, 4].map(Value::Integer));
    }

    #[test]
    fn an_update_of_an_account_leaves_its_subscription_alone() {
        let update = &ACCOUNTS.update().postgres;
        assert!(update.starts_with("UPDATE accounts SET name = $2, time_zone = $3, deleted_at = $4, version = $5"));
        let left_alone = ["created_at", "subscription_id", "plan", "subscribed_at", "scheduled"];
        assert!(left_alone.iter().all(|column| !update.contains(column)), "{update}");
    }

    #[test]
    fn expired_rows_are_deleted_oldest_first() {
        let Sql { postgres, sqlite } = SESSIONS.delete_until("expires_at");
        let oldest = "SELECT id FROM sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2";
        assert_eq!(sqlite, format!("DELETE FROM sessions WHERE id IN ({})", oldest.replace('$', "?")));
        let skip = "FOR UPDATE SKIP LOCKED";
        assert_eq!(postgres, format!("DELETE FROM sessions WHERE id = ANY (ARRAY({oldest} {skip}))"));
    }
}
