-- Those that ended with one N are undone together. By refunds_led.
UPDATE refunds SET undone_at = :now, undone_by = :by, undone_why = :why, updated_at = :now
 WHERE state = 'done' AND (intent_id = :leader OR led_by = :leader)
RETURNING intent_id
