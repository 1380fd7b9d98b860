INSERT INTO last_answers (merchant_id, service, at, skew_s) VALUES (:merchant, :service, :at, :skew_s)
ON CONFLICT (merchant_id, service) DO UPDATE SET at = excluded.at, skew_s = excluded.skew_s
