-- Payments that a statement has and nobody has registered. Those of a recurring order have an order of the ledger.
SELECT id, coalesce(merchant_trade_no, ''), severity FROM alerts
 WHERE kind = :kind AND merchant_id = :merchant AND closed_at IS NULL AND order_id IS NULL AND voucher_id IS NULL
 ORDER BY 2
