-- Those that are not in the list :tickets any more.
WITH listed AS MATERIALIZED (SELECT value ->> 0 AS ticket_no FROM json_each(:tickets))
UPDATE tickets SET listed = 0
 WHERE voucher_id = :voucher AND listed = 1 AND ticket_no NOT IN (SELECT ticket_no FROM listed)
