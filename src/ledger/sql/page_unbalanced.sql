-- Authorized orders whose movements do not leave what they show; of the oldest :limit, as page_authorized.
SELECT page.merchant_trade_no
  FROM (SELECT s.merchant_trade_no, s.amount, s.authorized_at,
         (SELECT CAST(sum(CASE WHEN j.kind = 'authorized' OR j.kind = 'called_back' THEN j.amount
                             WHEN j.kind = 'refunded' THEN 0 ELSE -j.amount END) AS INTEGER)
            FROM journal j WHERE j.order_id = s.order_id) AS left_open
          FROM order_state s INDEXED BY order_uncaptured
         WHERE s.state = 'authorized' AND s.authorized_at IS NOT NULL
         ORDER BY s.authorized_at LIMIT :limit + 0) AS page
 WHERE coalesce(page.left_open, 0) <> coalesce(page.amount, 0)
 ORDER BY page.authorized_at LIMIT 5
