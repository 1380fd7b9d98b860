SELECT id, refund_id, action, amount, trade_no, state,
       strftime('%Y-%m-%d %H:%M:%S', started_at / 1000 + 28800, 'unixepoch') AS started_at,
       strftime('%Y-%m-%d %H:%M:%S', finished_at / 1000 + 28800, 'unixepoch') AS finished_at,
       code, text, resolved_by
  FROM attempts WHERE order_id = :order
 ORDER BY id
