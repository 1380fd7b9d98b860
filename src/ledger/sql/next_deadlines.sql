-- As page_ahead. SQLite has no statistics: it would take the index on the state, and sort all that wait.
SELECT v.* FROM (SELECT s.order_id FROM order_state s INDEXED BY order_uncaptured
                  WHERE (s.state = 'authorized' OR s.state = 'unpaid' OR s.state = 'not_found' OR s.state = 'not_card' OR s.state = 'review')
                    AND s.authorized_at IS NOT NULL
                    AND (s.state = 'authorized' OR
         (SELECT CAST(sum(CASE WHEN j.kind = 'authorized' OR j.kind = 'called_back' THEN j.amount
                             WHEN j.kind = 'refunded' THEN 0 ELSE -j.amount END) AS INTEGER)
            FROM journal j WHERE j.order_id = s.order_id) > 0)
                  ORDER BY s.authorized_at LIMIT :limit + 0) AS page
  JOIN order_rows v ON v.order_id = page.order_id
 ORDER BY v.authorized_at
