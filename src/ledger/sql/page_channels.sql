-- The channels of the settings, and when each was last reached, as far as the newest messages tell.
SELECT c.name, c.what, c.least, sent.sent_at,
       (SELECT count(*) FROM messages m WHERE m.channel = c.name AND m.next_at IS NOT NULL) AS pending,
       (SELECT count(*) FROM deliveries d WHERE d.channel = c.name AND d.message_id IS NULL AND d.is_news = 1) AS waiting,
       failing.next_at, failing.last_error
  FROM channels c
  LEFT JOIN (SELECT channel, max(sent_at) AS sent_at FROM (SELECT channel, sent_at FROM messages ORDER BY id DESC LIMIT :scan + 0) AS page
              GROUP BY channel) AS sent ON sent.channel = c.name
  LEFT JOIN messages failing ON failing.id =
            (SELECT m.id FROM messages m WHERE m.channel = c.name AND m.next_at IS NOT NULL AND m.last_error IS NOT NULL
              ORDER BY m.next_at LIMIT 1)
 WHERE c.configured = 1
 ORDER BY c.what, c.name
