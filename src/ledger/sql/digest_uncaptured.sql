-- By its index, which SQLite, having no statistics, passes over.
SELECT count(*) AS count, coalesce(CAST(sum(s.amount) AS INTEGER), 0) AS amount
  FROM order_state s INDEXED BY order_uncaptured JOIN channels c ON c.name = :channel
 WHERE (s.state = 'authorized' OR s.state = 'unpaid' OR s.state = 'not_found' OR s.state = 'not_card' OR s.state = 'review')
   AND s.authorized_at IS NOT NULL AND s.authorized_at <= :before
   AND (c.merchants = '' OR instr(c.merchants, ',' || s.merchant_id || ',') > 0)
