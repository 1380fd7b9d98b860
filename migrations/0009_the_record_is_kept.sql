-- Tables that shops do not write keep their record, whoever writes: what may follow what is the table of
-- src/domain/transitions.rs, a second time, for everybody else's SQL. And what shops write may be written by a
-- connection that trusts no schema (SQLite 3.40 for one does not allow json_object there), with a conflict target.

-- ---------------------------------------------------------------- attempts
CREATE TRIGGER attempts_begin_open BEFORE INSERT ON attempts BEGIN
  SELECT RAISE(ABORT, 'an attempt is written before its call, by ecpayd alone: ask for a refund with INSERT INTO refund_intents')
    WHERE NEW.state NOT IN ('started', 'review');
  -- INSERT OR REPLACE would take the open one away.
  SELECT RAISE(ABORT, 'the order has an open attempt: wait until it is settled')
    WHERE EXISTS (SELECT 1 FROM attempts WHERE order_id = NEW.order_id AND state IN ('started', 'accepted', 'unknown', 'review'));
END;
CREATE TRIGGER attempts_keep_their_end BEFORE UPDATE OF state ON attempts WHEN NEW.state <> OLD.state BEGIN
  SELECT RAISE(ABORT, 'an attempt cannot go from this state to that one: what became of a call is told by ecpayd resolve')
    WHERE NOT CASE OLD.state
      WHEN 'started' THEN NEW.state IN ('accepted', 'refused', 'unknown', 'not_sent', 'applied', 'not_applied', 'review')
      WHEN 'accepted' THEN NEW.state IN ('applied', 'not_applied', 'review')
      WHEN 'unknown' THEN NEW.state IN ('applied', 'not_applied', 'review')
      WHEN 'review' THEN NEW.state IN ('applied', 'not_applied')
      -- A later look contradicts it: back to a person.
      WHEN 'not_applied' THEN NEW.state = 'review'
      WHEN 'refused' THEN NEW.state = 'review'
      ELSE 0 END;
  -- UPDATE OR REPLACE would take the open one away.
  SELECT RAISE(ABORT, 'the order has an open attempt: wait until it is settled')
    WHERE NEW.state = 'review' AND EXISTS (SELECT 1 FROM attempts WHERE order_id = NEW.order_id AND id <> NEW.id
                                             AND state IN ('started', 'accepted', 'unknown', 'review'));
END;
CREATE TRIGGER attempts_keep_what_was_seen BEFORE UPDATE OF before_status, before_net ON attempts BEGIN
  SELECT RAISE(ABORT, 'what an attempt was is never changed, only what became of it')
    WHERE NEW.before_status IS NOT OLD.before_status OR NEW.before_net IS NOT OLD.before_net;
END;

-- ---------------------------------------------------------------- refunds
CREATE TRIGGER refunds_begin_queued BEFORE INSERT ON refunds BEGIN
  SELECT RAISE(ABORT, 'refunds are never replaced: they are the record of what was paid back')
    WHERE EXISTS (SELECT 1 FROM refunds WHERE intent_id = NEW.intent_id OR request_key = NEW.request_key);
  SELECT RAISE(ABORT, 'ecpayd alone writes refunds: ask for one with INSERT INTO refund_intents')
    WHERE NEW.state <> 'queued' OR NEW.refunded_amount <> 0
       OR NOT EXISTS (SELECT 1 FROM refund_intents WHERE id = NEW.intent_id AND request_key = NEW.request_key);
