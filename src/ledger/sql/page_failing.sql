-- Orders of a merchant whose looks fail. By order_failing, which SQLite passes over.
SELECT merchant_trade_no, asked_trade_no, last_error, retry_at FROM order_state INDEXED BY order_failing
 WHERE merchant_id = :merchant AND next_at IS NOT NULL AND failing = 1
 LIMIT :limit + 0
