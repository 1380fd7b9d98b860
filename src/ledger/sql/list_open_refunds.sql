-- The newest of those that have not ended. By their index, which SQLite, having no statistics, passes over: it would
-- read all refunds.
SELECT v.* FROM (SELECT r.intent_id FROM refunds r INDEXED BY refunds_open JOIN refund_intents i ON i.id = r.intent_id
                  WHERE r.is_open = 1 AND (:state IS NULL OR r.state = :state)
                    AND (:merchant IS NULL OR i.merchant_id = :merchant)
                  ORDER BY r.intent_id DESC LIMIT :limit + 0) AS page
  JOIN refund_status v ON v.id = page.intent_id
 ORDER BY page.intent_id DESC
