-- The view has no row's number, so it is asked by the numbers of the order.
SELECT s.* FROM voucher_orders v
  JOIN voucher_status s ON s.merchant_id = v.merchant_id
       AND s.merchant_trade_no IS v.merchant_trade_no AND s.free_trade_no IS v.free_trade_no
 WHERE v.id = :voucher
