-- Erasure of accounts and users.

-- When the erasure of the account was requested. From then on no request finds it.
ALTER TABLE accounts ADD COLUMN erased_at INTEGER;

-- The erasures that are not complete, and how far each is.
CREATE TABLE erasures (
    subject_id    BLOB    NOT NULL PRIMARY KEY CHECK (length(subject_id) = 16),
    kind          TEXT    NOT NULL CHECK (kind IN ('account', 'user')),
    requested_at  INTEGER NOT NULL,
    step          INTEGER NOT NULL CHECK (step >= 0),
    after_account BLOB    NOT NULL CHECK (length(after_account) = 16),
    after_id      BLOB    NOT NULL CHECK (length(after_id) = 16)
) STRICT, WITHOUT ROWID;
