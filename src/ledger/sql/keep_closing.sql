INSERT INTO closings (order_id, row_at, amount, status, nth, seen_at) VALUES (:order, :row_at, :amount, :status, :nth, :seen_at)
ON CONFLICT DO NOTHING
