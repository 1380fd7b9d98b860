-- Of all that is due, what has been so for longest. What became due by a write has no time of its own.
SELECT min(next_at) FROM (
  SELECT (SELECT min(next_at) FROM order_state WHERE merchant_id = m.merchant_id AND rank = 0 AND next_at > 0 AND next_at <= :now) AS next_at
    FROM merchants m WHERE m.configured = 1
  UNION ALL
  SELECT (SELECT min(next_at) FROM order_state WHERE merchant_id = m.merchant_id AND rank = 1 AND next_at > 0 AND next_at <= :now)
    FROM merchants m WHERE m.configured = 1
  UNION ALL
  SELECT (SELECT min(next_at) FROM order_state WHERE merchant_id = m.merchant_id AND rank = 2 AND next_at > 0 AND next_at <= :now)
    FROM merchants m WHERE m.configured = 1
  UNION ALL
  SELECT (SELECT min(next_at) FROM voucher_state WHERE merchant_id = m.merchant_id AND next_at > 0 AND next_at <= :now)
    FROM merchants m WHERE m.configured = 1 AND m.vouchers = 1
) AS steps
