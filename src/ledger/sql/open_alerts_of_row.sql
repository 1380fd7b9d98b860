-- The open alerts of an order or of a voucher order. Each half has its own index.
SELECT id, kind, stage FROM alerts WHERE order_id = :order AND closed_at IS NULL
UNION ALL
SELECT id, kind, stage FROM alerts WHERE voucher_id = :voucher AND closed_at IS NULL
