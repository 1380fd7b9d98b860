-- Whether an alert about the ledger itself is open. By alerts_open.
SELECT EXISTS (SELECT 1 FROM alerts
                WHERE kind = :kind AND stage = '' AND merchant_id = :merchant
                  AND ifnull(order_id, 0) = 0 AND ifnull(voucher_id, 0) = 0 AND closed_at IS NULL)
