INSERT INTO statement_fetches (merchant_id, tried_at) VALUES (:merchant, :now)
    ON CONFLICT (merchant_id) DO UPDATE SET tried_at = excluded.tried_at
