SELECT EXISTS (SELECT 1 FROM orders
                WHERE merchant_id = :merchant AND merchant_trade_no = :number AND trade_no IS NOT DISTINCT FROM :trade_no)
