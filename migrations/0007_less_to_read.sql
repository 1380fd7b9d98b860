-- Every statement of ecpayd finds its way without the planner's statistics. Taken in a night without an
-- open refund they made SQLite read all open refunds for each order, on a day that had thousands.
DROP TABLE IF EXISTS sqlite_stat1;
DROP TABLE IF EXISTS sqlite_stat4;

-- A page of one merchant's voucher orders.
CREATE INDEX voucher_of_merchant ON voucher_state (merchant_id, voucher_id);
