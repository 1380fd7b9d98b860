-- At every merchant unless one is named. By the_order_is_in_the_ledger_already, which begins with the number.
SELECT o.id, o.merchant_id, o.trade_no AS asked_trade_no, coalesce(o.trade_no, s.trade_no) AS trade_no
  FROM orders o JOIN order_state s ON s.order_id = o.id
 WHERE o.merchant_trade_no = :number AND (:merchant IS NULL OR o.merchant_id = :merchant)
 ORDER BY o.id
