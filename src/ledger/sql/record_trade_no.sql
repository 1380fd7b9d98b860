UPDATE order_state SET trade_no = :trade_no WHERE order_id = :order AND trade_no IS NULL
