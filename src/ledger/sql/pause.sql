-- One merchant, or all.
UPDATE merchants SET paused_at = :now, paused_by = :by
 WHERE paused_at IS NULL AND (:merchant IS NULL OR merchant_id = :merchant)