END;
CREATE TRIGGER refunds_keep_their_end BEFORE UPDATE ON refunds BEGIN
  SELECT RAISE(ABORT, 'what a refund was asked for is never changed: cancel it and insert another in refund_intents')
    WHERE NEW.intent_id IS NOT OLD.intent_id OR NEW.request_key IS NOT OLD.request_key OR NEW.order_id IS NOT OLD.order_id;
  SELECT RAISE(ABORT, 'the refund has ended: ask for another with INSERT INTO refund_intents and a key of its own')
    WHERE OLD.state IN ('done', 'rejected', 'canceled')
      AND (NEW.state IS NOT OLD.state OR NEW.refunded_amount IS NOT OLD.refunded_amount OR NEW.method IS NOT OLD.method);
  SELECT RAISE(ABORT, 'a refund is canceled with UPDATE refund_intents SET cancel = 1')
    WHERE NEW.state = 'canceled' AND OLD.state <> 'canceled'
      AND NOT EXISTS (SELECT 1 FROM refund_intents WHERE id = NEW.intent_id AND cancel = 1);
  SELECT RAISE(ABORT, 'a refund is done by an attempt that took effect: settle the attempt with ecpayd resolve')
    WHERE NEW.state = 'done' AND OLD.state <> 'done'
      AND NOT EXISTS (SELECT 1 FROM attempts WHERE order_id = NEW.order_id AND state = 'applied' AND action <> 'C');
END;
CREATE TRIGGER refunds_are_kept BEFORE DELETE ON refunds BEGIN
  SELECT RAISE(ABORT, 'refunds are never deleted: cancel one with UPDATE refund_intents SET cancel = 1');
END;

-- ---------------------------------------------------------------- orders, as they were seen
CREATE TRIGGER order_state_begins_registered BEFORE INSERT ON order_state BEGIN
  SELECT RAISE(ABORT, 'the state of an order is never replaced: it is the record of what ECPay showed')
    WHERE EXISTS (SELECT 1 FROM order_state WHERE order_id = NEW.order_id OR (merchant_trade_no = NEW.merchant_trade_no
                    AND merchant_id = NEW.merchant_id AND asked_trade_no = NEW.asked_trade_no));
  SELECT RAISE(ABORT, 'ecpayd alone writes order_state: hand the order over with INSERT INTO orders')
    WHERE NEW.state <> 'registered' OR NEW.observation IS NOT NULL OR NEW.amount IS NOT NULL OR NEW.trade_no IS NOT NULL
       OR NEW.captured_amount <> 0 OR NEW.refunded_amount <> 0 OR NEW.taken_over <> 0;
END;
-- One trigger for all of it: each update of an order passes here.
CREATE TRIGGER order_state_keeps_its_record BEFORE UPDATE ON order_state
  WHEN NEW.order_id IS NOT OLD.order_id OR NEW.merchant_id IS NOT OLD.merchant_id OR NEW.merchant_trade_no IS NOT OLD.merchant_trade_no
    OR NEW.asked_trade_no IS NOT OLD.asked_trade_no OR NEW.revision < OLD.revision OR NEW.changed_after < OLD.changed_after
    OR NEW.taken_over IS NOT OLD.taken_over OR NEW.state <> OLD.state OR NEW.trade_no IS NOT OLD.trade_no
    OR NEW.authorized_at IS NOT OLD.authorized_at OR NEW.amount IS NOT OLD.amount OR NEW.captured_amount IS NOT OLD.captured_amount
    OR (OLD.observation IS NOT NULL AND NEW.observation IS NULL) OR NEW.unclaimed_amount < OLD.unclaimed_amount OR NEW.unclaimed_void < OLD.unclaimed_void
