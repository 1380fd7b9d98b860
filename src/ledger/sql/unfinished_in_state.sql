-- A page of orders in a state that are still looked at. By its index, which SQLite, having no statistics, passes over.
SELECT 0, order_id, merchant_id FROM order_state INDEXED BY order_by_state
 WHERE state = :state AND order_id > :after_order AND next_at IS NOT NULL
 ORDER BY order_id LIMIT :limit + 0
