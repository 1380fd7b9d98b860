SELECT severity, count(*) AS count FROM alerts WHERE closed_at IS NULL
 GROUP BY severity
