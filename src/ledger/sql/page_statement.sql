SELECT (SELECT max(to_day) FROM statements WHERE merchant_id = :merchant) AS read_to,
       (SELECT error FROM statement_fetches WHERE merchant_id = :merchant) AS error
