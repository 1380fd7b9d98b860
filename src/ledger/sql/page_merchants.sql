SELECT merchant_id, configured, vouchers, silent_until, voucher_silent_until
  FROM merchants ORDER BY merchant_id
