-- The newest occasion of an alert that is open.
UPDATE alerts SET message = :message, reason = :reason
 WHERE kind = :kind AND merchant_id = :merchant AND stage = :stage
   AND order_id IS NULL AND voucher_id IS NULL AND closed_at IS NULL
