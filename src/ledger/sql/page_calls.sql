SELECT hour, outcome, sum(calls) AS calls FROM traffic
 WHERE merchant_id = :merchant AND service = :service AND hour >= :since
 GROUP BY hour, outcome
