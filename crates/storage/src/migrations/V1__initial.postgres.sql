-- The schema of the PostgreSQL store; docs/DATA.md explains it for people who write SQL. The columns are those of
-- V1__initial.sqlite.sql; crates/storage/src/tables/ describes them. Every primary key and unique index of a table that grows
-- with accounts begins with the account's id, so that the tables can be hash-partitioned or distributed by it.

CREATE TABLE users (
    id          uuid        PRIMARY KEY,
    username    text        COLLATE "C" NOT NULL UNIQUE CHECK (char_length(username) BETWEEN 1 AND 64),
    password    text        NOT NULL CHECK (password <> ''),
    is_operator boolean     NOT NULL,
    is_disabled boolean     NOT NULL,
    created_at  timestamptz NOT NULL
);

CREATE INDEX users_who_are_operators ON users (is_operator, id) WHERE is_operator;

CREATE TABLE sessions (
    id         uuid        PRIMARY KEY,
    user_id    uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX sessions_by_user ON sessions (user_id, created_at, id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE refresh_tokens (
    hash       bytea       PRIMARY KEY CHECK (length(hash) = 32),
    session_id uuid        NOT NULL REFERENCES sessions ON DELETE CASCADE,
    used_at    timestamptz
);

CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

-- `version` counts the changes of an account and of its subscription. A scheduled change without a plan ends the subscription.
CREATE TABLE accounts (
    id                     uuid        PRIMARY KEY,
    name                   text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    time_zone              text        NOT NULL CHECK (time_zone <> ''),
    created_at             timestamptz NOT NULL,
    deleted_at             timestamptz,
    version                bigint      NOT NULL CHECK (version >= 1),
    subscription_id        uuid,
    plan                   text        COLLATE "C" CHECK (char_length(plan) BETWEEN 1 AND 64),
    subscribed_at          timestamptz,
    plan_since             timestamptz CHECK (plan_since >= subscribed_at),
    scheduled_id           uuid,
    scheduled_plan         text        COLLATE "C" CHECK (char_length(scheduled_plan) BETWEEN 1 AND 64),
    scheduled_at           timestamptz,
    scheduled_requested_by uuid,
    scheduled_requested_at timestamptz,
    scheduled_reason       text        CHECK (char_length(scheduled_reason) BETWEEN 1 AND 2000)
);

CREATE INDEX accounts_not_deleted ON accounts (id) WHERE deleted_at IS NULL;
CREATE INDEX accounts_by_plan ON accounts (plan, id) WHERE plan IS NOT NULL;
CREATE INDEX accounts_by_scheduled_plan ON accounts (scheduled_plan, id) WHERE scheduled_plan IS NOT NULL;

CREATE TABLE api_keys (
    id           uuid        PRIMARY KEY,
    user_id      uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    name         text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    secret       bytea       NOT NULL CHECK (length(secret) = 32),
    scope        text        NOT NULL CHECK (scope IN ('read', 'write', 'admin')),
    account_id   uuid,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    last_used_at timestamptz
);

CREATE INDEX api_keys_by_user ON api_keys (user_id, id);
CREATE INDEX api_keys_by_expiry ON api_keys (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE members (
    account_id uuid        NOT NULL REFERENCES accounts,
    user_id    uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    role       text        NOT NULL CHECK (role IN ('viewer', 'manager', 'owner')),
    is_pending boolean     NOT NULL CHECK (role = 'owner' OR NOT is_pending),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, user_id)
);

CREATE INDEX members_by_user ON members (user_id, account_id);

CREATE TABLE subscription_changes (
    account_id   uuid        NOT NULL REFERENCES accounts,
    id           uuid        NOT NULL,
    from_plan    text        CHECK (char_length(from_plan) BETWEEN 1 AND 64),
    to_plan      text        CHECK (char_length(to_plan) BETWEEN 1 AND 64),
    at           timestamptz NOT NULL,
    requested_by uuid        NOT NULL,
    requested_at timestamptz NOT NULL,
    reason       text        CHECK (char_length(reason) BETWEEN 1 AND 2000),
    PRIMARY KEY (account_id, id)
);

-- `at_most` is null for a limit that was lifted.
CREATE TABLE overrides (
    account_id uuid        NOT NULL REFERENCES accounts,
    metric     text        COLLATE "C" NOT NULL CHECK (char_length(metric) BETWEEN 1 AND 64),
    at_most    bigint      CHECK (at_most BETWEEN 0 AND 4294967295),
    reason     text        NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 2000),
    expires_at timestamptz,
    created_by uuid        NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, metric)
);

