-- The time of a merchant's next step. By order_due, one entry for each rank.
SELECT min(next_at) FROM (
  SELECT min(next_at) AS next_at FROM order_state WHERE merchant_id = :merchant AND rank = 0 AND next_at IS NOT NULL
  UNION ALL
  SELECT min(next_at) FROM order_state WHERE merchant_id = :merchant AND rank = 1 AND next_at IS NOT NULL
  UNION ALL
  SELECT min(next_at) FROM order_state WHERE merchant_id = :merchant AND rank = 2 AND next_at IS NOT NULL
) AS steps
