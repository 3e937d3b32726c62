//! The tables, as both databases have them: what is copied, in which order, and what a row is named by.

/// What a column holds, whatever a database writes it as.
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
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
}

/// A table. Its first columns are its key, by which its rows are in order.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    key: usize,
    pub(crate) columns: &'static [Column],
}

impl Table {
    /// The columns by which the rows are in order.
    pub(crate) fn key(&self) -> &[Column] {
        self.columns.get(..self.key).unwrap_or(self.columns)
    }

    /// The names of the columns, as SQL lists them.
    pub(crate) fn column_list(&self) -> String {
        list(self.columns)
    }
}

/// The names of columns, as SQL lists them.
pub(crate) fn list(columns: &[Column]) -> String {
    columns.iter().map(|column| format!("\"{}\"", column.name)).collect::<Vec<_>>().join(", ")
}

const fn of(name: &'static str, kind: Kind) -> Column {
    Column { name, kind }
}

const fn bool(name: &'static str) -> Column {
    of(name, Kind::Bool)
}

const fn bytes(name: &'static str) -> Column {
    of(name, Kind::Bytes)
}

const fn day(name: &'static str) -> Column {
    of(name, Kind::Day)
}

const fn instant(name: &'static str) -> Column {
    of(name, Kind::Instant)
}

const fn integer(name: &'static str) -> Column {
    of(name, Kind::Integer)
}

const fn text(name: &'static str) -> Column {
    of(name, Kind::Text)
}

const fn uuid(name: &'static str) -> Column {
    of(name, Kind::Uuid)
}

/// An account counts its active staff itself, last: SQLite keeps that number elsewhere.
const ACCOUNTS: [Column; 13] = [
    uuid("id"),
    text("name"),
    text("time_zone"),
    instant("created_at"),
    instant("deleted_at"),
    uuid("subscription_id"),
    text("plan"),
    instant("subscribed_at"),
    instant("plan_since"),
    bool("has_more"),
    integer("bookings"),
    uuid("audit_head"),
    integer("active_staff"),
];

/// Every table, each after those that it refers to. What is not here is made of what is: how SQLite lists bookings.
pub(crate) const TABLES: [Table; 14] = [
    Table {
        name: "users",
        key: 1,
        columns: &[
            uuid("id"),
            text("username"),
            text("password"),
            bool("is_operator"),
            bool("is_disabled"),
            instant("created_at"),
        ],
    },
    Table {
        name: "sessions",
        key: 1,
        columns: &[uuid("id"), uuid("user_id"), instant("created_at"), instant("expires_at")],
    },
    Table { name: "refresh_tokens", key: 1, columns: &[bytes("hash"), uuid("session_id"), bool("is_used")] },
    Table { name: "accounts", key: 1, columns: &ACCOUNTS },
    Table {
        name: "api_keys",
        key: 1,
        columns: &[
            uuid("id"),
            uuid("user_id"),
            text("name"),
            bytes("secret"),
            text("scope"),
            uuid("account_id"),
            instant("created_at"),
            instant("expires_at"),
            instant("last_used_at"),
        ],
    },
    Table {
        name: "members",
        key: 2,
        columns: &[uuid("account_id"), uuid("user_id"), text("role"), instant("created_at")],
    },
    Table {
        name: "scheduled_changes",
        key: 1,
        columns: &[
            uuid("account_id"),
            uuid("id"),
            text("plan"),
            instant("at"),
            uuid("wished_by"),
            instant("wished_at"),
            text("reason"),
        ],
    },
    Table {
        name: "subscription_changes",
        key: 2,
        columns: &[
            uuid("account_id"),
            uuid("id"),
            text("from_plan"),
            text("to_plan"),
            instant("at"),
            uuid("wished_by"),
            instant("wished_at"),
            text("reason"),
        ],
    },
    Table {
        name: "overrides",
        key: 2,
        columns: &[
            uuid("account_id"),
            text("metric"),
            integer("at_most"),
            text("reason"),
            instant("expires_at"),
            uuid("created_by"),
            instant("created_at"),
        ],
    },
    Table {
        name: "staff_members",
        key: 2,
        columns: &[
            uuid("account_id"),
            uuid("id"),
            text("name"),
            text("email"),
            instant("created_at"),
            instant("deleted_at"),
        ],
    },
    Table {
        name: "bookings",
        key: 1,
        columns: &[
            uuid("id"),
            uuid("account_id"),
            integer("position"),
            day("day"),
            instant("starts_at"),
            text("customer_name"),
            uuid("staff_id"),
            text("notes"),
            instant("created_at"),
            instant("deleted_at"),
            bool("is_counted"),
        ],
    },
    Table { name: "booking_counters", key: 2, columns: &[uuid("account_id"), day("day"), integer("bookings")] },
    Table {
        name: "audit_entries",
        key: 1,
        columns: &[
            uuid("id"),
            uuid("account_id"),
            uuid("previous"),
            uuid("user_id"),
            uuid("api_key"),
            text("action"),
            text("resource"),
            text("address"),
            text("request_id"),
            instant("created_at"),
        ],
    },
    Table {
        name: "idempotency_records",
        key: 1,
        columns: &[bytes("key"), bytes("fingerprint"), bytes("answer"), instant("created_at")],
    },
];
