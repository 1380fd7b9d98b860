SELECT merchants.merchant_id, 0 AS vouchers, silent_until, a.at AS answered_at, a.skew_s
  FROM merchants LEFT JOIN last_answers a ON a.merchant_id = merchants.merchant_id AND a.service = 'card'
 WHERE configured = 1
 UNION ALL
SELECT merchants.merchant_id, 1, voucher_silent_until, a.at, a.skew_s
  FROM merchants LEFT JOIN last_answers a ON a.merchant_id = merchants.merchant_id AND a.service = 'voucher'
 WHERE configured = 1 AND vouchers = 1
 ORDER BY 1, 2
