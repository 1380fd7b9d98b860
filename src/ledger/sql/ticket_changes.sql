-- An event for each ticket that is in the ledger and is not as it was, or is not in the list :tickets any more. A row
-- of the list is an array in the order of its columns.
WITH listed AS MATERIALIZED (
  SELECT value ->> 0 AS ticket_no, value ->> 1 AS use_status, value ->> 2 AS kind, value ->> 3 AS item_no, value ->> 4 AS item_name,
         value ->> 5 AS amount, value ->> 6 AS starts_on, value ->> 7 AS expires_on, value ->> 8 AS redeemed_at, value ->> 9 AS refunded_at
    FROM json_each(:tickets))
INSERT INTO events (at, merchant_id, merchant_trade_no, voucher_id, kind, detail)
SELECT :at, v.merchant_id, v.merchant_trade_no, v.id, 'voucher_ticket', c.detail FROM voucher_orders v JOIN (
  SELECT t.ticket_no, json_object('ticket', t.ticket_no, 'amount', n.amount, 'was', t.use_status, 'is', n.use_status) AS detail
    FROM tickets t JOIN listed n ON n.ticket_no = t.ticket_no
   WHERE t.voucher_id = :voucher AND t.listed = 1
     AND (t.use_status, t.kind, t.item_no, t.item_name, t.amount, t.starts_on, t.expires_on, t.redeemed_at, t.refunded_at)
         IS DISTINCT FROM (n.use_status, n.kind, n.item_no, n.item_name, n.amount, n.starts_on, n.expires_on, n.redeemed_at, n.refunded_at)
  UNION ALL
  SELECT ticket_no, json_object('ticket', ticket_no, 'amount', amount, 'was', use_status, 'is', NULL) FROM tickets t
   WHERE voucher_id = :voucher AND listed = 1 AND ticket_no NOT IN (SELECT ticket_no FROM listed)
) AS c WHERE v.id = :voucher
 ORDER BY c.ticket_no
