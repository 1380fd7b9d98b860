-- One merchant, or all.
UPDATE merchants SET paused_at = NULL, paused_by = NULL
 WHERE paused_at IS NOT NULL AND (:merchant IS NULL OR merchant_id = :merchant)
