INSERT INTO statement_fetches (merchant_id, tried_at, fetched_on, error, failing_since)
VALUES (:merchant, :now, :fetched_on, :error, :failing_since)
    ON CONFLICT (merchant_id) DO UPDATE
   SET tried_at = excluded.tried_at, fetched_on = excluded.fetched_on, error = excluded.error, failing_since = excluded.failing_since
