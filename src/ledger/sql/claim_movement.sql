INSERT INTO journal_claims (movement_id, attempt_id, refund_id, at) VALUES (:movement, :attempt, :refund, :now)
