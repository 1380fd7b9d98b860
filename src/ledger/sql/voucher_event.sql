INSERT INTO events (at, merchant_id, merchant_trade_no, voucher_id, kind, detail)
VALUES (:at, (SELECT merchant_id FROM voucher_orders WHERE id = :row),
        (SELECT merchant_trade_no FROM voucher_orders WHERE id = :row), :row, :kind, :detail)
