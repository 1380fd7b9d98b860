-- What is kept of each day and what its movements come to, where the two differ. The whole journal is read.
SELECT merchant_id, day, kind, sum(kept) AS kept, sum(journal) AS journal
  FROM (SELECT merchant_id, day, kind, amount AS kept, 0 AS journal FROM journal_days
        UNION ALL SELECT merchant_id, day, kind, 0, amount FROM journal) AS both
 GROUP BY merchant_id, day, kind HAVING sum(kept) <> sum(journal)
 ORDER BY merchant_id, day, kind
