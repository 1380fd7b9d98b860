-- One merchant, or all. What lasts longer stays as it is.
INSERT INTO pauses (merchant_id, action, at, by, why, until)
SELECT merchant_id, :action, :now, :by, :why, :until FROM merchants WHERE :merchant IS NULL OR merchant_id = :merchant
ON CONFLICT (merchant_id, action) DO UPDATE SET at = excluded.at, by = excluded.by, why = excluded.why, until = excluded.until
 WHERE pauses.until IS NOT NULL AND (excluded.until IS NULL OR excluded.until > pauses.until)
