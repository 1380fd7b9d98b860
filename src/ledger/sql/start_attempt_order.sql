-- The order of an attempt that begins is looked at first thing, whatever happens to this process.
UPDATE order_state SET last_error = NULL, look_failures = 0, retry_at = NULL, next_at = 0, rank = 0
 WHERE order_id = :order
