-- The rows by card of all statements with these numbers.
SELECT r.merchant_trade_no, r.kind, r.statement_id, r.line, r.trade_no, r.traded_on, r.settled_on, r.paid_on, r.gross, r.fee_milli
  FROM statement_rows r INDEXED BY statement_rows_once
 WHERE r.merchant_trade_no BETWEEN :first AND :last AND r.merchant_id = :merchant AND r.is_card = 1
 ORDER BY r.merchant_trade_no, r.statement_id, r.line
