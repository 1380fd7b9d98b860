SELECT day, kind, CAST(sum(amount) AS INTEGER) AS amount, CAST(sum(count) AS INTEGER) AS count FROM day_sums
 WHERE merchant_id = :merchant AND day >= :from AND day <= :to GROUP BY day, kind ORDER BY day, kind
