-- How many bookings an account has on each of its days in use, in the account's own row, as JSON: [[day, bookings], …].
-- A day is counted either there or, if it was not booked for long, in booking_counters.

ALTER TABLE accounts ADD COLUMN day_counts TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(day_counts));
