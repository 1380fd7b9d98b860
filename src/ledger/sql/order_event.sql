INSERT INTO events (at, merchant_id, merchant_trade_no, order_id, kind, detail)
VALUES (:at, (SELECT merchant_id FROM orders WHERE id = :row), (SELECT merchant_trade_no FROM orders WHERE id = :row),
        :row, :kind, :detail)
