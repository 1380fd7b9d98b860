-- No row where the alert is open already.
INSERT INTO alerts (kind, severity, stage, merchant_id, order_id, voucher_id, merchant_trade_no, message, rule, reason, days_left, raised_at)
VALUES (:kind, :severity, :stage, :merchant, :order, :voucher, :number, :message, :rule, :reason, :days_left, :now)
ON CONFLICT DO NOTHING
RETURNING id
