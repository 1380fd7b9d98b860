-- The movements of a day, by kind.
SELECT d.kind, CAST(sum(d.count) AS INTEGER) AS count, CAST(sum(d.amount) AS INTEGER) AS amount
  FROM channels c JOIN journal_days d ON d.merchant_id IN (SELECT merchant_id FROM merchants)
 WHERE c.name = :channel AND d.day = :day AND (c.merchants = '' OR instr(c.merchants, ',' || d.merchant_id || ',') > 0)
 GROUP BY d.kind
