-- Ids are the 16 bytes of a UUIDv7, instants are microseconds since 1970-01-01T00:00:00Z, days are days since 1970-01-01.
-- Counters are kept by the transaction that changes what they count, whose rows have the foreign keys.

CREATE TABLE accounts (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name       TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    time_zone  TEXT    NOT NULL CHECK (length(time_zone) > 0),
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE subscriptions (
    account_id BLOB    NOT NULL PRIMARY KEY REFERENCES accounts (id),
    id         BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    plan       TEXT    NOT NULL CHECK (length(plan) BETWEEN 1 AND 64),
    created_at INTEGER NOT NULL,
    plan_since INTEGER NOT NULL CHECK (plan_since >= created_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE staff_members (
    account_id BLOB    NOT NULL REFERENCES accounts (id),
    id         BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    name       TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    email      TEXT    CHECK (length(email) BETWEEN 3 AND 254),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE staff_counters (
    account_id BLOB    NOT NULL PRIMARY KEY,
    active     INTEGER NOT NULL CHECK (active >= 0)
) STRICT, WITHOUT ROWID;

-- Clustered by id, which grows with time: every insert goes to the right edge of the tree, however large it is
-- (docs/adr/0004-key-order.md).
CREATE TABLE bookings (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account_id    BLOB    NOT NULL REFERENCES accounts (id),
    day           INTEGER NOT NULL,
    starts_at     INTEGER NOT NULL,
    customer_name TEXT    CHECK (length(customer_name) BETWEEN 1 AND 100),
    staff_id      BLOB,
    notes         TEXT    CHECK (length(notes) BETWEEN 1 AND 2000),
    created_at    INTEGER NOT NULL,
    FOREIGN KEY (account_id, staff_id) REFERENCES staff_members (account_id, id)
) STRICT, WITHOUT ROWID;

-- The day comes first: today's counters stand side by side, and only that part of the tree is touched.
CREATE TABLE booking_counters (
    day        INTEGER NOT NULL,
    account_id BLOB    NOT NULL,
    bookings   INTEGER NOT NULL CHECK (bookings >= 0),
    PRIMARY KEY (day, account_id)
) STRICT, WITHOUT ROWID;
