-- What every start asks: which plans accounts are on or will be, which accounts those are, and who the operators are.
-- Written when a plan is chosen and when an operator is made, and never by a booking.

CREATE INDEX accounts_by_plan ON accounts (plan, id) WHERE plan IS NOT NULL;
CREATE INDEX scheduled_changes_by_plan ON scheduled_changes (plan, account_id) WHERE plan IS NOT NULL;
CREATE INDEX users_who_are_operators ON users (is_operator, id) WHERE is_operator = 1;
