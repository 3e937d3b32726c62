-- What docs/adr/0016-postgresql.md says of it. Counters are kept by the transaction that changes what they count.

CREATE TABLE accounts (
    id              uuid        PRIMARY KEY,
    name            text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    time_zone       text        NOT NULL CHECK (time_zone <> ''),
    created_at      timestamptz NOT NULL,
    deleted_at      timestamptz,
    subscription_id uuid,
    plan            text        CHECK (char_length(plan) BETWEEN 1 AND 64),
    subscribed_at   timestamptz,
    plan_since      timestamptz CHECK (plan_since >= subscribed_at),
    -- Whether scheduled_changes or overrides say more about the account: seldom, so that nobody looks there for the others.
    has_more        boolean     NOT NULL DEFAULT false,
    active_staff    bigint      NOT NULL DEFAULT 0 CHECK (active_staff >= 0),
    -- How many bookings it ever made.
    bookings        bigint      NOT NULL DEFAULT 0 CHECK (bookings >= 0),
    -- The newest entry of its audit.
    audit_head      uuid
) WITH (fillfactor = 80);

CREATE INDEX accounts_that_exist ON accounts (id) WHERE deleted_at IS NULL;
CREATE INDEX accounts_by_plan ON accounts (plan, id) WHERE plan IS NOT NULL;

CREATE TABLE scheduled_changes (
    account_id uuid        PRIMARY KEY REFERENCES accounts,
    id         uuid        NOT NULL,
    plan       text        CHECK (char_length(plan) BETWEEN 1 AND 64),
    at         timestamptz NOT NULL,
    wished_by  uuid        NOT NULL,
    wished_at  timestamptz NOT NULL,
    reason     text        CHECK (char_length(reason) BETWEEN 1 AND 2000)
);

CREATE INDEX scheduled_changes_by_plan ON scheduled_changes (plan, account_id) WHERE plan IS NOT NULL;

CREATE TABLE subscription_changes (
    account_id uuid        NOT NULL REFERENCES accounts,
    id         uuid        NOT NULL,
    from_plan  text        CHECK (char_length(from_plan) BETWEEN 1 AND 64),
    to_plan    text        CHECK (char_length(to_plan) BETWEEN 1 AND 64),
    at         timestamptz NOT NULL,
    wished_by  uuid        NOT NULL,
    wished_at  timestamptz NOT NULL,
    reason     text        CHECK (char_length(reason) BETWEEN 1 AND 2000),
    PRIMARY KEY (account_id, id)
);

CREATE TABLE overrides (
    account_id uuid        NOT NULL REFERENCES accounts,
    metric     text        NOT NULL CHECK (metric <> ''),
    at_most    bigint      CHECK (at_most BETWEEN 0 AND 4294967295),
    reason     text        NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 2000),
    expires_at timestamptz,
    created_by uuid        NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, metric)
);

CREATE TABLE staff_members (
    account_id uuid        NOT NULL REFERENCES accounts,
    id         uuid        NOT NULL UNIQUE,
    name       text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    email      text        CHECK (char_length(email) BETWEEN 3 AND 254),
    created_at timestamptz NOT NULL,
    deleted_at timestamptz,
    PRIMARY KEY (account_id, id)
);

CREATE INDEX staff_members_that_are_active ON staff_members (account_id, id) WHERE deleted_at IS NULL;

CREATE TABLE bookings (
    id            uuid        PRIMARY KEY,
    account_id    uuid        NOT NULL REFERENCES accounts,
    -- Where in the list of its account's bookings it is: they are listed in the order in which they were made.
    position      bigint      NOT NULL CHECK (position >= 0),
    day           date        NOT NULL,
    starts_at     timestamptz NOT NULL,
    customer_name text        CHECK (char_length(customer_name) BETWEEN 1 AND 100),
    staff_id      uuid,
    notes         text        CHECK (char_length(notes) BETWEEN 1 AND 2000),
    created_at    timestamptz NOT NULL,
    deleted_at    timestamptz,
    -- Whether it counts on its day: what was removed after it had begun does.
    is_counted    boolean     NOT NULL,
    FOREIGN KEY (account_id, staff_id) REFERENCES staff_members (account_id, id)
);

CREATE UNIQUE INDEX bookings_by_position ON bookings (account_id, position);
CREATE INDEX bookings_by_day ON bookings (account_id, day);

CREATE TABLE booking_counters (
    account_id uuid   NOT NULL REFERENCES accounts,
    day        date   NOT NULL,
    bookings   bigint NOT NULL CHECK (bookings >= 0),
    PRIMARY KEY (account_id, day)
) WITH (fillfactor = 80);

CREATE TABLE users (
    id          uuid        PRIMARY KEY,
    username    text        NOT NULL UNIQUE CHECK (char_length(username) BETWEEN 1 AND 64),
    password    text        NOT NULL CHECK (password <> ''),
    is_operator boolean     NOT NULL,
    is_disabled boolean     NOT NULL,
    created_at  timestamptz NOT NULL
);

CREATE INDEX users_who_are_operators ON users (id) WHERE is_operator;

CREATE TABLE sessions (
    id         uuid        PRIMARY KEY,
    user_id    uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE refresh_tokens (
    hash       bytea   PRIMARY KEY CHECK (length(hash) = 32),
    session_id uuid    NOT NULL REFERENCES sessions ON DELETE CASCADE,
    is_used    boolean NOT NULL
);

CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

CREATE TABLE api_keys (
    id           uuid        PRIMARY KEY,
    user_id      uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    name         text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    secret       bytea       NOT NULL CHECK (length(secret) = 32),
    scope        text        NOT NULL CHECK (scope IN ('read', 'write', 'admin')),
    account_id   uuid        REFERENCES accounts,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    last_used_at timestamptz
);

CREATE INDEX api_keys_by_user ON api_keys (user_id, id);

CREATE TABLE members (
    account_id uuid        NOT NULL REFERENCES accounts,
    user_id    uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    role       text        NOT NULL CHECK (role IN ('viewer', 'manager', 'owner')),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, user_id)
);

CREATE INDEX members_by_user ON members (user_id, account_id);

-- The entries of an account are a chain, each naming the one before it, and the account naming the newest, as in SQLite
-- (docs/adr/0008-access-and-audit.md). They outlive users and accounts: no foreign keys.
CREATE TABLE audit_entries (
    id         uuid        PRIMARY KEY,
    account_id uuid,
    previous   uuid        CHECK (previous IS NULL OR account_id IS NOT NULL),
    user_id    uuid        NOT NULL,
    api_key    uuid,
    action     text        NOT NULL CHECK (char_length(action) BETWEEN 1 AND 64),
    resource   text        NOT NULL CHECK (resource <> ''),
    address    text        CHECK (char_length(address) BETWEEN 2 AND 45),
    request_id text        NOT NULL CHECK (request_id <> ''),
    created_at timestamptz NOT NULL
);

CREATE TABLE idempotency_records (
    key         bytea       PRIMARY KEY CHECK (length(key) = 32),
    fingerprint bytea       NOT NULL CHECK (length(fingerprint) = 32),
    answer      bytea       NOT NULL,
    created_at  timestamptz NOT NULL
);

CREATE INDEX idempotency_records_by_age ON idempotency_records (created_at);

CREATE FUNCTION refuse_to_change_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER audit_entries_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();
CREATE TRIGGER subscription_changes_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON subscription_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_history();
