SELECT ticket_no, item_no, item_name, kind, amount, use_status, starts_on, expires_on,
       strftime('%Y-%m-%d %H:%M:%S', redeemed_at / 1000 + 28800, 'unixepoch') AS redeemed_at,
       strftime('%Y-%m-%d %H:%M:%S', refunded_at / 1000 + 28800, 'unixepoch') AS refunded_at
  FROM tickets WHERE voucher_id = :voucher AND listed = 1
 ORDER BY ticket_no
