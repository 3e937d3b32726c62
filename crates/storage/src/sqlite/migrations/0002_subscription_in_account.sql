-- An account has one subscription or none, and every booking looks at both: one row, so one look-up.

ALTER TABLE accounts ADD COLUMN subscription_id BLOB CHECK (length(subscription_id) = 16);
ALTER TABLE accounts ADD COLUMN plan TEXT CHECK (length(plan) BETWEEN 1 AND 64);
ALTER TABLE accounts ADD COLUMN subscribed_at INTEGER;
ALTER TABLE accounts ADD COLUMN plan_since INTEGER CHECK (plan_since >= subscribed_at);

UPDATE accounts SET (subscription_id, plan, subscribed_at, plan_since) =
    (SELECT id, plan, created_at, plan_since FROM subscriptions WHERE account_id = accounts.id);

DROP TABLE subscriptions;
