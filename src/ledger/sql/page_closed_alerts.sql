-- Those closed since then among the newest :scan. No index knows when an alert was closed.
SELECT page.id, page.kind, page.severity, page.stage, page.merchant_id, page.merchant_trade_no, o.trade_no AS asked_trade_no,
       page.order_id, page.message, page.rule, page.reason, page.raised_at, page.acked_by, page.acked_at, page.closed_at,
       s.amount, s.authorized_at
  FROM (SELECT * FROM alerts ORDER BY id DESC LIMIT :scan + 0) AS page
  LEFT JOIN order_state s ON s.order_id = page.order_id
  LEFT JOIN orders o ON o.id = page.order_id
 WHERE page.closed_at >= :since
 ORDER BY page.id DESC LIMIT :limit + 0
