-- The newest of all. By the key, backwards.
SELECT v.* FROM (SELECT order_id FROM order_state ORDER BY order_id DESC LIMIT :limit + 0) AS page
  JOIN order_rows v ON v.order_id = page.order_id
 ORDER BY page.order_id DESC
