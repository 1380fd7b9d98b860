-- No row where it has ended meanwhile, or says the same already.
UPDATE refunds
   SET state = :state, detail = :detail, rule = :rule, reason = :reason, updated_at = :now, ended_at = CASE WHEN :has_ended = 1 THEN :now END
 WHERE intent_id = :refund AND is_open = 1 AND (state <> :state OR detail <> :detail)
