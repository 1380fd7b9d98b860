-- The newest of all. By the key, backwards.
SELECT v.* FROM (SELECT intent_id FROM refunds ORDER BY intent_id DESC LIMIT :limit + 0) AS page
  JOIN refund_status v ON v.id = page.intent_id
 ORDER BY page.intent_id DESC
