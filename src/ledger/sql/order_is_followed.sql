-- Whether a row looks after this order: without a number of ECPay's any row of it, with one the row of this
-- authorization, or the order's own while ECPay has not said which authorization that is.
SELECT EXISTS (SELECT 1 FROM order_state
                WHERE merchant_trade_no = :number AND merchant_id = :merchant
                  AND (:trade_no IS NULL OR asked_trade_no = :trade_no
                       OR (asked_trade_no = '' AND (trade_no IS NULL OR trade_no = :trade_no))))
