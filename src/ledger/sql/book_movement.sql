INSERT INTO journal (order_id, merchant_id, day, at, kind, amount, by, attempt_id, refund_id, gateway_at, fee_milli)
VALUES (:order, :merchant, :day, :at, :kind, :amount, :by, :attempt, :refund, :gateway_at, :fee)
