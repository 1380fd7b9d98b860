-- The view has no row's number, so it is asked by the one number that the order has: each has its index.
SELECT s.* FROM voucher_orders v
  JOIN voucher_status s ON s.merchant_id = v.merchant_id
       AND (s.merchant_trade_no = v.merchant_trade_no OR s.free_trade_no = v.free_trade_no)
 WHERE v.id = :voucher
