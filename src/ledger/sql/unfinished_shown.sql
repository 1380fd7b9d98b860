-- Unfinished orders that a look may tell something new of: what has ended is looked at in its own time.
SELECT s.order_id, s.merchant_id, s.merchant_trade_no, coalesce(nullif(s.asked_trade_no, ''), s.trade_no) AS trade_no, s.state,
       s.amount, s.captured_amount, s.refunded_amount, s.last_error, coalesce(s.last_checked_at, 0) < :since AS waits,
       s.retry_at IS NOT NULL AND coalesce(s.last_checked_at, 0) < :since AS failed
  FROM merchants m JOIN order_state s INDEXED BY order_due ON s.merchant_id = m.merchant_id AND s.next_at IS NOT NULL
 WHERE m.configured = 1 AND (:merchant IS NULL OR m.merchant_id = :merchant)
   AND instr(coalesce(s.observation, ''), '"twin"') = 0
   AND (s.state NOT IN ('captured', 'refunded', 'voided', 'expired', 'not_card')
        OR EXISTS (SELECT 1 FROM refunds r WHERE r.order_id = s.order_id AND r.is_open = 1))
