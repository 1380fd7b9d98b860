SELECT v.* FROM (SELECT intent_id FROM refunds WHERE is_open = 1 ORDER BY intent_id LIMIT :limit + 0) r
  JOIN refund_status v ON v.id = r.intent_id
 ORDER BY v.id
