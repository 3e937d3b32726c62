-- Custom metrics: usage records, allocations, holds, grants, features and external ids.

-- The id of the account in the caller's own system, and pairs of text as a JSON object.
ALTER TABLE accounts ADD COLUMN external_id TEXT CHECK (length(external_id) BETWEEN 1 AND 128);
ALTER TABLE accounts ADD COLUMN metadata TEXT;

-- The unique index of accounts.external_id. It is a table because in PostgreSQL every unique index of a table that grows
-- with accounts begins with the account.
CREATE TABLE external_ids (
    external_id TEXT NOT NULL PRIMARY KEY CHECK (length(external_id) BETWEEN 1 AND 128),
    account_id  BLOB NOT NULL REFERENCES accounts (id)
) STRICT, WITHOUT ROWID;

-- The first day of the subscription's period in which the booking counts, as if the account were in UTC.
ALTER TABLE bookings ADD COLUMN period INTEGER;

-- Whether all of what is counted has rows: staff members, bookings, allocations or charges.
ALTER TABLE usage_counters ADD COLUMN is_recorded INTEGER NOT NULL DEFAULT 1 CHECK (is_recorded IN (0, 1));

-- Limits are up to 2^53 - 1. `at_most` is null for a limit that was lifted.
CREATE TABLE overrides_2 (
    account_id BLOB    NOT NULL REFERENCES accounts (id),
    metric     TEXT    NOT NULL CHECK (length(metric) BETWEEN 1 AND 64),
    at_most    INTEGER CHECK (at_most BETWEEN 0 AND 9007199254740991),
    reason     TEXT    NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    expires_at INTEGER,
    created_by BLOB    NOT NULL CHECK (length(created_by) = 16),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, metric)
) STRICT, WITHOUT ROWID;
INSERT INTO overrides_2 SELECT * FROM overrides;
DROP TABLE overrides;
ALTER TABLE overrides_2 RENAME TO overrides;

-- `value` is `on` or `off`, a number, or a text, by `type`.
CREATE TABLE feature_overrides (
    account_id BLOB    NOT NULL REFERENCES accounts (id),
    feature    TEXT    NOT NULL CHECK (length(feature) BETWEEN 1 AND 64),
    type       TEXT    NOT NULL CHECK (type IN ('switch', 'number', 'text')),
    value      TEXT    NOT NULL CHECK (length(value) <= 500),
    reason     TEXT    NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    expires_at INTEGER,
    created_by BLOB    NOT NULL CHECK (length(created_by) = 16),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, feature)
) STRICT, WITHOUT ROWID;

CREATE TABLE grants (
    account_id BLOB    NOT NULL REFERENCES accounts (id),
    id         BLOB    NOT NULL CHECK (length(id) = 16),
    metric     TEXT    NOT NULL CHECK (length(metric) BETWEEN 1 AND 64),
    quantity   INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 9007199254740991),
    reason     TEXT    NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    reference  TEXT    CHECK (length(reference) BETWEEN 1 AND 128),
    expires_at INTEGER,
    created_by BLOB    NOT NULL CHECK (length(created_by) = 16),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

-- A rowid table with the day first in its index, as `bookings` and for the same reason.
CREATE TABLE usage_records (
    account_id BLOB    NOT NULL REFERENCES accounts (id),
    id         BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    meter      TEXT    NOT NULL CHECK (length(meter) BETWEEN 1 AND 64),
    quantity   INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 9007199254740991),
    at         INTEGER NOT NULL,
    day        INTEGER NOT NULL,
    period     INTEGER,
    created_at INTEGER NOT NULL,
    deleted_at INTEGER,
    created_by BLOB    NOT NULL CHECK (length(created_by) = 16),
    api_key    BLOB    CHECK (length(api_key) = 16),
    request_id TEXT    NOT NULL CHECK (length(request_id) > 0),
    address    TEXT    CHECK (length(address) BETWEEN 2 AND 45)
) STRICT;

CREATE INDEX usage_records_by_day ON usage_records (day, account_id, id);

-- What a usage record, or a booking, adds to the counters of custom metrics. The sum of a window is its counter. The
-- source comes first: its id ascends with time, so new rows land together.
CREATE TABLE charges (
    account_id   BLOB    NOT NULL,
    source_id    BLOB    NOT NULL CHECK (length(source_id) = 16),
    metric       TEXT    NOT NULL CHECK (length(metric) BETWEEN 1 AND 64),
    window_start INTEGER NOT NULL,
    quantity     INTEGER NOT NULL CHECK (quantity >= 1),
    PRIMARY KEY (source_id, metric)
) STRICT, WITHOUT ROWID;

CREATE TABLE allocations (
    account_id BLOB    NOT NULL REFERENCES accounts (id),
    meter      TEXT    NOT NULL CHECK (length(meter) BETWEEN 1 AND 64),
    key        TEXT    NOT NULL CHECK (length(key) BETWEEN 1 AND 128),
    quantity   INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 9007199254740991),
    created_at INTEGER NOT NULL,
    created_by BLOB    NOT NULL CHECK (length(created_by) = 16),
    api_key    BLOB    CHECK (length(api_key) = 16),
    request_id TEXT    NOT NULL CHECK (length(request_id) > 0),
    address    TEXT    CHECK (length(address) BETWEEN 2 AND 45),
    PRIMARY KEY (account_id, meter, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE holds (
    account_id BLOB    NOT NULL REFERENCES accounts (id),
    id         BLOB    NOT NULL CHECK (length(id) = 16),
    meter      TEXT    NOT NULL CHECK (length(meter) BETWEEN 1 AND 64),
    quantity   INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 9007199254740991),
    at         INTEGER NOT NULL,
    day        INTEGER NOT NULL,
    period     INTEGER,
    expires_at INTEGER NOT NULL,
    reference  TEXT    CHECK (length(reference) BETWEEN 1 AND 128),
    state      TEXT    NOT NULL CHECK (state IN ('held', 'confirmed', 'released')),
    created_at INTEGER NOT NULL,
    closed_at  INTEGER,
    version    INTEGER NOT NULL CHECK (version >= 1),
    created_by BLOB    NOT NULL CHECK (length(created_by) = 16),
    api_key    BLOB    CHECK (length(api_key) = 16),
    request_id TEXT    NOT NULL CHECK (length(request_id) > 0),
    address    TEXT    CHECK (length(address) BETWEEN 2 AND 45),
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX holds_held ON holds (account_id, expires_at) WHERE state = 'held';
CREATE INDEX holds_by_expiry ON holds (expires_at);
