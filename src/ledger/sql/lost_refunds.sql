-- Refunds that were asked for after an event, as they stand.
SELECT v.* FROM events e
  JOIN refund_status v ON v.id = CASE WHEN json_valid(e.detail) THEN json_extract(e.detail, '$.refund') END
 WHERE e.id > :after AND e.kind = 'refund_queued'
 ORDER BY e.id
