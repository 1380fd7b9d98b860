-- Orders whose number begins so, by order_state_number.
SELECT o.trade_no AS asked_trade_no, v.* FROM (SELECT order_id FROM order_state WHERE merchant_trade_no >= :from AND merchant_trade_no < :to
                  ORDER BY merchant_trade_no LIMIT :limit + 0) AS page
  JOIN order_rows v ON v.order_id = page.order_id
  JOIN orders o ON o.id = page.order_id
 ORDER BY v.merchant_trade_no, v.order_id
