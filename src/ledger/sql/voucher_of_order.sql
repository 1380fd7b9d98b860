-- The voucher order that a card order paid for.
SELECT v.id FROM orders o
  JOIN voucher_orders v ON v.merchant_trade_no = o.merchant_trade_no AND v.merchant_id = o.merchant_id
 WHERE o.id = :order
