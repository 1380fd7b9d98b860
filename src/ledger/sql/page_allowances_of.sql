-- The allowances that were noted for an order's refunds.
SELECT r.intent_id AS refund_id, a.allowance_no, a.amount, a.canceled, a.noted_at
  FROM refunds r JOIN refund_intents i ON i.id = r.intent_id JOIN refund_allowances a ON a.request_key = i.request_key
 WHERE r.order_id = :order
 ORDER BY a.id
