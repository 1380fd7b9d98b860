-- By events_of_order, which holds the numbers of the shop.
SELECT e.id, e.at, e.kind, e.detail
  FROM orders o JOIN events e ON e.merchant_trade_no = o.merchant_trade_no AND e.order_id = o.id
 WHERE o.id = :order
 ORDER BY e.id
