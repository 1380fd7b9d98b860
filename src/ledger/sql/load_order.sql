-- An order, whole: one statement, since the parts belong to the same moment. Of its attempts, those that decide
-- something and the newest :most_attempts. The columns stand as they are read.
SELECT s.observation, o.trade_no, o.expected_amount, o.capture, o.id, o.merchant_id, o.merchant_trade_no, o.installments, o.created_at,
       s.changed_after, s.revision, m.configured, pc.at AS captures_paused, pc.until AS captures_paused_until,
       pr.at AS refunds_paused, pr.until AS refunds_paused_until, m.silent_until, s.retry_at, s.last_error, s.capture_slot,
       (SELECT json_group_array(json_array(id, amount, state, detail, created_at, led_by)) FROM (
          SELECT i.id, i.amount, r.state, r.detail, i.created_at, r.led_by
            FROM refunds r JOIN refund_intents i ON i.id = r.intent_id
           WHERE r.order_id = o.id AND r.is_open = 1 ORDER BY r.intent_id LIMIT 100) AS waiting) AS refunds,
       (SELECT json_group_array(json_array(id, refund_id, action, amount, state, before_status, before_net, started_at, finished_at,
                                           code, text, first_absence_at, sent, reviewed_status, reviewed_net, undone_at, asked, by_form)) FROM (
          SELECT attempts.*, (SELECT count(*) FROM form_calls f WHERE f.attempt_id = attempts.id) AS by_form FROM attempts
           WHERE order_id = o.id
             AND (is_open = 1 OR state = 'applied'
                  OR id > coalesce((SELECT id FROM attempts WHERE order_id = o.id
                                     ORDER BY id DESC LIMIT 1 OFFSET :most_attempts + 0), 0))
           ORDER BY id) AS deciding) AS attempts,
       t.id AS restore, t.noticed_at, t.answered_at, t.newest_attempt, s.caught_up, s.refunded_amount,
       s.unclaimed_amount, s.unclaimed_void,
       (SELECT count(*) FROM orders f
         WHERE f.merchant_trade_no = o.merchant_trade_no AND f.merchant_id = o.merchant_id) AS followed,
       v.id AS voucher_id, v.guard, vs.observation AS voucher_observation, vs.retry_at AS voucher_retry_at,
       vs.last_error AS voucher_error, s.look_failures, s.looks_403, s.money_calls_403,
       (SELECT json_group_array(json_array(kind, stage)) FROM alerts a
         WHERE a.order_id = o.id AND a.closed_at IS NULL) AS alerts,
       s.state AS shown_state, s.captured_amount, s.captured_at, s.left_amount, s.capture_by, s.expires_at,
       s.refunded_amount AS shown_refunded, s.amount AS shown_amount, s.authorized_at, s.trade_no AS seen_trade_no, s.amount AS seen_amount,
       (SELECT json_group_array(json_array(j.kind, j.amount, coalesce(j.attempt_id, c.attempt_id), j.id, j.gateway_at))
          FROM journal j LEFT JOIN journal_claims c ON c.movement_id = j.id WHERE j.order_id = o.id) AS booked
  FROM orders o JOIN order_state s ON s.order_id = o.id JOIN merchants m ON m.merchant_id = s.merchant_id
       LEFT JOIN pauses pc ON pc.merchant_id = o.merchant_id AND pc.action = 'capture'
       LEFT JOIN pauses pr ON pr.merchant_id = o.merchant_id AND pr.action = 'refund'
       LEFT JOIN restores t ON t.id = (SELECT max(id) FROM restores)
       LEFT JOIN voucher_orders v ON v.merchant_trade_no = o.merchant_trade_no AND v.merchant_id = o.merchant_id
       LEFT JOIN voucher_state vs ON vs.voucher_id = v.id
 WHERE o.id = :order
