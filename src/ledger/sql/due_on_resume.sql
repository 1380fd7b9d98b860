-- What waits for nothing but the end of the pause. One merchant, or all.
UPDATE order_state SET next_at = 0 WHERE on_resume = :action AND (:merchant IS NULL OR merchant_id = :merchant)
