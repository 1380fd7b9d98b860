SELECT day, kind, CAST(sum(amount) AS INTEGER) AS amount, CAST(sum(count) AS INTEGER) AS count
  FROM journal_days
 WHERE merchant_id IN (SELECT merchant_id FROM merchants) AND day >= :from AND day <= :to
 GROUP BY day, kind
