-- Through which channels an alert was told, or will be; the newest edge last.
SELECT d.channel, d.message_id IS NULL AS waits, coalesce(m.tries, 0) AS tries, m.next_at, m.sent_at, m.given_up_at, m.last_error
  FROM deliveries d JOIN channels c ON c.name = d.channel LEFT JOIN messages m ON m.id = d.message_id
 WHERE d.alert_id = :alert AND d.is_news = 1 AND c.configured = 1
 ORDER BY d.id
