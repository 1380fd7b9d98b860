INSERT INTO events (at, merchant_id, merchant_trade_no, order_id, kind, detail)
VALUES (:at, :merchant, :number, :order, :kind, :detail)