BEGIN
  SELECT RAISE(ABORT, 'which order a row of order_state is about is never changed: hand another over with INSERT INTO orders')
    WHERE NEW.order_id IS NOT OLD.order_id OR NEW.merchant_id IS NOT OLD.merchant_id
       OR NEW.merchant_trade_no IS NOT OLD.merchant_trade_no OR NEW.asked_trade_no IS NOT OLD.asked_trade_no;
  SELECT RAISE(ABORT, 'revision, changed_after and taken_over of an order only grow: ecpayd alone writes them')
    WHERE NEW.revision < OLD.revision OR NEW.changed_after < OLD.changed_after OR NEW.taken_over < OLD.taken_over
       OR (NEW.taken_over > OLD.taken_over AND NOT EXISTS (SELECT 1 FROM takeovers WHERE id = NEW.taken_over));
  SELECT RAISE(ABORT, 'an order that was looked at does not go back to registered: UPDATE orders makes it due again')
    WHERE NEW.state = 'registered' AND OLD.state <> 'registered' AND OLD.observation IS NOT NULL;
  SELECT RAISE(ABORT, 'what ECPay showed of an order changes only with a look: ecpayd alone writes it')
    WHERE (OLD.observation IS NOT NULL AND NEW.observation IS NULL)
       OR (OLD.trade_no IS NOT NULL AND NEW.trade_no IS NOT OLD.trade_no AND (NEW.trade_no IS NULL OR NEW.observation IS OLD.observation))
       OR (OLD.authorized_at IS NOT NULL AND NEW.authorized_at IS NOT OLD.authorized_at
             AND (NEW.authorized_at IS NULL OR NEW.observation IS OLD.observation))
       OR (OLD.trade_no IS NOT NULL AND OLD.amount IS NOT NULL AND NEW.amount IS NOT OLD.amount);
  -- UPDATE OR REPLACE would take the other row away.
  SELECT RAISE(ABORT, 'trade_no is the authorization of another order in the ledger')
    WHERE NEW.trade_no IS NOT OLD.trade_no AND EXISTS (SELECT 1 FROM order_state WHERE merchant_id = NEW.merchant_id
                                                         AND trade_no = NEW.trade_no AND order_id <> OLD.order_id);
  SELECT RAISE(ABORT, 'captured_amount is more than the amount of the order')
    WHERE NEW.captured_amount > ifnull(NEW.amount, 0);
  SELECT RAISE(ABORT, 'what nobody has claimed of an order is claimed with ecpayd resolve ATTEMPT --applied')
    WHERE (NEW.unclaimed_amount < OLD.unclaimed_amount OR NEW.unclaimed_void < OLD.unclaimed_void)
      AND NOT EXISTS (SELECT 1 FROM attempts WHERE order_id = OLD.order_id AND state = 'applied' AND action IN ('R', 'N'));
END;
CREATE TRIGGER order_state_holds_looks BEFORE UPDATE OF observation ON order_state WHEN NEW.observation IS NOT OLD.observation BEGIN
  SELECT RAISE(ABORT, 'observation is the last look as JSON: ecpayd alone writes it')
    WHERE NEW.observation IS NOT NULL AND NOT json_valid(NEW.observation);
END;
-- NULL is for good: a shop's next row would wake it, and nothing else.
CREATE TRIGGER order_state_is_visited BEFORE UPDATE OF next_at ON order_state WHEN NEW.next_at IS NULL AND OLD.next_at IS NOT NULL BEGIN
  SELECT RAISE(ABORT, 'an order with an open refund or attempt is not finished: ecpayd alone writes next_at')
    WHERE EXISTS (SELECT 1 FROM refunds WHERE order_id = OLD.order_id AND state IN ('queued', 'running', 'waiting', 'review'))
       OR EXISTS (SELECT 1 FROM attempts WHERE order_id = OLD.order_id AND state IN ('started', 'accepted', 'unknown', 'review'));
END;
CREATE TRIGGER order_state_is_kept BEFORE DELETE ON order_state BEGIN
  SELECT RAISE(ABORT, 'orders are never deleted: the ledger is the record of the money');
END;

-- ---------------------------------------------------------------- alerts
CREATE TRIGGER alerts_begin_open BEFORE INSERT ON alerts BEGIN
  SELECT RAISE(ABORT, 'alerts are never replaced: they close by themselves, and ecpayd alerts ack says that somebody has seen one')
    WHERE NEW.id > 0 AND EXISTS (SELECT 1 FROM alerts WHERE id = NEW.id);
  SELECT RAISE(ABORT, 'an alert begins open: ecpayd alone raises and closes alerts') WHERE NEW.closed_at IS NOT NULL;
  -- Whatever the statement says about conflicts: the one that is open stays.
  SELECT RAISE(IGNORE)
    WHERE EXISTS (SELECT 1 FROM alerts WHERE kind = NEW.kind AND stage = NEW.stage AND merchant_id = NEW.merchant_id
                    AND ifnull(order_id, 0) = ifnull(NEW.order_id, 0) AND ifnull(voucher_id, 0) = ifnull(NEW.voucher_id, 0)
                    AND closed_at IS NULL);
