-- What bookings changed of accounts lately, some accounts to a row, in the order in which it was committed: every booking would else
-- write a page of its own for its account's row, which is brought up to date when there is no more room for it here
-- (docs/adr/0018-account-journal.md). The rows are written in turn, over and over, and each has the length of a page.
CREATE TABLE account_journal (
    slot   INTEGER NOT NULL PRIMARY KEY,
    -- Grows by one from row to row; the slot is what is left of it by the number of slots.
    seq    INTEGER NOT NULL CHECK (seq > 0),
    -- The accounts' rows have all that rows up to this one say, unless a later row says otherwise.
    folded INTEGER NOT NULL CHECK (folded BETWEEN 0 AND seq),
    -- For each account 2 bytes of a length, 16 of its id, and as many of its state; zeros after them.
    states BLOB    NOT NULL CHECK (length(states) = 4000)
) STRICT;

-- What foreign keys are looked up in: a few pages of ids, in place of the many that the accounts' rows take. (SQLite takes the youngest
-- unique index of the column.)
CREATE UNIQUE INDEX account_ids ON accounts (id);
