-- Every unfinished voucher order, after the settings have changed.
UPDATE voucher_state SET next_at = CASE WHEN next_at > :now THEN :now ELSE next_at END WHERE next_at IS NOT NULL
