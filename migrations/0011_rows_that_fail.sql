-- Rows whose looks fail stand behind the others of their merchant.

-- How often in a row calls for the row were answered with 403, while those for others in between were not.
ALTER TABLE order_state ADD COLUMN looks_403 INTEGER NOT NULL DEFAULT 0 CHECK (looks_403 >= 0);
ALTER TABLE order_state ADD COLUMN money_calls_403 INTEGER NOT NULL DEFAULT 0 CHECK (money_calls_403 >= 0);
ALTER TABLE voucher_state ADD COLUMN looks_403 INTEGER NOT NULL DEFAULT 0 CHECK (looks_403 >= 0);

-- Its last looks have failed, or it alone brings 403.
ALTER TABLE order_state ADD COLUMN failing INTEGER AS (look_failures >= 3 OR looks_403 > 0 OR money_calls_403 > 0) VIRTUAL;
ALTER TABLE voucher_state ADD COLUMN failing INTEGER AS (look_failures >= 3 OR looks_403 > 0) VIRTUAL;

CREATE INDEX order_failing ON order_state (merchant_id, rank, next_at) WHERE next_at IS NOT NULL AND failing = 1;
CREATE INDEX voucher_failing ON voucher_state (merchant_id, next_at) WHERE next_at IS NOT NULL AND failing = 1;
