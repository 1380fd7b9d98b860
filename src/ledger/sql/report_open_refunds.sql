-- Those that are open still, and those that have ended since.
SELECT i.merchant_id, i.merchant_trade_no, coalesce(i.trade_no, s.trade_no) AS trade_no, i.amount, r.state, i.id AS refund_id,
       i.request_key, i.created_at AS asked_at, r.detail, r.reason
  FROM (SELECT intent_id FROM refunds WHERE is_open = 1
        UNION ALL SELECT intent_id FROM refunds WHERE is_open = 0 AND ended_at >= :ends) AS candidates
       JOIN refunds r ON r.intent_id = candidates.intent_id
       JOIN refund_intents i ON i.id = r.intent_id JOIN order_state s ON s.order_id = r.order_id
 WHERE i.created_at < :ends AND (:merchant IS NULL OR i.merchant_id = :merchant)
 ORDER BY i.created_at, i.id
