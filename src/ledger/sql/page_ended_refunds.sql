-- Refunds that have ended, newest first, among the next :scan: no index knows their state.
SELECT v.* FROM (SELECT intent_id FROM (SELECT intent_id, state, is_open FROM refunds WHERE intent_id < :after
                                         ORDER BY intent_id DESC LIMIT :scan + 0) AS scanned
                  WHERE is_open = 0 AND (:state IS NULL OR state = :state)
                  ORDER BY intent_id DESC LIMIT :limit + 0) AS page
  JOIN refund_status v ON v.id = page.intent_id
 ORDER BY page.intent_id DESC
