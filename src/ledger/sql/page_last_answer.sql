SELECT at, skew_s FROM last_answers WHERE merchant_id = :merchant AND service = :service
