SELECT v.* FROM events e JOIN order_events v ON v.id = e.id
 WHERE e.voucher_id = :voucher
 ORDER BY e.id
