SELECT state, CAST(sum(count) AS BIGINT) AS count FROM order_counts WHERE count > 0
 GROUP BY state
 ORDER BY state
