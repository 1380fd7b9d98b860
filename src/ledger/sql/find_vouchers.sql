-- Sold or given away. By voucher_state_number.
SELECT v.id, v.merchant_id, v.free_trade_no IS NOT NULL AS free
  FROM voucher_state s JOIN voucher_orders v ON v.id = s.voucher_id
 WHERE s.number = :number AND (:merchant IS NULL OR s.merchant_id = :merchant)
 ORDER BY v.id
