-- The loudest first.
SELECT a.id, a.kind, a.severity, a.merchant_id, a.merchant_trade_no, a.message, a.reason, a.closed_at IS NULL AS is_open
  FROM alerts a JOIN channels c ON c.name = :channel
 WHERE a.raised_at >= :since AND (c.merchants = '' OR a.merchant_id = '' OR instr(c.merchants, ',' || a.merchant_id || ',') > 0)
 ORDER BY CASE a.severity WHEN 'critical' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, a.id LIMIT 20