END;
CREATE TRIGGER alerts_keep_their_end BEFORE UPDATE ON alerts BEGIN
  SELECT RAISE(ABORT, 'what an alert is about is never changed: ecpayd alone raises and closes alerts')
    WHERE NEW.id IS NOT OLD.id OR NEW.kind IS NOT OLD.kind OR NEW.stage IS NOT OLD.stage OR NEW.merchant_id IS NOT OLD.merchant_id
       OR NEW.order_id IS NOT OLD.order_id OR NEW.voucher_id IS NOT OLD.voucher_id
       OR NEW.merchant_trade_no IS NOT OLD.merchant_trade_no OR NEW.raised_at IS NOT OLD.raised_at;
  SELECT RAISE(ABORT, 'the alert is closed and stays so: ecpayd raises another where its cause comes back')
    WHERE OLD.closed_at IS NOT NULL AND NEW.closed_at IS NOT OLD.closed_at;
END;
CREATE TRIGGER alerts_are_kept BEFORE DELETE ON alerts BEGIN
  SELECT RAISE(ABORT, 'alerts are never deleted: they close by themselves, and ecpayd alerts ack says that somebody has seen one');
END;

-- ---------------------------------------------------------------- merchants, takeovers, the daemon itself
CREATE TRIGGER merchants_are_not_replaced BEFORE INSERT ON merchants BEGIN
  SELECT RAISE(ABORT, 'merchants come from the settings and are never replaced: ecpayd pause and ecpayd resume change what may be changed')
    WHERE EXISTS (SELECT 1 FROM merchants WHERE merchant_id = NEW.merchant_id);
END;
CREATE TRIGGER merchants_keep_their_id BEFORE UPDATE OF merchant_id ON merchants WHEN NEW.merchant_id IS NOT OLD.merchant_id BEGIN
  SELECT RAISE(ABORT, 'merchant_id is never changed: add a [[merchant]] section to the settings and start ecpayd once');
END;
CREATE TRIGGER merchants_are_kept BEFORE DELETE ON merchants BEGIN
  SELECT RAISE(ABORT, 'merchants are never deleted: take the [[merchant]] section out of the settings');
END;
CREATE TRIGGER takeovers_are_not_replaced BEFORE INSERT ON takeovers WHEN NEW.id > 0 BEGIN
  SELECT RAISE(ABORT, 'takeovers are never replaced: ecpayd alone writes them') WHERE EXISTS (SELECT 1 FROM takeovers WHERE id = NEW.id);
END;
CREATE TRIGGER takeovers_do_not_change BEFORE UPDATE ON takeovers BEGIN
  SELECT RAISE(ABORT, 'takeovers are never changed: ecpayd alone writes them')
    WHERE NEW.id IS NOT OLD.id OR NEW.noticed_at IS NOT OLD.noticed_at OR NEW.reason IS NOT OLD.reason
       OR NEW.newest_attempt IS NOT OLD.newest_attempt OR (OLD.answered_at IS NOT NULL AND NEW.answered_at IS NOT OLD.answered_at);
END;
CREATE TRIGGER takeovers_are_kept BEFORE DELETE ON takeovers BEGIN
  SELECT RAISE(ABORT, 'takeovers are never deleted: ecpayd alone writes them');
END;
CREATE TRIGGER daemon_keeps_its_identity BEFORE UPDATE ON daemon
  WHEN NEW.id IS NOT OLD.id OR (OLD.identity <> '' AND NEW.identity IS NOT OLD.identity) BEGIN
  SELECT RAISE(ABORT, 'the identity of a ledger is never changed: its marker beside it would be of another one');
END;
CREATE TRIGGER daemon_is_kept BEFORE DELETE ON daemon BEGIN
  SELECT RAISE(ABORT, 'the row of the daemon is never deleted: ecpayd alone writes it');
