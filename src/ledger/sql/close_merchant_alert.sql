UPDATE alerts SET closed_at = :now
 WHERE kind = :kind AND merchant_id = :merchant AND stage = :stage
   AND order_id IS NULL AND voucher_id IS NULL AND closed_at IS NULL
