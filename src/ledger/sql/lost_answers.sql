-- What people have said after an event: verdicts, pauses.
SELECT v.* FROM events e JOIN order_events v ON v.id = e.id
 WHERE e.id > :after
   AND (e.kind IN ('refund_undone', 'paused', 'resumed')
        OR (e.kind IN ('attempt_applied', 'attempt_not_applied')
            AND CASE WHEN json_valid(e.detail) THEN json_extract(e.detail, '$.by') END IS NOT NULL))
 ORDER BY e.id
