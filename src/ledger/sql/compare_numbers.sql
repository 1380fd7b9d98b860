-- The order numbers with a row of the statements or a movement of money in these days.
SELECT r.merchant_trade_no AS number
  FROM statements f JOIN statement_rows r ON r.statement_id = f.id
 WHERE f.merchant_id = :merchant AND f.to_day >= :from AND f.from_day <= :to
   AND r.is_card = 1 AND coalesce(r.settled_on, r.traded_on) BETWEEN :from AND :to
UNION
SELECT r.merchant_trade_no FROM statement_rows r INDEXED BY statement_rows_traded
 WHERE r.merchant_id = :merchant AND r.traded_on BETWEEN :from AND :to AND r.settled_on IS NULL AND r.is_card = 1
UNION
SELECT s.merchant_trade_no FROM day_movements d JOIN journal j ON j.id = d.movement_id JOIN order_state s ON s.order_id = j.order_id
 WHERE d.day BETWEEN :from AND :to AND d.merchant_id = :merchant AND j.kind IN ('captured', 'called_back', 'refunded')
 ORDER BY number
