-- Due at once, and what was seen before does not count: as after a write of the shop. A row that only stands beside
-- another's order keeps what its shop has said of it.
UPDATE order_state
   SET next_at = 0, retry_at = NULL,
       revision = revision + CASE WHEN instr(coalesce(observation, ''), '"twin"') = 0 THEN 1 ELSE 0 END
 WHERE next_at IS NOT NULL AND merchant_id IN (SELECT merchant_id FROM merchants WHERE configured = 1)
   AND (:merchant IS NULL OR merchant_id = :merchant)
