-- SQLite has no statistics: it would take the index on the state, and sort all that wait.
SELECT v.* FROM (SELECT order_id FROM order_state INDEXED BY order_uncaptured
                  WHERE state = 'authorized' AND authorized_at IS NOT NULL ORDER BY authorized_at LIMIT :limit + 0) AS page
  JOIN order_rows v ON v.order_id = page.order_id
 ORDER BY v.authorized_at
