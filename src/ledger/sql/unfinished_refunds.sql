-- A page of orders with a refund that has not ended. By its index, which SQLite, having no statistics, passes over.
SELECT DISTINCT 0, r.order_id, s.merchant_id
  FROM refunds r INDEXED BY refunds_open JOIN order_state s ON s.order_id = r.order_id
 WHERE r.is_open = 1 AND r.order_id > :after_order
 ORDER BY r.order_id LIMIT :limit + 0
