-- What is authorized and not captured, counted by age, by the day of the capture that is foreseen, and by merchant; the
-- oldest :limit. An order whose newest look tells something else is authorized still, as far as its movements tell.
-- By order_uncaptured, which SQLite, having no statistics, passes over.
SELECT (:now - page.authorized_at) / 86400000 AS age,
       CASE WHEN page.next_step = 'capture' THEN (page.next_step_at - :today) / 86400000 END AS foreseen,
       o.capture = 'hold' AS held, page.merchant_id, count(*) AS orders, CAST(sum(page.left_open) AS BIGINT) AS amount
  FROM (SELECT s.order_id, s.merchant_id, s.authorized_at, s.state, s.next_step, s.next_step_at,
               CASE WHEN s.state = 'authorized' THEN coalesce(s.amount, 0) ELSE
         (SELECT CAST(sum(CASE WHEN j.kind = 'authorized' OR j.kind = 'called_back' THEN j.amount
                             WHEN j.kind = 'refunded' THEN 0 ELSE -j.amount END) AS INTEGER)
            FROM journal j WHERE j.order_id = s.order_id) END AS left_open
          FROM order_state s INDEXED BY order_uncaptured
         WHERE (s.state = 'authorized' OR s.state = 'unpaid' OR s.state = 'not_found' OR s.state = 'not_card' OR s.state = 'review')
           AND s.authorized_at IS NOT NULL
         ORDER BY s.authorized_at LIMIT :limit + 0) AS page
  JOIN orders o ON o.id = page.order_id
 WHERE page.state = 'authorized' OR page.left_open > 0
 GROUP BY 1, 2, 3, page.merchant_id
