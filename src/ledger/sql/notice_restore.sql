INSERT INTO restores (noticed_at, reason, newest_attempt)
VALUES (:now, :reason, coalesce((SELECT max(id) FROM attempts), 0))
RETURNING id