END;

-- ---------------------------------------------------------------- voucher orders, as they were seen
CREATE TRIGGER voucher_state_begins_registered BEFORE INSERT ON voucher_state BEGIN
  SELECT RAISE(ABORT, 'the state of a voucher order is never replaced: it is the record of what the voucher service showed')
    WHERE EXISTS (SELECT 1 FROM voucher_state WHERE voucher_id = NEW.voucher_id);
  SELECT RAISE(ABORT, 'ecpayd alone writes voucher_state: hand the order over with INSERT INTO voucher_orders')
    WHERE NEW.state <> 'registered' OR NEW.observation IS NOT NULL;
END;
CREATE TRIGGER voucher_state_keeps_its_record BEFORE UPDATE ON voucher_state
  WHEN NEW.voucher_id IS NOT OLD.voucher_id OR NEW.merchant_id IS NOT OLD.merchant_id OR NEW.number IS NOT OLD.number OR NEW.looks < OLD.looks BEGIN
  SELECT RAISE(ABORT, 'which order a row of voucher_state is about is never changed, and looks only grow: ecpayd alone writes it');
END;
CREATE TRIGGER voucher_state_is_kept BEFORE DELETE ON voucher_state BEGIN
  SELECT RAISE(ABORT, 'voucher orders are never deleted: the ledger is the record of the money');
END;
CREATE TRIGGER tickets_keep_their_number BEFORE UPDATE OF voucher_id, ticket_no ON tickets
  WHEN NEW.voucher_id IS NOT OLD.voucher_id OR NEW.ticket_no IS NOT OLD.ticket_no BEGIN
  SELECT RAISE(ABORT, 'the number of a ticket is never changed: ecpayd alone writes tickets');
END;
CREATE TRIGGER tickets_are_kept BEFORE DELETE ON tickets BEGIN
  SELECT RAISE(ABORT, 'tickets are never deleted: ecpayd alone writes them');
END;

-- ---------------------------------------------------------------- what a conflict clause may name
-- Its own row, and each of the later authorizations, which are other payments under the same number.
CREATE UNIQUE INDEX orders_number ON orders (merchant_id, merchant_trade_no) WHERE trade_no IS NULL;
CREATE UNIQUE INDEX orders_authorization ON orders (merchant_id, merchant_trade_no, trade_no) WHERE trade_no IS NOT NULL;
CREATE UNIQUE INDEX refund_intents_key ON refund_intents (request_key);
CREATE UNIQUE INDEX voucher_orders_sold ON voucher_orders (merchant_id, merchant_trade_no);
CREATE UNIQUE INDEX voucher_orders_free ON voucher_orders (merchant_id, free_trade_no);
-- Made anew, because SQLite asks the youngest first: its name is what a shop reads.
DROP INDEX the_order_is_in_the_ledger_already;
CREATE UNIQUE INDEX the_order_is_in_the_ledger_already ON orders (merchant_trade_no, merchant_id, ifnull(trade_no, ''));
DROP INDEX a_refund_with_this_request_key_is_in_the_ledger_already;
CREATE UNIQUE INDEX a_refund_with_this_request_key_is_in_the_ledger_already ON refund_intents (ifnull(request_key, ''));
DROP INDEX the_voucher_order_is_in_the_ledger_already;
CREATE UNIQUE INDEX the_voucher_order_is_in_the_ledger_already
  ON voucher_orders (merchant_id, ifnull(merchant_trade_no, ''), ifnull(free_trade_no, ''));

-- ---------------------------------------------------------------- what follows from a shop's write
-- The JSON is put together by hand: of what is written here only a request_key can hold a quote or a backslash.
UPDATE order_state SET next_step = 'look', next_step_at = (SELECT created_at FROM orders WHERE id = order_id)
 WHERE state = 'registered' AND next_step IS NULL AND next_at = 0;

