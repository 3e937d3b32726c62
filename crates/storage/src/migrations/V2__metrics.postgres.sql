-- Custom metrics: usage records, allocations, holds, grants, features and external ids.

-- The id of the account in the caller's own system, and pairs of text as a JSON object.
ALTER TABLE accounts ADD COLUMN external_id text CHECK (char_length(external_id) BETWEEN 1 AND 128);
ALTER TABLE accounts ADD COLUMN metadata text;

-- The unique index of accounts.external_id. It is a table because in PostgreSQL every unique index of a table that grows
-- with accounts begins with the account.
CREATE TABLE external_ids (
    external_id  text        COLLATE "C" NOT NULL PRIMARY KEY CHECK (char_length(external_id) BETWEEN 1 AND 128),
    account_id   uuid        NOT NULL REFERENCES accounts
);

-- The first day of the subscription's period in which the booking counts, as if the account were in UTC.
ALTER TABLE bookings ADD COLUMN period date;

-- Whether all of what is counted has rows: staff members, bookings, allocations or charges.
ALTER TABLE usage_counters ADD COLUMN is_recorded boolean NOT NULL DEFAULT true;

-- Limits are up to 2^53 - 1. `at_most` is null for a limit that was lifted.
ALTER TABLE overrides DROP CONSTRAINT overrides_at_most_check;
ALTER TABLE overrides ADD CONSTRAINT overrides_at_most_check CHECK (at_most BETWEEN 0 AND 9007199254740991);

-- `value` is `on` or `off`, a number, or a text, by `type`.
CREATE TABLE feature_overrides (
    account_id   uuid        NOT NULL REFERENCES accounts,
    feature      text        COLLATE "C" NOT NULL CHECK (char_length(feature) BETWEEN 1 AND 64),
    type         text        NOT NULL CHECK (type IN ('switch', 'number', 'text')),
    value        text        NOT NULL CHECK (char_length(value) <= 500),
    reason       text        NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 2000),
    expires_at   timestamptz,
    created_by   uuid        NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (account_id, feature)
);

CREATE TABLE grants (
    account_id   uuid        NOT NULL REFERENCES accounts,
    id           uuid        NOT NULL,
    metric       text        COLLATE "C" NOT NULL CHECK (char_length(metric) BETWEEN 1 AND 64),
    quantity     bigint      NOT NULL CHECK (quantity BETWEEN 1 AND 9007199254740991),
    reason       text        NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 2000),
    reference    text        CHECK (char_length(reference) BETWEEN 1 AND 128),
    expires_at   timestamptz,
    created_by   uuid        NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (account_id, id)
);

CREATE TABLE usage_records (
    account_id   uuid        NOT NULL REFERENCES accounts,
    id           uuid        NOT NULL,
    meter        text        COLLATE "C" NOT NULL CHECK (char_length(meter) BETWEEN 1 AND 64),
    quantity     bigint      NOT NULL CHECK (quantity BETWEEN 1 AND 9007199254740991),
    at           timestamptz NOT NULL,
    day          date        NOT NULL,
    period       date,
    created_at   timestamptz NOT NULL,
    deleted_at   timestamptz,
    created_by   uuid        NOT NULL,
    api_key      uuid,
    request_id   text        NOT NULL CHECK (request_id <> ''),
    address      text        CHECK (char_length(address) BETWEEN 2 AND 45),
    PRIMARY KEY (account_id, id)
);

CREATE INDEX usage_records_by_day ON usage_records (account_id, day, id);

-- What a usage record, or a booking, adds to the counters of custom metrics. The sum of a window is its counter.
CREATE TABLE charges (
    account_id   uuid        NOT NULL,
    source_id    uuid        NOT NULL,
    metric       text        COLLATE "C" NOT NULL CHECK (char_length(metric) BETWEEN 1 AND 64),
    window_start timestamptz NOT NULL,
    quantity     bigint      NOT NULL CHECK (quantity >= 1),
    PRIMARY KEY (account_id, source_id, metric)
);

CREATE TABLE allocations (
    account_id   uuid        NOT NULL REFERENCES accounts,
    meter        text        COLLATE "C" NOT NULL CHECK (char_length(meter) BETWEEN 1 AND 64),
    key          text        COLLATE "C" NOT NULL CHECK (char_length(key) BETWEEN 1 AND 128),
    quantity     bigint      NOT NULL CHECK (quantity BETWEEN 1 AND 9007199254740991),
    created_at   timestamptz NOT NULL,
    created_by   uuid        NOT NULL,
    api_key      uuid,
    request_id   text        NOT NULL CHECK (request_id <> ''),
    address      text        CHECK (char_length(address) BETWEEN 2 AND 45),
    PRIMARY KEY (account_id, meter, key)
);

CREATE TABLE holds (
    account_id   uuid        NOT NULL REFERENCES accounts,
    id           uuid        NOT NULL,
    meter        text        COLLATE "C" NOT NULL CHECK (char_length(meter) BETWEEN 1 AND 64),
    quantity     bigint      NOT NULL CHECK (quantity BETWEEN 1 AND 9007199254740991),
    at           timestamptz NOT NULL,
    day          date        NOT NULL,
    period       date,
    expires_at   timestamptz NOT NULL,
    reference    text        CHECK (char_length(reference) BETWEEN 1 AND 128),
    state        text        NOT NULL CHECK (state IN ('held', 'confirmed', 'released')),
    created_at   timestamptz NOT NULL,
    closed_at    timestamptz,
    version      bigint      NOT NULL CHECK (version >= 1),
    created_by   uuid        NOT NULL,
    api_key      uuid,
    request_id   text        NOT NULL CHECK (request_id <> ''),
    address      text        CHECK (char_length(address) BETWEEN 2 AND 45),
    PRIMARY KEY (account_id, id)
);

CREATE INDEX holds_held ON holds (account_id, expires_at) WHERE state = 'held';
CREATE INDEX holds_by_expiry ON holds (expires_at);
