-- The newest notice, with what is still to be done about it.
SELECT strftime('%Y-%m-%d %H:%M:%S', noticed_at / 1000 + 28800, 'unixepoch') AS noticed_at, reason,
       (SELECT count(*) FROM order_state s
         WHERE s.next_at IS NOT NULL AND s.caught_up < t.id AND s.authorized_at IS NOT NULL
           AND (t.answered_at IS NULL OR s.authorized_at < t.answered_at)) AS waiting_orders,
       (SELECT count(*) FROM order_state s WHERE s.unclaimed_amount > 0 OR s.unclaimed_void = 1) AS unclaimed_orders
  FROM restores t ORDER BY t.id DESC LIMIT 1
