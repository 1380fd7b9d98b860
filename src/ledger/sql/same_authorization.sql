-- The other row, if there is one, that follows an authorization. By order_authorization.
SELECT order_id FROM order_state
 WHERE merchant_id = :merchant AND trade_no = :trade_no AND order_id <> :order
