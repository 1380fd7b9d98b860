SELECT d.id AS delivery_id, d.edge, d.at, s.order_id, s.merchant_id, s.merchant_trade_no, s.trade_no,
       s.state, s.amount, s.captured_amount, s.refunded_amount,
       d.refund_id, r.request_key, r.refunded_amount AS refund_amount, r.method AS refund_method, r.detail, r.reason
  FROM deliveries d JOIN order_state s ON s.order_id = d.order_id LEFT JOIN refunds r ON r.intent_id = d.refund_id
 WHERE d.channel = :channel AND d.message_id IS NULL AND d.is_news = 1
   AND NOT EXISTS (SELECT 1 FROM messages m
                    WHERE m.order_id = d.order_id AND m.channel = d.channel AND m.next_at IS NOT NULL)
 ORDER BY d.id LIMIT :limit + 0
