-- When the next step of any merchant in the settings is due. By order_due and voucher_due, one entry for each.
SELECT min(next_at) FROM (SELECT min(
         ifnull((SELECT min(next_at) FROM order_state WHERE merchant_id = m.merchant_id AND rank = 0 AND next_at IS NOT NULL), 9e18),
         ifnull((SELECT min(next_at) FROM order_state WHERE merchant_id = m.merchant_id AND rank = 1 AND next_at IS NOT NULL), 9e18),
         ifnull((SELECT min(next_at) FROM order_state WHERE merchant_id = m.merchant_id AND rank = 2 AND next_at IS NOT NULL), 9e18),
         ifnull((SELECT min(next_at) FROM voucher_state WHERE merchant_id = m.merchant_id AND m.vouchers = 1 AND next_at IS NOT NULL), 9e18)
       ) AS next_at FROM merchants m WHERE m.configured = 1)
 WHERE next_at < 9e18
