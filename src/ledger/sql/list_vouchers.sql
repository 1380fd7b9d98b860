-- The newest of all. By the key, backwards.
SELECT s.* FROM (SELECT voucher_id FROM voucher_state ORDER BY voucher_id DESC LIMIT :limit + 0) AS page
  JOIN voucher_orders v ON v.id = page.voucher_id
  JOIN voucher_status s ON s.merchant_id = v.merchant_id
       AND (s.merchant_trade_no = v.merchant_trade_no OR s.free_trade_no = v.free_trade_no)
 ORDER BY page.voucher_id DESC
