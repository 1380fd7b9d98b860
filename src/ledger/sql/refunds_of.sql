SELECT v.* FROM refunds r JOIN refund_status v ON v.id = r.intent_id
 WHERE r.order_id = :order
 ORDER BY v.id
