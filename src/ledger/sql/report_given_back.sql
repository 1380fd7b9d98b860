-- A call may end several refunds together: each of them is told with its own amount.
SELECT j.day, j.merchant_id, o.merchant_trade_no, coalesce(o.trade_no, s.trade_no) AS trade_no, i.id AS refund_id, i.request_key,
       CASE WHEN r.state = 'done' THEN r.refunded_amount ELSE j.amount END AS amount, j.kind, r.method,
       CASE WHEN c.movement_id IS NULL THEN j.by ELSE 'ecpayd' END AS by, s.authorized_at,
       (SELECT string_agg(a.allowance_no, ' ') FROM refund_allowances a WHERE a.request_key = i.request_key AND a.canceled = 0) AS allowance_no,
       (SELECT CAST(sum(a.amount) AS INTEGER) FROM refund_allowances a WHERE a.request_key = i.request_key AND a.canceled = 0) AS allowance_amount,
       i.reason
  FROM day_movements d JOIN journal j ON j.id = d.movement_id JOIN orders o ON o.id = j.order_id JOIN order_state s ON s.order_id = j.order_id
       LEFT JOIN journal_claims c ON c.movement_id = j.id
       LEFT JOIN refunds r ON r.intent_id = coalesce(j.refund_id, c.refund_id)
                              OR (r.led_by = coalesce(j.refund_id, c.refund_id) AND r.state = 'done')
       LEFT JOIN refund_intents i ON i.id = r.intent_id
 WHERE d.day = :day AND (j.kind = 'refunded' OR j.kind = 'voided') AND (:merchant IS NULL OR d.merchant_id = :merchant)
 ORDER BY j.merchant_id, j.id
