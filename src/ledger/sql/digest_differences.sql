-- As the open alerts about the merchants' statements count them.
SELECT coalesce(CAST(sum(coalesce(a.reason ->> '$.orders', 0)) AS INTEGER), 0) AS orders
  FROM channels c JOIN alerts a ON a.closed_at IS NULL AND a.kind = 'statement_differs'
 WHERE c.name = :channel AND (c.merchants = '' OR instr(c.merchants, ',' || a.merchant_id || ',') > 0)
