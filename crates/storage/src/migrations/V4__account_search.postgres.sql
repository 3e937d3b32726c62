-- Search of accounts by the beginning of their names.

-- The name without regard to letter case, as the domain folds it. `lower` is that for ASCII; opening the database folds
-- the other names.
ALTER TABLE accounts ADD COLUMN folded_name text COLLATE "C" NOT NULL DEFAULT '';
UPDATE accounts SET folded_name = lower(name COLLATE "C") WHERE name COLLATE "C" ~ '^[ -~]*$';

CREATE INDEX accounts_by_name ON accounts (folded_name, id);
