-- A page of authorizations that no look has shown captured or ended. By its index, which SQLite, having no
-- statistics, passes over: then each page would read all orders.
SELECT authorized_at, order_id, merchant_id FROM order_state INDEXED BY order_uncaptured
 WHERE (state = 'authorized' OR state = 'unpaid' OR state = 'not_found' OR state = 'not_card' OR state = 'review')
   AND authorized_at IS NOT NULL AND authorized_at BETWEEN :from AND :to
   AND (authorized_at, order_id) > (:after_time, :after_order)
 ORDER BY authorized_at, order_id LIMIT :limit + 0
