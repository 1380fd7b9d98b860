-- Refunds, newest first, among the next :scan: no index knows the state of those that have ended, nor their merchant.
SELECT v.* FROM (SELECT scanned.intent_id
                   FROM (SELECT intent_id, state FROM refunds WHERE intent_id < :after
                          ORDER BY intent_id DESC LIMIT :scan + 0) AS scanned
                   JOIN refund_intents i ON i.id = scanned.intent_id
                  WHERE (:state IS NULL OR scanned.state = :state) AND (:merchant IS NULL OR i.merchant_id = :merchant)
                  ORDER BY scanned.intent_id DESC LIMIT :limit + 0) AS page
  JOIN refund_status v ON v.id = page.intent_id
 ORDER BY page.intent_id DESC
