SELECT day FROM journal_days
 WHERE merchant_id IN (SELECT merchant_id FROM merchants WHERE :merchant IS NULL OR merchant_id = :merchant) AND day >= :from AND day <= :to
UNION
SELECT day FROM journal
 WHERE id > (SELECT summed_to FROM daemon) AND merchant_id IN (SELECT merchant_id FROM merchants WHERE :merchant IS NULL OR merchant_id = :merchant) AND day >= :from AND day <= :to
 ORDER BY day
