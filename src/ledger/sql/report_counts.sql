-- As day_sums, whose sums are found by merchant and day alone.
SELECT kind, CAST(sum(amount) AS INTEGER) AS amount, CAST(sum(count) AS INTEGER) AS count
  FROM (SELECT kind, amount, count FROM journal_days
         WHERE merchant_id IN (SELECT merchant_id FROM merchants WHERE :merchant IS NULL OR merchant_id = :merchant) AND day >= :from AND day <= :to
        UNION ALL
        SELECT kind, amount, 1 FROM journal
         WHERE id > (SELECT summed_to FROM daemon) AND merchant_id IN (SELECT merchant_id FROM merchants WHERE :merchant IS NULL OR merchant_id = :merchant) AND day >= :from AND day <= :to) AS sums
 GROUP BY kind
