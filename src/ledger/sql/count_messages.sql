SELECT count(*) FROM channels c JOIN messages m ON m.channel = c.name WHERE c.configured = 1 AND m.next_at IS NOT NULL
