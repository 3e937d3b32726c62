-- The answers to requests that are to be done once, for a day. The answers are long and stand in the order in which they
-- were made: what is written all over is an index of hashes alone (docs/adr/0004-key-order.md). So there is a rowid.

CREATE TABLE idempotency_records (
    key         BLOB    NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    fingerprint BLOB    NOT NULL CHECK (length(fingerprint) = 32),
    answer      BLOB    NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;

CREATE INDEX idempotency_records_by_age ON idempotency_records (created_at);
