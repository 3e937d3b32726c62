-- Search of accounts by the beginning of their names.

-- The name without regard to letter case, as the domain folds it. `lower` is nearly that, and each change of an account
-- writes it anew.
ALTER TABLE accounts ADD COLUMN folded_name text COLLATE "C" NOT NULL DEFAULT '';
UPDATE accounts SET folded_name = lower(name);

CREATE INDEX accounts_by_name ON accounts (folded_name, id);
