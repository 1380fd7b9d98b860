-- Whatever was open then is open still, or has moved since.
SELECT o.merchant_id, o.merchant_trade_no, coalesce(o.trade_no, s.trade_no) AS trade_no, left_open.amount, s.state, s.authorized_at,
       s.capture_by, s.expires_at, o.capture, o.memo
  FROM (SELECT candidates.order_id,
               (SELECT CAST(sum(CASE WHEN j.kind = 'authorized' OR j.kind = 'called_back' THEN j.amount
                                     WHEN j.kind = 'refunded' THEN 0 ELSE -j.amount END) AS INTEGER)
                  FROM journal j WHERE j.order_id = candidates.order_id AND j.day <= :to) AS amount
          FROM (SELECT order_id FROM order_state INDEXED BY order_uncaptured
                 WHERE authorized_at IS NOT NULL AND (state = 'authorized' OR state = 'unpaid' OR state = 'not_found' OR state = 'not_card' OR state = 'review')
                UNION SELECT j.order_id FROM day_movements d JOIN journal j ON j.id = d.movement_id WHERE d.day > :to) AS candidates) AS left_open
       JOIN orders o ON o.id = left_open.order_id JOIN order_state s ON s.order_id = left_open.order_id
 WHERE left_open.amount > 0 AND (:merchant IS NULL OR o.merchant_id = :merchant)
 ORDER BY s.authorized_at, o.id
