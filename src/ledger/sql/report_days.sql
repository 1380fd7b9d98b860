SELECT day, kind, amount, count FROM journal_days
 WHERE merchant_id = :merchant AND day >= :from AND day <= :to ORDER BY day, kind
