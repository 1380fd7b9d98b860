SELECT id, key, severity, title, text, body, created_at FROM messages
 WHERE channel = :channel AND next_at <= :now ORDER BY next_at, id LIMIT :limit + 0
