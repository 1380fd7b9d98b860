-- How many orders are kept to be in each state and how many are, where the two differ. All orders are read.
SELECT merchant_id, state, sum(kept) AS kept, sum(counted) AS counted
  FROM (SELECT merchant_id, state, count AS kept, 0 AS counted FROM order_counts
        UNION ALL SELECT merchant_id, state, 0, 1 FROM order_state) AS both
 GROUP BY merchant_id, state HAVING sum(kept) <> sum(counted)
 ORDER BY merchant_id, state
