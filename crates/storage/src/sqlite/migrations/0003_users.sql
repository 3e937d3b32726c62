-- Users, what they log in and act with, who belongs to which account, and the audit.

CREATE TABLE users (
    id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    username    TEXT    NOT NULL UNIQUE CHECK (length(username) BETWEEN 1 AND 64),
    password    TEXT    NOT NULL CHECK (length(password) > 0),
    is_operator INTEGER NOT NULL CHECK (is_operator IN (0, 1)),
    is_disabled INTEGER NOT NULL CHECK (is_disabled IN (0, 1)),
    created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    user_id    BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE refresh_tokens (
    hash       BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    session_id BLOB    NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    is_used    INTEGER NOT NULL CHECK (is_used IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

CREATE TABLE api_keys (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    user_id      BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name         TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    secret       BLOB    NOT NULL CHECK (length(secret) = 32),
    scope        TEXT    NOT NULL CHECK (scope IN ('read', 'write', 'admin')),
    account_id   BLOB    REFERENCES accounts (id),
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    last_used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX api_keys_by_user ON api_keys (user_id, id);

CREATE TABLE members (
    account_id BLOB    NOT NULL REFERENCES accounts (id),
    user_id    BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role       TEXT    NOT NULL CHECK (role IN ('viewer', 'manager', 'owner')),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX members_by_user ON members (user_id, account_id);

-- The entries of an account are a chain, each naming the one before it, and the account naming the newest: an index by
-- account would be written all over (docs/adr/0004-key-order.md). They outlive users and accounts: no foreign keys.
CREATE TABLE audit_entries (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    account_id BLOB    CHECK (length(account_id) = 16),
    previous   BLOB    CHECK (previous IS NULL OR length(previous) = 16 AND account_id IS NOT NULL),
    user_id    BLOB    NOT NULL CHECK (length(user_id) = 16),
    api_key    BLOB    CHECK (length(api_key) = 16),
    action     TEXT    NOT NULL CHECK (length(action) BETWEEN 1 AND 64),
    resource   TEXT    NOT NULL CHECK (length(resource) > 0),
    address    TEXT    CHECK (length(address) BETWEEN 2 AND 45),
    request_id TEXT    NOT NULL CHECK (length(request_id) > 0),
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE accounts ADD COLUMN audit_head BLOB CHECK (length(audit_head) = 16);

CREATE TRIGGER audit_entries_are_never_changed BEFORE UPDATE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

CREATE TRIGGER audit_entries_are_never_removed BEFORE DELETE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
