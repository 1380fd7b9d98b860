-- A voucher order's row, in one statement. No row where another look was written meanwhile.
UPDATE voucher_state
   SET state = :state, voucher_trade_no = coalesce(:voucher_trade_no, voucher_trade_no),
       trade_amount = coalesce(:trade, trade_amount), redeemed_amount = coalesce(:redeemed, redeemed_amount),
       refunded_amount = coalesce(:refunded, refunded_amount), unused_amount = coalesce(:unused, unused_amount),
       observation = coalesce(:observation, observation), last_checked_at = coalesce(:seen_at, last_checked_at),
       last_error = CASE WHEN :error IS NOT NULL THEN :error WHEN :observation IS NOT NULL THEN :mismatch ELSE last_error END,
       look_failures = CASE WHEN :observation IS NULL THEN look_failures ELSE 0 END + CASE WHEN :error IS NULL THEN 0 ELSE 1 END,
       looks_403 = CASE WHEN :observation IS NULL THEN looks_403 ELSE 0 END,
       retry_at = :retry_at, changed_at = :changed_at, confirmed_amount = :confirmed, refunds_asked_at = :asked_at,
       refunds_error = :refunds_error, refunds_contradict = :contradicted, unconfirmed_since = :unconfirmed_since,
       next_at = :next_at, rule = :rule, known_amount = :known, looks = looks + 1
 WHERE voucher_id = :voucher AND looks = :looks
