-- The orders with ECPay's number, of each merchant by order_authorization: the merchants are few, and go first.
SELECT o.trade_no AS asked_trade_no, v.* FROM merchants m
 CROSS JOIN order_state s
  JOIN order_rows v ON v.order_id = s.order_id
  JOIN orders o ON o.id = s.order_id
 WHERE s.merchant_id = m.merchant_id AND s.trade_no = :number
 ORDER BY v.order_id
