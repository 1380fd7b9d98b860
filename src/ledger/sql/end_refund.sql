-- One that has ended meanwhile is no longer ours to end: the ledger's triggers refuse it, and say so.
UPDATE refunds
   SET state = :state, detail = :detail, rule = :rule, reason = :reason, updated_at = :now, ended_at = :now, refunded_amount = :amount, method = :method
 WHERE intent_id = :refund
