-- The attempt that gave the money of a refund back.
SELECT id FROM attempts
 WHERE refund_id = :refund AND state = 'applied' AND action IN ('R', 'N') AND undone_at IS NULL
