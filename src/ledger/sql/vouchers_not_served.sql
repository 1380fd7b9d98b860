-- At a start: nobody asks about these, and they say so.
UPDATE voucher_state SET last_error = :why
 WHERE next_at IS NOT NULL AND merchant_id IN (SELECT merchant_id FROM merchants WHERE vouchers = 0)
