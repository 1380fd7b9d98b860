-- Those that are open still, and those that have ended since the range began.
SELECT i.merchant_id, strftime('%Y-%m-%d', i.created_at / 1000 + 28800, 'unixepoch') AS asked_on,
       strftime('%Y-%m-%d', r.ended_at / 1000 + 28800, 'unixepoch') AS ended_on, count(*) AS count
  FROM (SELECT intent_id, NULL AS ended_at FROM refunds WHERE is_open = 1
        UNION ALL SELECT intent_id, ended_at FROM refunds WHERE is_open = 0 AND ended_at >= :begins) AS r
       JOIN refund_intents i ON i.id = r.intent_id
 WHERE i.created_at < :ends AND (:merchant IS NULL OR i.merchant_id = :merchant)
 GROUP BY i.merchant_id, asked_on, ended_on
