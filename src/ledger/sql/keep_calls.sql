INSERT INTO traffic (merchant_id, service, hour, call, outcome, calls, ms)
VALUES (:merchant, :service, :hour, :call, :end, :calls, :ms)
ON CONFLICT (merchant_id, service, hour, call, outcome) DO UPDATE SET calls = calls + excluded.calls, ms = ms + excluded.ms
