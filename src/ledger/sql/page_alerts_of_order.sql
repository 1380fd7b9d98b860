-- The alerts about an order, the loudest first: all that are open, and those closed among the newest :scan. No index
-- knows of which order a closed one was.
SELECT page.id, page.kind, page.severity, page.stage, page.merchant_id, page.merchant_trade_no, o.trade_no AS asked_trade_no,
       page.order_id, page.message, page.rule, page.reason, page.raised_at, page.acked_by, page.acked_at, page.closed_at,
       s.amount, s.authorized_at
  FROM (SELECT * FROM alerts WHERE order_id = :order AND closed_at IS NULL
        UNION ALL
        SELECT * FROM (SELECT * FROM alerts ORDER BY id DESC LIMIT :scan + 0) AS newest
         WHERE order_id = :order AND closed_at IS NOT NULL) AS page
  LEFT JOIN order_state s ON s.order_id = page.order_id
  LEFT JOIN orders o ON o.id = page.order_id
 ORDER BY CASE page.severity WHEN 'critical' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, page.id
