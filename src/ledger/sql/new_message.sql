INSERT INTO messages (channel, severity, order_id, title, text, body, created_at, next_at)
VALUES (:channel, :severity, :order, :title, :text, :body, :now, :now)
RETURNING id, key, severity, title, text, body, created_at
