-- One merchant, or all.
DELETE FROM pauses WHERE action = :action AND (:merchant IS NULL OR merchant_id = :merchant)
