-- Of this merchant, and of all that are in the settings again.
UPDATE alerts SET closed_at = :now
 WHERE kind = :kind AND closed_at IS NULL
   AND (merchant_id = :merchant OR merchant_id IN (SELECT merchant_id FROM merchants WHERE configured = 1))
