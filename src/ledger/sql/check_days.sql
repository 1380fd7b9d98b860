-- What is kept of each day and what its movements come to, where the two differ: the sums, or those that are listed of
-- it. The whole journal is read.
SELECT merchant_id, day, kind, CASE WHEN sum(kept) <> sum(journal) THEN sum(kept) ELSE sum(listed) END AS kept, sum(journal) AS journal
  FROM (SELECT merchant_id, day, kind, amount AS kept, 0 AS listed, 0 AS journal FROM day_sums
        UNION ALL
        SELECT d.merchant_id, d.day, j.kind, 0, j.amount, 0 FROM day_movements d JOIN journal j ON j.id = d.movement_id
        UNION ALL SELECT merchant_id, day, kind, 0, 0, amount FROM journal) AS all_three
 GROUP BY merchant_id, day, kind HAVING sum(kept) <> sum(journal) OR sum(listed) <> sum(journal)
 ORDER BY merchant_id, day, kind
