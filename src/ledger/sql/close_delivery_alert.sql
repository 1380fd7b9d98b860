-- Of a channel that delivers again. What was given up stays told until somebody has seen it.
UPDATE alerts SET closed_at = :now
 WHERE kind = 'delivery_failing' AND merchant_id = :merchant AND stage = :stage
   AND order_id IS NULL AND voucher_id IS NULL AND closed_at IS NULL
