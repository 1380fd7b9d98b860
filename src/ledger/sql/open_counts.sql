SELECT (SELECT count(*) FROM refunds WHERE is_open = 1), (SELECT count(*) FROM alerts WHERE closed_at IS NULL)
