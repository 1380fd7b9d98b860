-- What is in no message yet, of the channels of the settings: what waits for another waits until it is back there.
SELECT count(*) FROM channels c JOIN deliveries d ON d.channel = c.name
 WHERE c.configured = 1 AND d.message_id IS NULL AND d.is_news = 1
