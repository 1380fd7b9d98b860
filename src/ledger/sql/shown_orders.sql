-- Some orders, as they are shown now.
SELECT s.order_id, s.merchant_id, s.merchant_trade_no, coalesce(nullif(s.asked_trade_no, ''), s.trade_no) AS trade_no, s.state,
       s.amount, s.captured_amount, s.refunded_amount, s.last_error, coalesce(s.last_checked_at, 0) < :since AS waits,
       s.retry_at IS NOT NULL AND coalesce(s.last_checked_at, 0) < :since AS failed
  FROM json_each(:ids) ids JOIN order_state s ON s.order_id = ids.value
