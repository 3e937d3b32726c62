-- What may happen to accounts, staff and bookings after they were made, and lists of bookings.

ALTER TABLE accounts ADD COLUMN deleted_at INTEGER;
-- Whether scheduled_changes or overrides say more about the account: seldom, so that nobody looks there for the others.
ALTER TABLE accounts ADD COLUMN has_more INTEGER NOT NULL DEFAULT 0 CHECK (has_more IN (0, 1));
-- How many bookings the account ever made, and the newest of them, which booking_pages does not have yet, one after the other: 16
-- bytes of the id, 4 of the day, 1 that says whether it was removed (1) and whether 16 bytes of a staff member follow (2).
ALTER TABLE accounts ADD COLUMN bookings INTEGER NOT NULL DEFAULT 0 CHECK (bookings >= 0);
ALTER TABLE accounts ADD COLUMN recent_bookings BLOB NOT NULL DEFAULT x'';

CREATE INDEX accounts_that_exist ON accounts (id) WHERE deleted_at IS NULL;

CREATE TABLE scheduled_changes (
    account_id BLOB    NOT NULL PRIMARY KEY REFERENCES accounts (id),
    id         BLOB    NOT NULL CHECK (length(id) = 16),
    plan       TEXT    CHECK (length(plan) BETWEEN 1 AND 64),
    at         INTEGER NOT NULL,
    wished_by  BLOB    NOT NULL CHECK (length(wished_by) = 16),
    wished_at  INTEGER NOT NULL,
    reason     TEXT    CHECK (length(reason) BETWEEN 1 AND 2000)
) STRICT, WITHOUT ROWID;

CREATE TABLE subscription_changes (
    account_id BLOB    NOT NULL REFERENCES accounts (id),
    id         BLOB    NOT NULL CHECK (length(id) = 16),
    from_plan  TEXT    CHECK (length(from_plan) BETWEEN 1 AND 64),
    to_plan    TEXT    CHECK (length(to_plan) BETWEEN 1 AND 64),
    at         INTEGER NOT NULL,
    wished_by  BLOB    NOT NULL CHECK (length(wished_by) = 16),
    wished_at  INTEGER NOT NULL,
    reason     TEXT    CHECK (length(reason) BETWEEN 1 AND 2000),
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER subscription_changes_are_never_changed BEFORE UPDATE ON subscription_changes
BEGIN SELECT RAISE(ABORT, 'a history is append-only'); END;

CREATE TRIGGER subscription_changes_are_never_removed BEFORE DELETE ON subscription_changes
BEGIN SELECT RAISE(ABORT, 'a history is append-only'); END;

CREATE TABLE overrides (
    account_id BLOB    NOT NULL REFERENCES accounts (id),
    metric     TEXT    NOT NULL CHECK (length(metric) > 0),
    at_most    INTEGER CHECK (at_most BETWEEN 0 AND 4294967295),
    reason     TEXT    NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    expires_at INTEGER,
    created_by BLOB    NOT NULL CHECK (length(created_by) = 16),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, metric)
) STRICT, WITHOUT ROWID;

ALTER TABLE staff_members ADD COLUMN deleted_at INTEGER;

CREATE INDEX staff_members_that_are_active ON staff_members (account_id, id) WHERE deleted_at IS NULL;

ALTER TABLE bookings ADD COLUMN deleted_at INTEGER;
-- Whether it counts on its day: what was removed after it had begun does.
ALTER TABLE bookings ADD COLUMN is_counted INTEGER NOT NULL DEFAULT 1 CHECK (is_counted IN (0, 1));

-- Where in the list of its account's bookings it is.
ALTER TABLE bookings ADD COLUMN position INTEGER NOT NULL DEFAULT 0 CHECK (position >= 0);

UPDATE bookings SET position = listed.position
FROM (SELECT id, row_number() OVER (PARTITION BY account_id ORDER BY id) - 1 AS position FROM bookings) listed
WHERE listed.id = bookings.id;

-- The list of an account's bookings, 24 to a page, as recent_bookings has them. An index of the bookings would be written all
-- over, once for each of them; this is written once for a few of an account (docs/adr/0012-lists.md).
CREATE TABLE booking_pages (
    account_id BLOB    NOT NULL,
    number     INTEGER NOT NULL CHECK (number >= 0),
    first_day  INTEGER NOT NULL,
    last_day   INTEGER NOT NULL CHECK (last_day >= first_day),
    bookings   BLOB    NOT NULL,
    PRIMARY KEY (account_id, number)
) STRICT, WITHOUT ROWID;

INSERT INTO booking_pages (account_id, number, first_day, last_day, bookings)
SELECT account_id, position / 24, min(day), max(day),
    unhex(group_concat(hex(id) || printf('%08x', day & 4294967295) || iif(staff_id IS NULL, '00', '02' || hex(staff_id)),
        '' ORDER BY position))
FROM bookings GROUP BY account_id, position / 24;

UPDATE accounts SET bookings = listed.bookings
FROM (SELECT account_id, count(*) AS bookings FROM bookings GROUP BY account_id) listed WHERE listed.account_id = accounts.id;
