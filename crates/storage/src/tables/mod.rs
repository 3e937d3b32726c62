//! The tables of both databases: each column is described here once.
//!
//! The column lists of statements, the order in which `rows` reads columns, and `headroom copy` are
//! derived from this description. Keys and indexes are in the migrations, because they differ between
//! the two databases. A test compares the columns of a migrated database with this description.

mod sql;
mod value;

use std::sync::OnceLock;

pub(crate) use sql::{Sql, sql};
pub(crate) use value::{Fields, SqlRow, Value, corrupt, parsed};

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
    /// Whether [`Table::update`] leaves it alone: it never changes, or another statement changes it.
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

    /// The text of [`Table::insert`], to which a statement adds an end.
    pub(crate) fn insert_text(&self) -> String {
        let values: Vec<String> = (1..=self.columns.len()).map(|number| format!("${number}")).collect();
        format!("INSERT INTO {} ({}) VALUES ({})", self.name, self.column_list(), values.join(", "))
    }

    /// Inserts a row. Its parameters are the values of the columns, in their order.
    pub(crate) fn insert(&self) -> &Sql {
        self.insert.get_or_init(|| Sql::new(&self.insert_text()))
    }

    /// Inserts a row or updates the row with the same key. Its parameters are those of [`Table::insert`].
    pub(crate) fn upsert(&self) -> &Sql {
        self.upsert.get_or_init(|| {
            let changing = self.columns.iter().filter(|column| !self.is_key(column) && !column.is_fixed);
            let set: Vec<_> = changing.map(|Column { name, .. }| format!("{name} = excluded.{name}")).collect();
            let (insert, key) = (self.insert_text(), self.key.join(", "));
            Sql::new(&format!("{insert} ON CONFLICT ({key}) DO UPDATE SET {}", set.join(", ")))
        })
    }

    /// Deletes up to `$2` rows whose time in `column` is `$1` or earlier, the oldest first. The key must
    /// be one column.
    pub(crate) fn delete_until(&self, column: &str) -> Sql {
        let (table, key) = (self.name, self.key.join(", "));
        let oldest = format!("SELECT {key} FROM {table} WHERE {column} <= $1 ORDER BY {column} LIMIT $2");
        Sql::per_dialect(
            &format!("DELETE FROM {table} WHERE {key} IN ({oldest})"),
            // Skips rows that another process is deleting. An array, so that the subquery runs once.
            &format!("DELETE FROM {table} WHERE {key} = ANY (ARRAY({oldest} FOR UPDATE SKIP LOCKED))"),
        )
    }

    /// Updates the columns of a row that are not fixed. Its parameters are those of [`Table::changing`].
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

    /// The values of a row that [`Table::update`] takes: the key and the columns that are not fixed.
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

/// Users.
pub(crate) static USERS: Table = Table::new(
    "users",
    &["id"],
    &[
        uuid("id"),
        text("username"),
        text("password"),
        bool("is_operator"),
        bool("is_disabled"),
        instant("created_at").fixed(),
    ],
);

/// Sessions: a login each.
pub(crate) static SESSIONS: Table =
    Table::new("sessions", &["id"], &[uuid("id"), uuid("user_id"), instant("created_at"), instant("expires_at")]);

/// The refresh tokens of sessions, used and unused.
pub(crate) static REFRESH_TOKENS: Table =
    Table::new("refresh_tokens", &["hash"], &[bytes("hash"), uuid("session_id"), instant("used_at").nullable()]);

/// Accounts, each with its subscription and its scheduled change. A statement of its own changes the
/// columns of the subscription.
pub(crate) static ACCOUNTS: Table = Table::new(
    "accounts",
    &["id"],
    &[
        uuid("id"),
        text("name"),
        text("time_zone"),
        instant("created_at").fixed(),
        instant("deleted_at").nullable(),
        integer("version"),
        uuid("subscription_id").nullable().fixed(),
        text("plan").nullable().fixed(),
        instant("subscribed_at").nullable().fixed(),
        instant("plan_since").nullable().fixed(),
        uuid("scheduled_id").nullable().fixed(),
        text("scheduled_plan").nullable().fixed(),
        instant("scheduled_at").nullable().fixed(),
        uuid("scheduled_requested_by").nullable().fixed(),
        instant("scheduled_requested_at").nullable().fixed(),
        text("scheduled_reason").nullable().fixed(),
    ],
);

