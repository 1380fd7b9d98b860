-- What ended is not believed at once, and what has not ended is told by its age.

-- 0: a question to a person whether the refund was made; nothing was sent for it.
ALTER TABLE attempts ADD COLUMN sent INTEGER NOT NULL DEFAULT 1 CHECK (sent IN (0, 1));
-- What the gateway showed when it was put before a person: what the person's word is about.
ALTER TABLE attempts ADD COLUMN reviewed_status TEXT;
ALTER TABLE attempts ADD COLUMN reviewed_net INTEGER;
-- A person has said that what it did was undone at ECPay.
ALTER TABLE attempts ADD COLUMN undone_at INTEGER;
UPDATE attempts SET sent = 0 WHERE asked IS NOT NULL AND state IN ('review', 'not_applied', 'applied')
  AND NOT EXISTS (SELECT 1 FROM orders o JOIN events e ON e.merchant_trade_no = o.merchant_trade_no
                   WHERE o.id = attempts.order_id AND e.kind = 'attempt_started' AND json_extract(e.detail, '$.attempt') = attempts.id);

-- The refund whose N or E and N is made for this one as well, since together they ask for the whole order.
ALTER TABLE refunds ADD COLUMN led_by INTEGER REFERENCES refund_intents (id);
CREATE INDEX refunds_led ON refunds (led_by) WHERE led_by IS NOT NULL;
ALTER TABLE refunds ADD COLUMN undone_at INTEGER;
ALTER TABLE refunds ADD COLUMN undone_by TEXT;
ALTER TABLE refunds ADD COLUMN undone_why TEXT;

CREATE TRIGGER attempts_are_undone_once BEFORE UPDATE OF sent, undone_at ON attempts
  WHEN NEW.sent IS NOT OLD.sent OR NEW.undone_at IS NOT OLD.undone_at BEGIN
  SELECT RAISE(ABORT, 'what an attempt was is never changed, only what became of it') WHERE NEW.sent IS NOT OLD.sent;
  SELECT RAISE(ABORT, 'a refund that was undone at ECPay is declared with ecpayd refunds void ID --by NAME --why TEXT')
    WHERE NEW.undone_at IS NOT OLD.undone_at
      AND (OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL OR NEW.state <> 'applied' OR NEW.action NOT IN ('R', 'N'));
END;
CREATE TRIGGER refunds_are_undone_once BEFORE UPDATE OF undone_at, undone_by, undone_why, led_by ON refunds BEGIN
  SELECT RAISE(ABORT, 'a refund that was undone at ECPay is declared with ecpayd refunds void ID --by NAME --why TEXT')
    WHERE (NEW.undone_at IS NOT OLD.undone_at OR NEW.undone_by IS NOT OLD.undone_by OR NEW.undone_why IS NOT OLD.undone_why)
      AND (OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL OR NEW.undone_by IS NULL OR NEW.undone_why IS NULL OR NEW.state <> 'done');
  SELECT RAISE(ABORT, 'the refund has ended: with which other one is never changed')
    WHERE NEW.led_by IS NOT OLD.led_by AND OLD.state IN ('done', 'rejected', 'canceled');
END;

DROP VIEW refund_status;
CREATE VIEW refund_status AS
SELECT i.id, i.merchant_id, i.merchant_trade_no, i.amount, r.request_key, r.state,
       CASE WHEN r.undone_at IS NULL THEN r.refunded_amount ELSE 0 END AS refunded_amount, r.method,
       CASE WHEN r.undone_at IS NOT NULL THEN 'undone at ECPay, as ' || r.undone_by || ' has said: ' || r.undone_why
            WHEN r.state = 'queued' THEN ifnull((SELECT 'waits for refund ' || min(b.intent_id) || ' of the same order' FROM refunds b
              WHERE b.order_id = r.order_id AND b.intent_id < r.intent_id AND b.state IN ('queued', 'running', 'waiting', 'review')), r.detail)
            ELSE r.detail END AS detail,
       strftime('%Y-%m-%d %H:%M:%S', i.created_at / 1000 + 28800, 'unixepoch') AS created_at,
       strftime('%Y-%m-%d %H:%M:%S', r.updated_at / 1000 + 28800, 'unixepoch') AS updated_at
  FROM refund_intents i JOIN refunds r ON r.intent_id = i.id;

-- An authorization grows older whatever the newest look shows.
DROP INDEX order_uncaptured;
CREATE INDEX order_uncaptured ON order_state (authorized_at)
  WHERE authorized_at IS NOT NULL AND (state = 'authorized' OR state = 'unpaid' OR state = 'not_found' OR state = 'not_card' OR state = 'review');
