UPDATE alerts SET closed_at = :now
 WHERE kind = :kind AND merchant_id = :merchant AND closed_at IS NULL