DROP TRIGGER orders_added;
CREATE TRIGGER orders_added AFTER INSERT ON orders BEGIN
  -- INSERT OR REPLACE has deleted the row with this number; its history is still there.
  SELECT RAISE(ABORT, 'the order is in the ledger already and is never replaced: UPDATE it, or use INSERT OR IGNORE')
    WHERE EXISTS (SELECT 1 FROM order_state WHERE order_id = NEW.id OR (merchant_trade_no = NEW.merchant_trade_no
                    AND merchant_id = NEW.merchant_id AND asked_trade_no = ifnull(NEW.trade_no, '')));
  INSERT INTO order_state (order_id, merchant_id, merchant_trade_no, asked_trade_no, next_at, rank, next_step, next_step_at)
    VALUES (NEW.id, NEW.merchant_id, NEW.merchant_trade_no, ifnull(NEW.trade_no, ''), 0, CASE NEW.capture WHEN 'now' THEN 1 ELSE 2 END,
      'look', NEW.created_at);
  INSERT INTO events (at, merchant_id, merchant_trade_no, order_id, kind, detail)
    VALUES (NEW.created_at, NEW.merchant_id, NEW.merchant_trade_no, NEW.id, 'order_registered',
      '{"capture":"' || NEW.capture || '","expected_amount":' || ifnull(NEW.expected_amount, 'null')
        || ',"trade_no":' || ifnull('"' || NEW.trade_no || '"', 'null') || '}');
END;

DROP TRIGGER orders_changed;
CREATE TRIGGER orders_changed AFTER UPDATE OF capture, expected_amount ON orders BEGIN
  UPDATE order_state
     SET next_at = 0, retry_at = NULL, rank = min(rank, 1), revision = revision + 1,
         changed_after = ifnull((SELECT max(id) FROM attempts WHERE order_id = NEW.id), 0)
   WHERE order_id = NEW.id;
  INSERT INTO events (at, merchant_id, merchant_trade_no, order_id, kind, detail)
    SELECT CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER), NEW.merchant_id, NEW.merchant_trade_no, NEW.id, 'order_changed',
      '{"capture":"' || NEW.capture || '","expected_amount":' || ifnull(NEW.expected_amount, 'null') || '}'
    WHERE NEW.capture IS NOT OLD.capture OR NEW.expected_amount IS NOT OLD.expected_amount;
END;

DROP TRIGGER refund_intents_added;
CREATE TRIGGER refund_intents_added AFTER INSERT ON refund_intents BEGIN
  SELECT RAISE(ABORT, 'request_key was used already and a refund is never replaced')
    WHERE EXISTS (SELECT 1 FROM refunds WHERE request_key = NEW.request_key OR intent_id = NEW.id);
  INSERT INTO orders (merchant_id, merchant_trade_no, trade_no, created_at)
    SELECT NEW.merchant_id, NEW.merchant_trade_no, NEW.trade_no, NEW.created_at
     WHERE NOT EXISTS (
       SELECT 1 FROM orders o JOIN order_state s ON s.order_id = o.id
        WHERE o.merchant_trade_no = NEW.merchant_trade_no AND o.merchant_id = NEW.merchant_id
          AND (NEW.trade_no IS NULL OR o.trade_no IS NEW.trade_no OR (o.trade_no IS NULL AND s.trade_no IS NEW.trade_no)));
  INSERT INTO refunds (intent_id, request_key, order_id, updated_at)
    SELECT NEW.id, NEW.request_key, o.id, NEW.created_at
      FROM orders o JOIN order_state s ON s.order_id = o.id
     WHERE o.merchant_trade_no = NEW.merchant_trade_no AND o.merchant_id = NEW.merchant_id
       AND (NEW.trade_no IS NULL OR o.trade_no IS NEW.trade_no OR (o.trade_no IS NULL AND s.trade_no IS NEW.trade_no))
     ORDER BY o.trade_no IS NOT NULL LIMIT 1;
  UPDATE order_state SET next_at = 0, retry_at = NULL, rank = 0, revision = revision + 1
   WHERE order_id = (SELECT order_id FROM refunds WHERE intent_id = NEW.id);
  INSERT INTO events (at, merchant_id, merchant_trade_no, order_id, kind, detail)
    SELECT NEW.created_at, NEW.merchant_id, NEW.merchant_trade_no, order_id, 'refund_queued',
      '{"refund":' || NEW.id || ',"amount":' || ifnull(NEW.amount, 'null')
        || ',"request_key":"' || replace(replace(NEW.request_key, '\', '\\'), '"', '\"') || '"}'
    FROM refunds WHERE intent_id = NEW.id;
END;

DROP TRIGGER refund_intents_canceled;
CREATE TRIGGER refund_intents_canceled AFTER UPDATE OF cancel ON refund_intents WHEN OLD.cancel = 0 AND NEW.cancel = 1 BEGIN
  UPDATE refunds SET state = 'canceled', detail = 'canceled by the shop',
         updated_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER)
   WHERE intent_id = NEW.id;
  UPDATE order_state SET next_at = 0, retry_at = NULL, revision = revision + 1 WHERE order_id = (SELECT order_id FROM refunds WHERE intent_id = NEW.id);
  INSERT INTO events (at, merchant_id, merchant_trade_no, order_id, kind, detail)
    SELECT CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER), NEW.merchant_id, NEW.merchant_trade_no, order_id,
      'refund_canceled', '{"refund":' || NEW.id || '}' FROM refunds WHERE intent_id = NEW.id;
