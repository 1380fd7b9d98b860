INSERT INTO voucher_orders (merchant_id, merchant_trade_no, free_trade_no)
VALUES (:merchant, :sold, :free)
