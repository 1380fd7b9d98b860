-- The orders whose limits come first: the oldest authorizations. By order_uncaptured, which SQLite passes over.
SELECT page.order_id, page.merchant_id, page.merchant_trade_no, page.asked_trade_no, page.amount, page.authorized_at,
       page.next_step, page.next_step_at, page.rule, page.reason, o.capture
  FROM (SELECT order_id, merchant_id, merchant_trade_no, asked_trade_no, amount, authorized_at, next_step, next_step_at, rule, reason
          FROM order_state INDEXED BY order_uncaptured
         WHERE state = 'authorized' AND authorized_at IS NOT NULL
           AND (authorized_at, order_id) > (:after_time, :after_order)
         ORDER BY authorized_at, order_id LIMIT :limit + 0) AS page
  JOIN orders o ON o.id = page.order_id
 ORDER BY page.authorized_at, page.order_id
