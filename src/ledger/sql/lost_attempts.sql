-- Money calls that were begun, or came to something, after an event, as they stand.
SELECT a.id, o.merchant_id, o.merchant_trade_no, a.refund_id, a.action, a.amount, a.state,
       strftime('%Y-%m-%d %H:%M:%S', a.started_at / 1000 + 28800, 'unixepoch') AS started_at,
       strftime('%Y-%m-%d %H:%M:%S', a.finished_at / 1000 + 28800, 'unixepoch') AS finished_at
  FROM (SELECT DISTINCT CASE WHEN json_valid(detail) THEN json_extract(detail, '$.attempt') END AS id
          FROM events WHERE id > :after AND kind GLOB 'attempt_*') touched
  JOIN attempts a ON a.id = touched.id
  JOIN orders o ON o.id = a.order_id
 ORDER BY a.id
