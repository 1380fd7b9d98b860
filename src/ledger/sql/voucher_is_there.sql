-- It has one number of the two, and each has its index.
SELECT EXISTS (SELECT 1 FROM voucher_orders
                WHERE merchant_id = :merchant AND (merchant_trade_no = :sold OR free_trade_no = :free))
