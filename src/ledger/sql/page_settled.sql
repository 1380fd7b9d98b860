-- The rows by card that ECPay has settled in these days, as a merchant's statements of one kind have them.
SELECT r.statement_id, r.settled_on, r.paid_on, r.gross, r.fee_milli, r.net_milli
  FROM statements f JOIN statement_rows r ON r.statement_id = f.id
 WHERE f.merchant_id = :merchant AND f.kind = :kind AND f.to_day >= :from AND f.from_day <= :to
   AND r.is_card = 1 AND r.settled_on BETWEEN :from AND :to
