-- The movements of a day, by kind.
SELECT d.kind, CAST(sum(d.count) AS INTEGER) AS count, CAST(sum(d.amount) AS INTEGER) AS amount
  FROM channels c JOIN
       (SELECT merchant_id, kind, amount, count FROM journal_days WHERE merchant_id IN (SELECT merchant_id FROM merchants) AND day = :day
        UNION ALL
        SELECT merchant_id, kind, amount, 1 FROM journal WHERE id > (SELECT summed_to FROM daemon) AND day = :day) AS d
       ON c.merchants = '' OR instr(c.merchants, ',' || d.merchant_id || ',') > 0
 WHERE c.name = :channel
 GROUP BY d.kind
