-- Erasure of accounts and users.

-- When the erasure of the account was requested. From then on no request finds it.
ALTER TABLE accounts ADD COLUMN erased_at timestamptz;

-- The erasures that are not complete, and how far each is.
CREATE TABLE erasures (
    subject_id    uuid        NOT NULL PRIMARY KEY,
    kind          text        NOT NULL CHECK (kind IN ('account', 'user')),
    requested_at  timestamptz NOT NULL,
    step          bigint      NOT NULL CHECK (step >= 0),
    after_account uuid        NOT NULL,
    after_id      uuid        NOT NULL
);
