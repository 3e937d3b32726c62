-- The first and the last day of 64 pages of an account's list (level 1), of 64 such groups (level 2), and of 64 of those (level 3): what
-- has none of the days that are asked for is passed over at one look (docs/adr/0012-lists.md). The days of a group may be more than
-- those of its pages, never fewer.
CREATE TABLE booking_page_groups (
    account_id BLOB    NOT NULL,
    level      INTEGER NOT NULL CHECK (level BETWEEN 1 AND 3),
    number     INTEGER NOT NULL CHECK (number >= 0),
    first_day  INTEGER NOT NULL,
    last_day   INTEGER NOT NULL CHECK (last_day >= first_day),
    PRIMARY KEY (account_id, level, number)
) STRICT, WITHOUT ROWID;

CREATE VIEW groups_of_booking_pages AS
SELECT account_id, level, number / size AS number, min(first_day) AS first_day, max(last_day) AS last_day
FROM booking_pages, (SELECT 1 AS level, 64 AS size UNION ALL SELECT 2, 4096 UNION ALL SELECT 3, 262144)
GROUP BY 1, 2, 3;

INSERT INTO booking_page_groups SELECT account_id, level, number, first_day, last_day FROM groups_of_booking_pages;
