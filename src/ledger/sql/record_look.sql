-- An order's row, but for its trade_no, which is told once: what is named here is written anew in its indexes.
UPDATE order_state
   SET state = :state, amount = :amount, captured_amount = :captured, refunded_amount = :refunded,
       left_amount = :left, captured_at = :captured_at, capture_by = :capture_by, expires_at = :expires_at,
       observation = coalesce(:observation, observation), last_checked_at = coalesce(:seen_at, last_checked_at),
       payment_type = coalesce(:payment_type, payment_type),
       authorized_at = coalesce(:authorized_at, authorized_at),
       last_error = CASE WHEN :error IS NOT NULL THEN :error WHEN :observation IS NULL THEN last_error END,
       retry_at = CASE WHEN :error IS NOT NULL THEN :retry_at WHEN :observation IS NULL THEN retry_at END,
       look_failures = CASE WHEN :observation IS NULL THEN look_failures ELSE 0 END + CASE WHEN :error IS NULL THEN 0 ELSE 1 END,
       looks_403 = CASE WHEN :observation IS NULL THEN looks_403 ELSE 0 END,
       rank = CASE WHEN revision <> :revision AND rank < :rank THEN rank ELSE :rank END,
       on_resume = :on_resume, rule = :rule, reason = :reason, next_step = :step,
       next_step_at = CASE WHEN :slot < :step_at THEN :slot ELSE :step_at END,
       next_at = CASE WHEN revision <> :revision THEN 0
                      -- Resumed since the plan was made.
                      WHEN :on_resume IS NOT NULL
                           AND NOT EXISTS (SELECT 1 FROM pauses p
                                            WHERE p.merchant_id = order_state.merchant_id AND p.action = :on_resume) THEN 0
                      WHEN :slot < :next_at THEN :slot
                      ELSE :next_at END
 WHERE order_id = :order
