INSERT INTO orders (merchant_id, merchant_trade_no, trade_no, expected_amount, installments, capture, memo)
VALUES (:merchant, :number, :trade_no, :expected_amount, :installments, :capture, :memo)
RETURNING id
