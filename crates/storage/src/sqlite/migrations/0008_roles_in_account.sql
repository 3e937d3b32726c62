-- What every booking looks at stands in the account's row, which it reads anyway: the roles of the account's members. 16 bytes of
-- the user and one of the role for each, or null if there are more than eight: then the members say. Triggers keep it, so that
-- nobody can forget to; a user who is deleted takes their memberships along, and these fire them too.

ALTER TABLE accounts ADD COLUMN roles BLOB DEFAULT x'';

CREATE VIEW roles_of_accounts AS
SELECT account_id, iif(count(*) > 8, NULL,
    unhex(group_concat(hex(user_id) || CASE role WHEN 'viewer' THEN '00' WHEN 'manager' THEN '01' ELSE '02' END, ''))) AS roles
FROM members GROUP BY account_id;

CREATE TRIGGER members_are_noted AFTER INSERT ON members BEGIN
    UPDATE accounts SET roles = (SELECT roles FROM roles_of_accounts WHERE account_id = NEW.account_id) WHERE id = NEW.account_id;
END;

CREATE TRIGGER members_roles_are_noted AFTER UPDATE ON members BEGIN
    UPDATE accounts SET roles = (SELECT roles FROM roles_of_accounts WHERE account_id = NEW.account_id) WHERE id = NEW.account_id;
END;

CREATE TRIGGER members_who_leave_are_noted AFTER DELETE ON members BEGIN
    UPDATE accounts SET roles = iif(EXISTS (SELECT 1 FROM members WHERE account_id = OLD.account_id),
        (SELECT roles FROM roles_of_accounts WHERE account_id = OLD.account_id), x'') WHERE id = OLD.account_id;
END;

UPDATE accounts SET roles = (SELECT roles FROM roles_of_accounts r WHERE r.account_id = accounts.id)
WHERE id IN (SELECT account_id FROM members);

-- The newest bookings take the place of eight from the beginning, so that the row keeps its length and is written where it is.
UPDATE accounts SET recent_bookings = CAST(recent_bookings || zeroblob(168 - length(recent_bookings)) AS BLOB)
WHERE length(recent_bookings) < 168;
