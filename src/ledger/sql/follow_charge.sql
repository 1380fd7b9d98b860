-- A row for a charge of a recurring order, unless one follows it already.
INSERT INTO orders (merchant_id, merchant_trade_no, trade_no, capture, created_at)
SELECT :merchant, :number, :trade_no, :capture, :now
 WHERE NOT EXISTS (SELECT 1 FROM order_state s
                    WHERE s.merchant_id = :merchant AND s.merchant_trade_no = :number AND s.asked_trade_no = :trade_no)
   AND NOT EXISTS (SELECT 1 FROM order_state s WHERE s.merchant_id = :merchant AND s.trade_no = :trade_no)
