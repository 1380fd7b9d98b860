-- How far the statement for one merchant and state has read.
SELECT count(*) AS orders, coalesce(min(order_id), 0) AS last
  FROM (SELECT order_id FROM order_state WHERE state = :state AND order_id < :after
         ORDER BY order_id DESC LIMIT :scan + 0) AS page
