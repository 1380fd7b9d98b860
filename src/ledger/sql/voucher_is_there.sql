SELECT EXISTS (SELECT 1 FROM voucher_orders
                WHERE merchant_id = :merchant AND merchant_trade_no IS :sold AND free_trade_no IS :free)
