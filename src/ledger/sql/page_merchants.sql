SELECT merchant_id, configured, vouchers, paused_at, paused_by, silent_until, voucher_silent_until
  FROM merchants ORDER BY merchant_id
