-- What has to hold still when an attempt begins.
SELECT s.revision,
       EXISTS (SELECT 1 FROM pauses p
                WHERE p.merchant_id = s.merchant_id AND (p.until IS NULL OR p.until > :now)
                  AND ((p.action = 'capture' AND :captures = 1) OR (p.action = 'refund' AND :refunds = 1))) AS paused,
       EXISTS (SELECT 1 FROM attempts a WHERE a.order_id = s.order_id AND a.ended_at IS NULL) AS open,
       (SELECT coalesce(max(a.id), 0) FROM attempts a WHERE a.order_id = s.order_id) AS newest,
       (SELECT coalesce(max(id), 0) FROM restores) AS restore,
       (SELECT CAST(coalesce(sum(a.amount), 0) AS BIGINT) FROM attempts a
         WHERE a.order_id = s.order_id AND a.action = 'R' AND a.state = 'applied' AND a.undone_at IS NULL) AS refunded,
       :refund IS NULL
         OR EXISTS (SELECT 1 FROM refunds r
                     WHERE r.intent_id = :refund AND r.order_id = s.order_id AND r.is_open = 1) AS wanted,
       EXISTS (SELECT 1 FROM attempts a WHERE a.refund_id = :refund AND a.action IN ('R', 'N') AND a.state = 'applied')
         OR EXISTS (SELECT 1 FROM refunds r JOIN attempts a ON a.refund_id = r.led_by
                     WHERE r.intent_id = :refund AND a.action = 'N' AND a.state = 'applied') AS done
  FROM order_state s
 WHERE s.order_id = :order
