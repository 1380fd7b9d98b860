-- When the next step of any merchant in the settings is due. By order_due and voucher_due, one entry of each merchant.
SELECT min(next_at) FROM (
  SELECT (SELECT min(next_at) FROM order_state WHERE merchant_id = m.merchant_id AND rank = 0 AND next_at IS NOT NULL) AS next_at
    FROM merchants m WHERE m.configured = 1
  UNION ALL
  SELECT (SELECT min(next_at) FROM order_state WHERE merchant_id = m.merchant_id AND rank = 1 AND next_at IS NOT NULL)
    FROM merchants m WHERE m.configured = 1
  UNION ALL
  SELECT (SELECT min(next_at) FROM order_state WHERE merchant_id = m.merchant_id AND rank = 2 AND next_at IS NOT NULL)
    FROM merchants m WHERE m.configured = 1
  UNION ALL
  SELECT (SELECT min(next_at) FROM voucher_state WHERE merchant_id = m.merchant_id AND next_at IS NOT NULL)
    FROM merchants m WHERE m.configured = 1 AND m.vouchers = 1
) AS steps
