-- Whether an alert about the ledger itself is open. By alerts_open.
SELECT EXISTS (SELECT 1 FROM alerts
                WHERE kind = :kind AND stage = '' AND merchant_id = :merchant
                  AND order_id IS NULL AND voucher_id IS NULL AND closed_at IS NULL)
