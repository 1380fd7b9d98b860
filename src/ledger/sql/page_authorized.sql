-- Authorized orders, counted by age, by the day of the capture that is foreseen, and by merchant; the oldest :limit.
-- By order_uncaptured, which SQLite, having no statistics, passes over.
SELECT (:now - page.authorized_at) / 86400000 AS age,
       CASE WHEN page.next_step = 'capture' THEN (page.next_step_at - :today) / 86400000 END AS foreseen,
       o.capture = 'hold' AS held, page.merchant_id, count(*) AS orders, CAST(sum(coalesce(page.amount, 0)) AS BIGINT) AS amount
  FROM (SELECT order_id, merchant_id, authorized_at, amount, next_step, next_step_at
          FROM order_state INDEXED BY order_uncaptured
         WHERE state = 'authorized' AND authorized_at IS NOT NULL
         ORDER BY authorized_at LIMIT :limit + 0) AS page
  JOIN orders o ON o.id = page.order_id
 GROUP BY 1, 2, 3, page.merchant_id
