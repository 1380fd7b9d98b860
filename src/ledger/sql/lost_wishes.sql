-- What shops wrote after an event, beside the refunds that they asked for.
SELECT v.* FROM events e JOIN order_events v ON v.id = e.id
 WHERE e.id > :after
   AND e.kind IN ('order_registered', 'order_changed', 'refund_canceled', 'voucher_registered', 'voucher_guard_changed')
 ORDER BY e.id
