-- The movements before a day, by kind; as page_money_days.
SELECT kind, CAST(sum(amount) AS INTEGER) AS amount
  FROM (SELECT kind, amount FROM journal_days
         WHERE merchant_id IN (SELECT merchant_id FROM merchants) AND day < :from
        UNION ALL
        SELECT kind, amount FROM journal
         WHERE id > (SELECT summed_to FROM daemon) AND merchant_id IN (SELECT merchant_id FROM merchants) AND day < :from) AS sums
 GROUP BY kind
