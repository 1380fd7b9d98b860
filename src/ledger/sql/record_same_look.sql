-- Columns that indexes hold are left alone, since SQLite writes those indexes anew whether the value differs or not.
UPDATE order_state
   SET observation = coalesce(:observation, observation), last_checked_at = coalesce(:seen_at, last_checked_at),
       last_error = CASE WHEN :observation IS NULL THEN last_error END,
       retry_at = CASE WHEN :observation IS NULL THEN retry_at END,
       look_failures = CASE WHEN :observation IS NULL THEN look_failures ELSE 0 END,
       looks_403 = CASE WHEN :observation IS NULL THEN looks_403 ELSE 0 END,
       rank = CASE WHEN revision <> :revision AND rank < :rank THEN rank ELSE :rank END,
       on_resume = :on_resume, rule = :rule, reason = :reason, next_step = :step, next_step_at = :step_at,
       next_at = CASE WHEN revision <> :revision THEN 0
                      -- Resumed since the plan was made.
                      WHEN :on_resume IS NOT NULL
                           AND NOT EXISTS (SELECT 1 FROM pauses p
                                            WHERE p.merchant_id = order_state.merchant_id AND p.action = :on_resume) THEN 0
                      ELSE :next_at END
 WHERE order_id = :order
