-- All rows that were paid out in these days, by card or not: ECPay pays them out together.
SELECT r.kind, r.paid_on, coalesce(r.settled_on, r.traded_on), r.statement_id, r.gross, r.fee_milli, r.net_milli
  FROM statement_rows r
 WHERE r.merchant_id = :merchant AND r.paid_on BETWEEN :from AND :to
