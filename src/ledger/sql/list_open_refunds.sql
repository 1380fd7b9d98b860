-- The newest of those that have not ended.
SELECT v.* FROM (SELECT intent_id FROM refunds WHERE is_open = 1 ORDER BY intent_id DESC LIMIT :limit + 0) page
  JOIN refund_status v ON v.id = page.intent_id
 ORDER BY page.intent_id DESC
