-- At a start: their merchant is in the settings again, and the next look may be a month away.
UPDATE voucher_state SET last_error = NULL
 WHERE next_at IS NOT NULL AND last_error = :why
   AND merchant_id IN (SELECT merchant_id FROM merchants WHERE vouchers = 1)
