-- What a page of an account's list may have: the first and the last day, as before, and marks: one bit of 62 for each of its staff members,
-- and bit 62 if one of its bookings is not removed (docs/adr/0012-lists.md). A page from before may have anything: every bit is set.
-- A page stands where it was made, after all others, and has its full length from the beginning: pages that were kept in the order of
-- accounts, and grew, moved their neighbours to other places again and again. What is written all over is an index alone.
CREATE TABLE booking_lists (
    account_id BLOB    NOT NULL,
    number     INTEGER NOT NULL CHECK (number >= 0),
    first_day  INTEGER NOT NULL,
    last_day   INTEGER NOT NULL CHECK (last_day >= first_day),
    marks      INTEGER NOT NULL,
    bookings   BLOB    NOT NULL,
    PRIMARY KEY (account_id, number)
) STRICT;

INSERT INTO booking_lists (account_id, number, first_day, last_day, marks, bookings)
SELECT account_id, number, first_day, last_day, -1,
    CAST(bookings || zeroblob(max(0, iif(length(bookings) % 21 = 0, 504, 888) - length(bookings))) AS BLOB)
FROM booking_pages;

DROP TABLE booking_pages;
ALTER TABLE booking_lists RENAME TO booking_pages;

-- The same of 64 pages (level 1), of 64 such groups (level 2), and of 64 of those (level 3), when there is a page after them: what has
-- nothing that is asked for is passed over at one look. A group may be said to have more than its pages do, never less.
CREATE TABLE booking_page_groups (
    account_id BLOB    NOT NULL,
    level      INTEGER NOT NULL CHECK (level BETWEEN 1 AND 3),
    number     INTEGER NOT NULL CHECK (number >= 0),
    first_day  INTEGER NOT NULL,
    last_day   INTEGER NOT NULL CHECK (last_day >= first_day),
    marks      INTEGER NOT NULL,
    PRIMARY KEY (account_id, level, number)
) STRICT, WITHOUT ROWID;

INSERT INTO booking_page_groups (account_id, level, number, first_day, last_day, marks)
SELECT account_id, level, number / size, min(first_day), max(last_day), -1
FROM booking_pages
JOIN (SELECT account_id AS owner, max(number) AS last FROM booking_pages GROUP BY 1) ON owner = account_id
JOIN (SELECT 1 AS level, 64 AS size UNION ALL SELECT 2, 4096 UNION ALL SELECT 3, 262144)
WHERE (number / size + 1) * size <= last
GROUP BY 1, 2, 3;
