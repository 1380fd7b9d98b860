-- The merchants of the settings that have an order with the number.
SELECT DISTINCT s.merchant_id FROM order_state s JOIN merchants m ON m.merchant_id = s.merchant_id AND m.configured = 1
 WHERE s.merchant_trade_no = :number
