-- The newest events of an order. By events_of_order, which holds the numbers of the shop.
SELECT v.* FROM orders o
  JOIN events e ON e.merchant_trade_no = o.merchant_trade_no AND e.order_id = o.id
  JOIN order_events v ON v.id = e.id
 WHERE o.id = :order
 ORDER BY e.id DESC LIMIT :limit + 0
