SELECT m.id, m.day, m.at, m.kind, m.amount, m.by, m.attempt_id, m.refund_id, m.gateway_at
  FROM journal j JOIN movements m ON m.id = j.id
 WHERE j.order_id = :order
 ORDER BY m.id
