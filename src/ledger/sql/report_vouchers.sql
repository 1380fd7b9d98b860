-- All voucher orders are read, since the days of their tickets are in no index: a shop has far fewer than orders.
SELECT * FROM (
  SELECT v.id, v.merchant_id, v.merchant_trade_no, v.free_trade_no, s.voucher_trade_no, s.state, v.created_at, s.trade_amount,
         (SELECT coalesce(CAST(sum(t.amount) AS INTEGER), 0) FROM tickets t
           WHERE t.voucher_id = v.id AND t.listed = 1 AND t.redeemed_at >= :begins AND t.redeemed_at < :ends) AS redeemed_in_range,
         (SELECT coalesce(CAST(sum(t.amount) AS INTEGER), 0) FROM tickets t
           WHERE t.voucher_id = v.id AND t.listed = 1 AND t.refunded_at >= :begins AND t.refunded_at < :ends) AS refunded_in_range,
         s.redeemed_amount, s.refunded_amount, s.confirmed_amount, s.unused_amount, s.last_checked_at, s.next_at
    FROM voucher_orders v JOIN voucher_state s ON s.voucher_id = v.id
   WHERE v.created_at < :ends AND (:merchant IS NULL OR v.merchant_id = :merchant)) AS line
 WHERE next_at IS NOT NULL OR created_at >= :begins OR redeemed_in_range > 0 OR refunded_in_range > 0
 ORDER BY id
