-- Of all days before.
SELECT kind, CAST(sum(amount) AS INTEGER) AS amount, CAST(sum(count) AS INTEGER) AS count
  FROM day_sums WHERE merchant_id = :merchant AND day < :from GROUP BY kind
