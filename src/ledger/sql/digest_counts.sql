SELECT (SELECT count(*) FROM alerts a WHERE a.raised_at >= :since
           AND (c.merchants = '' OR a.merchant_id = '' OR instr(c.merchants, ',' || a.merchant_id || ',') > 0)) AS raised,
       (SELECT count(*) FROM alerts a WHERE a.closed_at >= :since AND a.closed_at <= :now
           AND (c.merchants = '' OR a.merchant_id = '' OR instr(c.merchants, ',' || a.merchant_id || ',') > 0)) AS closed,
       (SELECT count(*) FROM alerts a WHERE a.closed_at IS NULL
           AND (c.merchants = '' OR a.merchant_id = '' OR instr(c.merchants, ',' || a.merchant_id || ',') > 0)) AS open
  FROM channels c WHERE c.name = :channel