END;

DROP TRIGGER voucher_orders_added;
CREATE TRIGGER voucher_orders_added AFTER INSERT ON voucher_orders BEGIN
  -- INSERT OR REPLACE has deleted the row with this number; its history is still there.
  SELECT RAISE(ABORT, 'the voucher order is in the ledger already and is never replaced: use INSERT OR IGNORE')
    WHERE EXISTS (SELECT 1 FROM voucher_state s WHERE s.voucher_id = NEW.id)
       OR EXISTS (SELECT 1 FROM voucher_state s LEFT JOIN voucher_orders v ON v.id = s.voucher_id
                   WHERE s.number = ifnull(NEW.merchant_trade_no, NEW.free_trade_no) AND s.merchant_id = NEW.merchant_id AND v.id IS NULL);
  INSERT INTO voucher_state (voucher_id, merchant_id, number, next_at)
    VALUES (NEW.id, NEW.merchant_id, ifnull(NEW.merchant_trade_no, NEW.free_trade_no), 0);
  -- A refund whose call is about to go out was planned without them: that plan is void.
  UPDATE order_state SET revision = revision + 1
   WHERE merchant_trade_no = NEW.merchant_trade_no AND merchant_id = NEW.merchant_id
     AND EXISTS (SELECT 1 FROM refunds r WHERE r.order_id = order_state.order_id AND r.state IN ('queued', 'running', 'waiting', 'review'));
  INSERT INTO events (at, merchant_id, merchant_trade_no, voucher_id, kind, detail)
    VALUES (NEW.created_at, NEW.merchant_id, NEW.merchant_trade_no, NEW.id, 'voucher_registered',
      '{"merchant_trade_no":' || ifnull('"' || NEW.merchant_trade_no || '"', 'null')
        || ',"free_trade_no":' || ifnull('"' || NEW.free_trade_no || '"', 'null') || '}');
END;

DROP TRIGGER voucher_orders_guard_changed;
CREATE TRIGGER voucher_orders_guard_changed AFTER UPDATE OF guard ON voucher_orders WHEN NEW.guard IS NOT OLD.guard BEGIN
  UPDATE order_state SET next_at = 0, retry_at = NULL, revision = revision + 1
   WHERE merchant_trade_no = NEW.merchant_trade_no AND merchant_id = NEW.merchant_id;
  INSERT INTO events (at, merchant_id, merchant_trade_no, voucher_id, kind, detail)
    VALUES (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER), NEW.merchant_id, NEW.merchant_trade_no, NEW.id,
      'voucher_guard_changed', '{"guard":' || NEW.guard || '}');
END;