/// API keys of users.
pub(crate) static API_KEYS: Table = Table::new(
    "api_keys",
    &["id"],
    &[
        uuid("id"),
        uuid("user_id"),
        text("name"),
        bytes("secret"),
        text("scope"),
        uuid("account_id").nullable(),
        instant("created_at").fixed(),
        instant("expires_at").nullable(),
        instant("last_used_at").nullable(),
    ],
);

/// The members of accounts.
pub(crate) static MEMBERS: Table = Table::new(
    "members",
    &["account_id", "user_id"],
    &[uuid("account_id"), uuid("user_id"), text("role"), bool("is_pending"), instant("created_at").fixed()],
);

/// The history of subscriptions.
pub(crate) static SUBSCRIPTION_CHANGES: Table = Table::new(
    "subscription_changes",
    &["account_id", "id"],
    &[
        uuid("account_id"),
        uuid("id"),
        text("from_plan").nullable(),
        text("to_plan").nullable(),
        instant("at"),
        uuid("requested_by"),
        instant("requested_at"),
        text("reason").nullable(),
    ],
);

/// Overrides of an account's limits.
pub(crate) static OVERRIDES: Table = Table::new(
    "overrides",
    &["account_id", "metric"],
    &[
        uuid("account_id"),
        text("metric"),
        integer("at_most").nullable(),
        text("reason"),
        instant("expires_at").nullable(),
        uuid("created_by"),
        instant("created_at"),
    ],
);

/// Staff members of accounts.
pub(crate) static STAFF_MEMBERS: Table = Table::new(
    "staff_members",
    &["account_id", "id"],
    &[
        uuid("account_id"),
        uuid("id"),
        text("name"),
        text("email").nullable(),
        instant("created_at").fixed(),
        instant("deleted_at").nullable(),
        integer("version"),
        uuid("created_by").fixed(),
        uuid("api_key").nullable().fixed(),
        text("request_id").fixed(),
        text("address").nullable().fixed(),
    ],
);

/// Bookings of accounts.
pub(crate) static BOOKINGS: Table = Table::new(
    "bookings",
    &["account_id", "id"],
    &[
        uuid("account_id"),
        uuid("id"),
        day("day"),
        instant("starts_at"),
        text("customer_name").nullable(),
        uuid("staff_id").nullable(),
        text("notes").nullable(),
        instant("created_at").fixed(),
        instant("deleted_at").nullable(),
        integer("version"),
        uuid("created_by").fixed(),
        uuid("api_key").nullable().fixed(),
        text("request_id").fixed(),
        text("address").nullable().fixed(),
    ],
);

/// How much of a metric an account has used in a window.
pub(crate) static USAGE_COUNTERS: Table = Table::new(
    "usage_counters",
    &["account_id", "metric", "window_start"],
    &[uuid("account_id"), text("metric"), instant("window_start"), integer("used")],
);

/// The audit log. It omits the creation of rows that carry their own origin.
pub(crate) static AUDIT_ENTRIES: Table = Table::new(
    "audit_entries",
    &["account_id", "id"],
    &[
        uuid("account_id"),
        uuid("id"),
        uuid("user_id"),
        uuid("api_key").nullable(),
        text("action"),
        text("resource"),
        text("address").nullable(),
        text("request_id"),
        instant("created_at"),
    ],
);

/// The responses to idempotent requests.
pub(crate) static IDEMPOTENCY_RECORDS: Table = Table::new(
    "idempotency_records",
    &["key"],
    &[bytes("key"), bytes("fingerprint"), bytes("answer"), instant("created_at")],
);

/// One row, which is written to check that writes succeed.
pub(crate) static WRITE_PROBE: Table = Table::new("write_probe", &["id"], &[integer("id"), instant("written_at")]);

/// Every table that `headroom copy` copies, each after those that it refers to.
pub(crate) static TABLES: [&Table; 13] = [
    &USERS,
    &SESSIONS,
    &REFRESH_TOKENS,
    &ACCOUNTS,
    &API_KEYS,
    &MEMBERS,
    &SUBSCRIPTION_CHANGES,
    &OVERRIDES,
    &STAFF_MEMBERS,
    &BOOKINGS,
    &USAGE_COUNTERS,
    &AUDIT_ENTRIES,
    &IDEMPOTENCY_RECORDS,
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
        let set = "name = $2, time_zone = $3, deleted_at = $4, version = $5";
        assert_eq!(ACCOUNTS.update().postgres, format!("UPDATE accounts SET {set} WHERE id = $1"));
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
