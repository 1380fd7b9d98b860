-- The tickets as they are in the list :tickets, whose rows are arrays in the order of its columns. What is the same is
-- not written.
WITH listed AS MATERIALIZED (
  SELECT value ->> 0 AS ticket_no, value ->> 1 AS use_status, value ->> 2 AS kind, value ->> 3 AS item_no, value ->> 4 AS item_name,
         value ->> 5 AS amount, value ->> 6 AS starts_on, value ->> 7 AS expires_on, value ->> 8 AS redeemed_at, value ->> 9 AS refunded_at
    FROM json_each(:tickets))
INSERT INTO tickets (voucher_id, ticket_no, use_status, kind, item_no, item_name, amount, starts_on, expires_on, redeemed_at, refunded_at)
SELECT :voucher, ticket_no, use_status, kind, item_no, item_name, amount, starts_on, expires_on, redeemed_at, refunded_at
  FROM listed WHERE true
ON CONFLICT (voucher_id, ticket_no) DO UPDATE SET use_status = excluded.use_status, kind = excluded.kind, item_no = excluded.item_no, item_name = excluded.item_name,
  amount = excluded.amount, starts_on = excluded.starts_on, expires_on = excluded.expires_on, redeemed_at = excluded.redeemed_at,
  refunded_at = excluded.refunded_at, listed = 1
WHERE tickets.listed = 0
   OR (tickets.use_status, tickets.kind, tickets.item_no, tickets.item_name, tickets.amount, tickets.starts_on,
       tickets.expires_on, tickets.redeemed_at, tickets.refunded_at)
      IS DISTINCT FROM (excluded.use_status, excluded.kind, excluded.item_no, excluded.item_name, excluded.amount, excluded.starts_on,
              excluded.expires_on, excluded.redeemed_at, excluded.refunded_at)
