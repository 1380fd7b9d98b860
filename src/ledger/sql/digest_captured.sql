-- What looks of that day showed captured for the first time.
SELECT count(*) AS count, coalesce(CAST(sum(s.captured_amount) AS INTEGER), 0) AS amount
  FROM order_state s JOIN channels c ON c.name = :channel
 WHERE s.order_id IN (SELECT e.order_id FROM events e WHERE e.id >= :first AND e.id < :last AND e.kind = 'observed')
   AND s.captured_at >= :from AND s.captured_at < :to
   AND (c.merchants = '' OR instr(c.merchants, ',' || s.merchant_id || ',') > 0)
