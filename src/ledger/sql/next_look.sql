SELECT strftime('%Y-%m-%d %H:%M:%S', s.next_at / 1000 + 28800, 'unixepoch') AS next_look_at, s.rule, v.guard
  FROM voucher_state s JOIN voucher_orders v ON v.id = s.voucher_id
 WHERE s.voucher_id = :voucher
