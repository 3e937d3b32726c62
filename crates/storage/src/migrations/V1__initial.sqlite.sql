-- The schema of the SQLite store; docs/DATA.md explains it for people who write SQL.
-- Ids are the 16 bytes of a UUIDv7, instants are microseconds since 1970-01-01T00:00:00Z, days are days since 1970-01-01,
-- booleans are 0 and 1. The columns are those of V1__initial.postgres.sql; crates/storage/src/tables/ describes them.

-- "HEAD": marks the file as one of Headroom's.
PRAGMA application_id = 1212498244;

CREATE TABLE users (
    id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    username    TEXT    NOT NULL UNIQUE CHECK (length(username) BETWEEN 1 AND 64),
    password    TEXT    NOT NULL CHECK (length(password) > 0),
    is_operator INTEGER NOT NULL CHECK (is_operator IN (0, 1)),
    is_disabled INTEGER NOT NULL CHECK (is_disabled IN (0, 1)),
    created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX users_who_are_operators ON users (is_operator, id) WHERE is_operator;

CREATE TABLE sessions (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    user_id    BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_user ON sessions (user_id, created_at, id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE refresh_tokens (
    hash       BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    session_id BLOB    NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    used_at    INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

-- `version` counts the changes of an account and of its subscription. A scheduled change without a plan ends the subscription.
CREATE TABLE accounts (
    id                     BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name                   TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    time_zone              TEXT    NOT NULL CHECK (length(time_zone) > 0),
    created_at             INTEGER NOT NULL,
    deleted_at             INTEGER,
    version                INTEGER NOT NULL CHECK (version >= 1),
    subscription_id        BLOB    CHECK (length(subscription_id) = 16),
    plan                   TEXT    CHECK (length(plan) BETWEEN 1 AND 64),
    subscribed_at          INTEGER,
    plan_since             INTEGER CHECK (plan_since >= subscribed_at),
    scheduled_id           BLOB    CHECK (length(scheduled_id) = 16),
    scheduled_plan         TEXT    CHECK (length(scheduled_plan) BETWEEN 1 AND 64),
    scheduled_at           INTEGER,
    scheduled_requested_by BLOB    CHECK (length(scheduled_requested_by) = 16),
    scheduled_requested_at INTEGER,
    scheduled_reason       TEXT    CHECK (length(scheduled_reason) BETWEEN 1 AND 2000)
) STRICT, WITHOUT ROWID;

CREATE INDEX accounts_not_deleted ON accounts (id) WHERE deleted_at IS NULL;
CREATE INDEX accounts_by_plan ON accounts (plan, id) WHERE plan IS NOT NULL;
CREATE INDEX accounts_by_scheduled_plan ON accounts (scheduled_plan, id) WHERE scheduled_plan IS NOT NULL;

CREATE TABLE api_keys (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    user_id      BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name         TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    secret       BLOB    NOT NULL CHECK (length(secret) = 32),
    scope        TEXT    NOT NULL CHECK (scope IN ('read', 'write', 'admin')),
    account_id   BLOB    CHECK (length(account_id) = 16),
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    last_used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX api_keys_by_user ON api_keys (user_id, id);
CREATE INDEX api_keys_by_expiry ON api_keys (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE members (
    account_id BLOB    NOT NULL REFERENCES accounts (id),
    user_id    BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role       TEXT    NOT NULL CHECK (role IN ('viewer', 'manager', 'owner')),
    is_pending INTEGER NOT NULL CHECK (is_pending = 0 OR (is_pending = 1 AND role = 'owner')),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX members_by_user ON members (user_id, account_id);

CREATE TABLE subscription_changes (
    account_id   BLOB    NOT NULL REFERENCES accounts (id),
    id           BLOB    NOT NULL CHECK (length(id) = 16),
    from_plan    TEXT    CHECK (length(from_plan) BETWEEN 1 AND 64),
    to_plan      TEXT    CHECK (length(to_plan) BETWEEN 1 AND 64),
    at           INTEGER NOT NULL,
    requested_by BLOB    NOT NULL CHECK (length(requested_by) = 16),
    requested_at INTEGER NOT NULL,
    reason       TEXT    CHECK (length(reason) BETWEEN 1 AND 2000),
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

-- `at_most` is null for a limit that was lifted.
CREATE TABLE overrides (
    account_id BLOB    NOT NULL REFERENCES accounts (id),
    metric     TEXT    NOT NULL CHECK (length(metric) BETWEEN 1 AND 64),
    at_most    INTEGER CHECK (at_most BETWEEN 0 AND 4294967295),
    reason     TEXT    NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    expires_at INTEGER,
    created_by BLOB    NOT NULL CHECK (length(created_by) = 16),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, metric)
) STRICT, WITHOUT ROWID;

CREATE TABLE staff_members (
    account_id BLOB    NOT NULL REFERENCES accounts (id),
    id         BLOB    NOT NULL CHECK (length(id) = 16),
    name       TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    email      TEXT    CHECK (length(email) BETWEEN 3 AND 254),
    created_at INTEGER NOT NULL,
    deleted_at INTEGER,
    version    INTEGER NOT NULL CHECK (version >= 1),
    created_by BLOB    NOT NULL CHECK (length(created_by) = 16),
    api_key    BLOB    CHECK (length(api_key) = 16),
    request_id TEXT    NOT NULL CHECK (length(request_id) > 0),
    address    TEXT    CHECK (length(address) BETWEEN 2 AND 45),
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX staff_members_not_deleted ON staff_members (account_id, id) WHERE deleted_at IS NULL;

-- A rowid table: new rows go to its end, however large it is. Its index by day comes with the day first, so that the
-- bookings of the present are written close together (docs/adr/0019-plain-tables.md).
CREATE TABLE bookings (
    account_id    BLOB    NOT NULL REFERENCES accounts (id),
    id            BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    day           INTEGER NOT NULL,
    starts_at     INTEGER NOT NULL,
    customer_name TEXT    CHECK (length(customer_name) BETWEEN 1 AND 100),
    staff_id      BLOB,
    notes         TEXT    CHECK (length(notes) BETWEEN 1 AND 2000),
    created_at    INTEGER NOT NULL,
    deleted_at    INTEGER,
    version       INTEGER NOT NULL CHECK (version >= 1),
    created_by    BLOB    NOT NULL CHECK (length(created_by) = 16),
    api_key       BLOB    CHECK (length(api_key) = 16),
    request_id    TEXT    NOT NULL CHECK (length(request_id) > 0),
    address       TEXT    CHECK (length(address) BETWEEN 2 AND 45),
    FOREIGN KEY (account_id, staff_id) REFERENCES staff_members (account_id, id)
) STRICT;

CREATE INDEX bookings_by_day ON bookings (day, account_id, id);

-- How much of a metric is used in the window that begins at `window_start`: for `bookings_per_day` the day's midnight,
-- written as if it were UTC; 0 for `staff`, which has no window. The transaction that changes a row keeps its counter.
CREATE TABLE usage_counters (
    account_id   BLOB    NOT NULL,
    metric       TEXT    NOT NULL CHECK (length(metric) BETWEEN 1 AND 64),
    window_start INTEGER NOT NULL,
    used         INTEGER NOT NULL CHECK (used >= 0),
    PRIMARY KEY (window_start, account_id, metric)
) STRICT, WITHOUT ROWID;

-- `account_id` is 16 zero bytes for an entry that is about no account. Entries outlive users and accounts: no foreign keys.
CREATE TABLE audit_entries (
    account_id BLOB    NOT NULL CHECK (length(account_id) = 16),
    id         BLOB    NOT NULL CHECK (length(id) = 16),
    user_id    BLOB    NOT NULL CHECK (length(user_id) = 16),
    api_key    BLOB    CHECK (length(api_key) = 16),
    action     TEXT    NOT NULL CHECK (length(action) BETWEEN 1 AND 64),
    resource   TEXT    NOT NULL CHECK (length(resource) > 0),
    address    TEXT    CHECK (length(address) BETWEEN 2 AND 45),
    request_id TEXT    NOT NULL CHECK (length(request_id) > 0),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

-- A rowid table, because the answers are long: what is written in random order is an index of hashes alone.
CREATE TABLE idempotency_records (
    key         BLOB    NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    fingerprint BLOB    NOT NULL CHECK (length(fingerprint) = 32),
    answer      BLOB    NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;

CREATE INDEX idempotency_records_by_age ON idempotency_records (created_at);

-- One row, written now and then to show that writes succeed.
CREATE TABLE write_probe (
    id         INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    written_at INTEGER NOT NULL
) STRICT;
