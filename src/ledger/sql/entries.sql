-- The orders with a number, and what was ever asked for them.
SELECT CASE WHEN o.trade_no IS NULL THEN 0 ELSE 1 END AS is_later_charge,
       CASE WHEN o.capture = 'hold' THEN 1 ELSE 0 END AS is_on_hold,
       (SELECT count(*) FROM attempts a WHERE a.order_id = o.id) AS attempts,
       (SELECT count(*) FROM refunds r WHERE r.order_id = o.id AND r.is_open = 1) AS open_refunds
  FROM orders o
 WHERE o.merchant_trade_no = :number AND o.merchant_id = :merchant
 ORDER BY o.id
