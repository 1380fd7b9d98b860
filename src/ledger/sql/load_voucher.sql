-- A voucher order, whole but for its tickets.
SELECT v.id, v.merchant_id, v.merchant_trade_no, v.free_trade_no, v.created_at, m.voucher_silent_until,
       s.observation, s.looks, s.look_failures, s.looks_403, s.retry_at, s.changed_at, s.known_amount, s.confirmed_amount,
       s.refunds_asked_at, s.refunds_error, s.refunds_contradict, s.unconfirmed_since,
       (SELECT json_group_array(json_array(kind, stage)) FROM alerts a
         WHERE a.voucher_id = v.id AND a.closed_at IS NULL) AS alerts
  FROM voucher_orders v JOIN voucher_state s ON s.voucher_id = v.id JOIN merchants m ON m.merchant_id = v.merchant_id
 WHERE v.id = :voucher
