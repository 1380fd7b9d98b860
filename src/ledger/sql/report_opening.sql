-- Of all days before.
SELECT kind, CAST(sum(amount) AS INTEGER) AS amount, CAST(sum(count) AS INTEGER) AS count
  FROM journal_days WHERE merchant_id = :merchant AND day < :from GROUP BY kind
