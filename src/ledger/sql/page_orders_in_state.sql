-- The same of one state, by order_by_state.
SELECT o.trade_no AS asked_trade_no, v.* FROM (SELECT order_id FROM order_state WHERE state = :state AND order_id < :after
                  ORDER BY order_id DESC LIMIT :limit + 0) AS page
  JOIN order_rows v ON v.order_id = page.order_id
  JOIN orders o ON o.id = page.order_id
 ORDER BY page.order_id DESC
