-- By the index of those that have not ended, which SQLite, having no statistics, passes over: it would read all refunds.
SELECT v.* FROM (SELECT intent_id FROM refunds INDEXED BY refunds_open
                  WHERE is_open = 1 ORDER BY intent_id LIMIT :limit + 0) AS page
  JOIN refund_status v ON v.id = page.intent_id
 ORDER BY v.id
