INSERT INTO refund_intents (merchant_id, merchant_trade_no, trade_no, amount, request_key, reason)
VALUES (:merchant, :number, :trade_no, :amount, :request_key, :reason)
RETURNING id