CREATE TABLE staff_members (
    account_id uuid        NOT NULL REFERENCES accounts,
    id         uuid        NOT NULL,
    name       text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    email      text        CHECK (char_length(email) BETWEEN 3 AND 254),
    created_at timestamptz NOT NULL,
    deleted_at timestamptz,
    version    bigint      NOT NULL CHECK (version >= 1),
    created_by uuid        NOT NULL,
    api_key    uuid,
    request_id text        NOT NULL CHECK (request_id <> ''),
    address    text        CHECK (char_length(address) BETWEEN 2 AND 45),
    PRIMARY KEY (account_id, id)
);

CREATE INDEX staff_members_not_deleted ON staff_members (account_id, id) WHERE deleted_at IS NULL;

CREATE TABLE bookings (
    account_id    uuid        NOT NULL REFERENCES accounts,
    id            uuid        NOT NULL,
    day           date        NOT NULL,
    starts_at     timestamptz NOT NULL,
    customer_name text        CHECK (char_length(customer_name) BETWEEN 1 AND 100),
    staff_id      uuid,
    notes         text        CHECK (char_length(notes) BETWEEN 1 AND 2000),
    created_at    timestamptz NOT NULL,
    deleted_at    timestamptz,
    version       bigint      NOT NULL CHECK (version >= 1),
    created_by    uuid        NOT NULL,
    api_key       uuid,
    request_id    text        NOT NULL CHECK (request_id <> ''),
    address       text        CHECK (char_length(address) BETWEEN 2 AND 45),
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, staff_id) REFERENCES staff_members (account_id, id)
);

CREATE INDEX bookings_by_day ON bookings (account_id, day, id);

-- How much of a metric is used in the window that begins at `window_start`: for `bookings_per_day` the day's midnight,
-- written as if it were UTC; 1970 for `staff`, which has no window. The transaction that changes a row keeps its counter.
CREATE TABLE usage_counters (
    account_id   uuid        NOT NULL,
    metric       text        COLLATE "C" NOT NULL CHECK (char_length(metric) BETWEEN 1 AND 64),
    window_start timestamptz NOT NULL,
    used         bigint      NOT NULL CHECK (used >= 0),
    PRIMARY KEY (account_id, metric, window_start)
) WITH (fillfactor = 80);

-- `account_id` is zero for an entry that is about no account. Entries outlive users and accounts: no foreign keys.
CREATE TABLE audit_entries (
    account_id uuid        NOT NULL,
    id         uuid        NOT NULL,
    user_id    uuid        NOT NULL,
    api_key    uuid,
    action     text        NOT NULL CHECK (char_length(action) BETWEEN 1 AND 64),
    resource   text        NOT NULL CHECK (resource <> ''),
    address    text        CHECK (char_length(address) BETWEEN 2 AND 45),
    request_id text        NOT NULL CHECK (request_id <> ''),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, id)
);

CREATE TABLE idempotency_records (
    key         bytea       PRIMARY KEY CHECK (length(key) = 32),
    fingerprint bytea       NOT NULL CHECK (length(fingerprint) = 32),
    answer      bytea       NOT NULL,
    created_at  timestamptz NOT NULL
);

CREATE INDEX idempotency_records_by_age ON idempotency_records (created_at);

-- One row, written now and then to show that writes succeed.
CREATE TABLE write_probe (
    id         bigint      PRIMARY KEY CHECK (id = 1),
    written_at timestamptz NOT NULL
);
