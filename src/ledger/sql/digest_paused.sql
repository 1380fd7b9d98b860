SELECT p.merchant_id, p.action, strftime('%Y-%m-%d %H:%M:%S', p.at / 1000 + 28800, 'unixepoch') AS at, p.by, p.why,
       strftime('%Y-%m-%d %H:%M:%S', p.until / 1000 + 28800, 'unixepoch') AS until
  FROM pauses p JOIN channels c ON c.name = :channel
 WHERE (p.until IS NULL OR p.until > :now) AND (c.merchants = '' OR instr(c.merchants, ',' || p.merchant_id || ',') > 0)
 ORDER BY p.merchant_id, p.action
