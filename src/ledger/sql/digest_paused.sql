SELECT m.merchant_id, m.paused_by FROM merchants m JOIN channels c ON c.name = :channel
 WHERE m.paused_at IS NOT NULL AND (c.merchants = '' OR instr(c.merchants, ',' || m.merchant_id || ',') > 0)
 ORDER BY m.merchant_id
