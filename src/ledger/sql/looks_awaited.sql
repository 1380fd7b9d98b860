-- Unfinished orders that a look may tell something new of, and that have had none since, nor a failed one.
SELECT count(*)
  FROM merchants m JOIN order_state s INDEXED BY order_due ON s.merchant_id = m.merchant_id AND s.next_at IS NOT NULL
 WHERE m.configured = 1 AND (:merchant IS NULL OR m.merchant_id = :merchant)
   AND instr(coalesce(s.observation, ''), '"twin"') = 0
   AND (s.state NOT IN ('captured', 'refunded', 'voided', 'expired', 'not_card')
        OR EXISTS (SELECT 1 FROM refunds r WHERE r.order_id = s.order_id AND r.is_open = 1))
   AND coalesce(s.last_checked_at, 0) < :since AND s.retry_at IS NULL
