-- The orders whose limits come first: the oldest authorizations, as in page_authorized. By order_uncaptured, which SQLite
-- passes over.
SELECT page.order_id, page.merchant_id, page.merchant_trade_no, page.asked_trade_no, page.amount, page.authorized_at,
       page.next_step, page.next_step_at, page.rule, page.reason, o.capture
  FROM (SELECT s.order_id, s.merchant_id, s.merchant_trade_no, s.asked_trade_no, s.amount, s.authorized_at, s.next_step,
               s.next_step_at, s.rule, s.reason
          FROM order_state s INDEXED BY order_uncaptured
         WHERE (s.state = 'authorized' OR s.state = 'unpaid' OR s.state = 'not_found' OR s.state = 'not_card' OR s.state = 'review')
           AND s.authorized_at IS NOT NULL AND (s.authorized_at, s.order_id) > (:after_time, :after_order)
           AND (s.state = 'authorized' OR
         (SELECT CAST(sum(CASE WHEN j.kind = 'authorized' OR j.kind = 'called_back' THEN j.amount
                             WHEN j.kind = 'refunded' THEN 0 ELSE -j.amount END) AS INTEGER)
            FROM journal j WHERE j.order_id = s.order_id) > 0)
         ORDER BY s.authorized_at, s.order_id LIMIT :limit + 0) AS page
  JOIN orders o ON o.id = page.order_id
 ORDER BY page.authorized_at, page.order_id
