SELECT j.id, j.kind, j.amount, j.at, coalesce(j.attempt_id, c.attempt_id) AS attempt_id
  FROM journal j LEFT JOIN journal_claims c ON c.movement_id = j.id
 WHERE j.order_id = :order
 ORDER BY j.id
