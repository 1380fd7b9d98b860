-- A row for each movement of the orders with these numbers; one for an order without any.
-- By the index in the order of the numbers: by that of the merchant all of its orders would be read for each page.
SELECT s.merchant_trade_no, s.order_id, coalesce(nullif(s.asked_trade_no, ''), s.trade_no) AS trade_no, s.state, s.amount,
       s.authorized_at, j.day, j.kind, j.amount AS moved, j.fee_milli
  FROM order_state s INDEXED BY order_state_number
       LEFT JOIN journal j ON j.order_id = s.order_id AND j.kind IN ('captured', 'called_back', 'refunded')
 WHERE s.merchant_trade_no BETWEEN :first AND :last AND s.merchant_id = :merchant
 ORDER BY s.merchant_trade_no, s.order_id, j.id
