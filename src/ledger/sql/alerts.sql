-- The loudest first.
SELECT * FROM open_alerts
 ORDER BY CASE severity WHEN 'critical' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, id LIMIT :limit + 0
