SELECT kind, CAST(sum(amount) AS INTEGER) AS amount, CAST(sum(count) AS INTEGER) AS count
  FROM journal_days
 WHERE merchant_id IN (SELECT merchant_id FROM merchants WHERE :merchant IS NULL OR merchant_id = :merchant) AND day >= :from AND day <= :to
 GROUP BY kind
