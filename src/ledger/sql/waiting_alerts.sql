SELECT d.id AS delivery_id, d.edge, d.at, a.id AS alert_id, a.kind, a.severity, a.merchant_id, a.merchant_trade_no,
       a.message, a.rule, a.reason, a.days_left, a.raised_at, a.closed_at, a.acked_by
  FROM deliveries d JOIN alerts a ON a.id = d.alert_id
 WHERE d.channel = :channel AND d.message_id IS NULL AND d.is_news = 1
 ORDER BY d.id LIMIT :limit + 0
