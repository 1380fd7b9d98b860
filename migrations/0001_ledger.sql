-- The ledger, contract version 1.
--
-- Shops write `orders` and `refund_intents`; everything else is written by ecpayd alone.
-- Times are integers, milliseconds since 1970 in UTC; the views show Asia/Taipei.
-- Money is whole New Taiwan dollars. Nothing here needs an SQLite newer than 3.37 (2021),
-- because a shop's own SQLite library has to read this schema and run its triggers:
-- no RAISE with an expression, no unixepoch('subsec').

PRAGMA application_id = 1162039364;   -- 'ECPD'

CREATE TABLE contract (
  version INTEGER NOT NULL
) STRICT;
INSERT INTO contract (version) VALUES (1);

-- Merchants named in the settings, and what has to survive a restart about each.
CREATE TABLE merchants (
  merchant_id   TEXT    NOT NULL PRIMARY KEY,
  configured    INTEGER NOT NULL DEFAULT 1 CHECK (configured IN (0, 1)),
  paused_at     INTEGER,                      -- money actions stopped by a person
  paused_by     TEXT,
  silent_until  INTEGER,                      -- after HTTP 403
  CHECK ((paused_at IS NULL) = (paused_by IS NULL))
) STRICT, WITHOUT ROWID;

-- One row, about the daemon itself.
CREATE TABLE daemon (
  id            INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  settings      TEXT    NOT NULL DEFAULT '',  -- fingerprint of the settings that plans were made with
  started_at    INTEGER,
  stopped_at    INTEGER,                      -- NULL while running, or after a crash
  clock_at      INTEGER                       -- our clock, noted now and then: has it been set back?
) STRICT;
INSERT INTO daemon (id) VALUES (1);

-- ---------------------------------------------------------------- orders: written by shops
CREATE TABLE orders (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  merchant_id       TEXT    NOT NULL,
  merchant_trade_no TEXT    NOT NULL,
  trade_no          TEXT,                     -- only for the later authorizations of a recurring order
  expected_amount   INTEGER,                  -- differs from the gateway's: not captured
  capture           TEXT    NOT NULL DEFAULT 'auto' CHECK (capture IN ('auto', 'now', 'hold')),
  memo              TEXT,
  created_at        INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER)),
  CHECK (expected_amount IS NULL OR expected_amount BETWEEN 1 AND 2147483647)
) STRICT;
-- The name is what a shop reads when it registers an order twice.
CREATE UNIQUE INDEX the_order_is_in_the_ledger_already ON orders (merchant_trade_no, merchant_id, ifnull(trade_no, ''));

-- What ecpayd knows of each order, and when it looks at it next.
CREATE TABLE order_state (
  order_id          INTEGER PRIMARY KEY REFERENCES orders (id),
  merchant_id       TEXT    NOT NULL,
  merchant_trade_no TEXT    NOT NULL,
  asked_trade_no    TEXT    NOT NULL DEFAULT '',
  state             TEXT    NOT NULL DEFAULT 'registered' CHECK (state IN ('registered', 'unpaid', 'authorized',
                      'to_be_captured', 'captured', 'refunded', 'voided', 'expired', 'not_card', 'not_found', 'review')),
  trade_no          TEXT,                     -- ECPay's number, as the gateway said
  amount            INTEGER CHECK (amount >= 0),
  captured_amount   INTEGER NOT NULL DEFAULT 0 CHECK (captured_amount >= 0),
  refunded_amount   INTEGER NOT NULL DEFAULT 0 CHECK (refunded_amount >= 0),
  left_amount       INTEGER CHECK (left_amount >= 0),   -- what can still be refunded; NULL: not known
  payment_type      TEXT,
  authorized_at     INTEGER,
  capture_by        INTEGER,
  expires_at        INTEGER,
  capture_slot      INTEGER,                  -- the place of its capture in a crowd
  observation       TEXT,                     -- the last look, as JSON
  last_checked_at   INTEGER,
  last_error        TEXT,
  look_failures     INTEGER NOT NULL DEFAULT 0,
  retry_at          INTEGER,                  -- no look before, after one that failed
  changed_after     INTEGER NOT NULL DEFAULT 0,  -- newest attempt when the shop last wrote to the order
  revision          INTEGER NOT NULL DEFAULT 1,  -- counts what shops and people wrote
  next_at           INTEGER,                  -- due then; NULL: finished; 0: at once
  rank              INTEGER NOT NULL DEFAULT 2 CHECK (rank IN (0, 1, 2)),  -- refund, deadline, routine
  rule              TEXT    NOT NULL DEFAULT '',
  next_step         TEXT,
  next_step_at      INTEGER,
  CHECK (amount IS NULL OR refunded_amount <= amount)
) STRICT;
CREATE INDEX order_due ON order_state (merchant_id, rank, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX order_waiting_by_rule ON order_state (rule, merchant_id) WHERE rule = 'paused';
CREATE INDEX order_uncaptured ON order_state (authorized_at) WHERE state = 'authorized';
CREATE INDEX order_by_state ON order_state (state);
-- One authorization is followed by one row, or its refunds could be counted twice.
CREATE UNIQUE INDEX order_authorization ON order_state (merchant_id, trade_no) WHERE trade_no IS NOT NULL;

-- Finds the history of an order that an INSERT OR REPLACE would have thrown away.
CREATE UNIQUE INDEX order_state_number ON order_state (merchant_trade_no, merchant_id, asked_trade_no);

-- How many captures are foreseen for a minute, where deadlines fall together.
CREATE TABLE capture_slots (
  merchant_id TEXT    NOT NULL,
  minute      INTEGER NOT NULL,               -- minutes since 1970, UTC
  taken       INTEGER NOT NULL,
  PRIMARY KEY (merchant_id, minute)
) STRICT, WITHOUT ROWID;

-- ---------------------------------------------------------------- refunds: asked for by shops
CREATE TABLE refund_intents (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  merchant_id       TEXT    NOT NULL,
  merchant_trade_no TEXT    NOT NULL,
  trade_no          TEXT,                     -- only for the later authorizations of a recurring order
  amount            INTEGER,                  -- NULL: all that is left
  request_key       TEXT    NOT NULL,
  reason            TEXT,
  cancel            INTEGER NOT NULL DEFAULT 0 CHECK (cancel IN (0, 1)),
  created_at        INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER)),
  CHECK (amount IS NULL OR amount BETWEEN 1 AND 2147483647)
) STRICT;
-- The expression makes SQLite say the index's name to a shop that asks twice.
CREATE UNIQUE INDEX a_refund_with_this_request_key_is_in_the_ledger_already ON refund_intents (ifnull(request_key, ''));
CREATE INDEX refund_intents_order ON refund_intents (merchant_trade_no, merchant_id);

CREATE TABLE refunds (
  intent_id       INTEGER PRIMARY KEY REFERENCES refund_intents (id),
  request_key     TEXT    NOT NULL UNIQUE,
  order_id        INTEGER NOT NULL REFERENCES orders (id),
  state           TEXT    NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'waiting', 'done', 'rejected', 'review', 'canceled')),
  refunded_amount INTEGER NOT NULL DEFAULT 0 CHECK (refunded_amount >= 0),
  method          TEXT    CHECK (method IN ('N', 'E+N', 'R')),
  detail          TEXT    NOT NULL DEFAULT '',
  updated_at      INTEGER NOT NULL,
  CHECK ((state = 'done') = (refunded_amount > 0)),
  CHECK ((state = 'done') = (method IS NOT NULL))
) STRICT;
CREATE INDEX refunds_of_order ON refunds (order_id);
CREATE INDEX refunds_open ON refunds (state) WHERE state IN ('queued', 'running', 'waiting', 'review');

-- ---------------------------------------------------------------- attempts: written before the call
CREATE TABLE attempts (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  order_id         INTEGER NOT NULL REFERENCES orders (id),
  refund_id        INTEGER REFERENCES refund_intents (id),   -- NULL for a capture
  action           TEXT    NOT NULL CHECK (action IN ('C', 'R', 'E', 'N')),
  amount           INTEGER NOT NULL CHECK (amount > 0),
  trade_no         TEXT    NOT NULL,
  state            TEXT    NOT NULL DEFAULT 'started' CHECK (state IN ('started', 'accepted', 'unknown', 'review',
                     'applied', 'not_applied', 'refused', 'not_sent')),
  before_status    TEXT    NOT NULL,
  before_net       INTEGER NOT NULL,
  started_at       INTEGER NOT NULL,
  finished_at      INTEGER,
  code             INTEGER,                   -- RtnCode of a refusal
  text             TEXT    NOT NULL DEFAULT '',
  first_absence_at INTEGER,
  resolved_by      TEXT,
  CHECK ((action = 'C') = (refund_id IS NULL)),
  CHECK ((state = 'started') = (finished_at IS NULL)),
  CHECK (state <> 'refused' OR code IS NOT NULL)
) STRICT;
-- One open attempt for each order, whoever asks.
CREATE UNIQUE INDEX attempts_open ON attempts (order_id) WHERE state IN ('started', 'accepted', 'unknown', 'review');
CREATE INDEX attempts_of_order ON attempts (order_id);
CREATE INDEX attempts_of_refund ON attempts (refund_id) WHERE refund_id IS NOT NULL;

CREATE TRIGGER attempts_are_kept BEFORE DELETE ON attempts BEGIN
  SELECT RAISE(ABORT, 'attempts are never deleted: they are the record of what was sent to the gateway');
END;
-- INSERT OR REPLACE deletes without asking the trigger above. An id that is not given reads as -1 here.
CREATE TRIGGER attempts_are_not_replaced BEFORE INSERT ON attempts WHEN NEW.id > 0 BEGIN
  SELECT RAISE(ABORT, 'attempts are never replaced: they are the record of what was sent to the gateway')
    WHERE EXISTS (SELECT 1 FROM attempts WHERE id = NEW.id);
END;
CREATE TRIGGER attempts_keep_their_id BEFORE UPDATE ON attempts WHEN NEW.id IS NOT OLD.id BEGIN
  SELECT RAISE(ABORT, 'what an attempt was is never changed, only what became of it');
END;
CREATE TRIGGER attempts_do_not_change BEFORE UPDATE OF id, order_id, refund_id, action, amount, trade_no, started_at ON attempts BEGIN
  SELECT RAISE(ABORT, 'what an attempt was is never changed, only what became of it');
END;

-- ---------------------------------------------------------------- events: append-only
CREATE TABLE events (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  at                INTEGER NOT NULL,
  merchant_id       TEXT,
  merchant_trade_no TEXT,
  order_id          INTEGER,
  kind              TEXT    NOT NULL,
  detail            TEXT    NOT NULL DEFAULT '{}'   -- JSON
) STRICT;
CREATE INDEX events_of_order ON events (merchant_trade_no) WHERE merchant_trade_no IS NOT NULL;
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events BEGIN
  SELECT RAISE(ABORT, 'events are append-only: an event is never changed');
END;
CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events BEGIN
  SELECT RAISE(ABORT, 'events are append-only: an event is never deleted');
END;
-- INSERT OR REPLACE deletes without asking the trigger above. An id that is not given reads as -1 here.
CREATE TRIGGER events_are_not_replaced BEFORE INSERT ON events WHEN NEW.id > 0 BEGIN
  SELECT RAISE(ABORT, 'events are append-only: an event is never replaced') WHERE EXISTS (SELECT 1 FROM events WHERE id = NEW.id);
END;

-- ---------------------------------------------------------------- alerts
CREATE TABLE alerts (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  kind              TEXT    NOT NULL,
  severity          TEXT    NOT NULL CHECK (severity IN ('notice', 'warning', 'critical')),
  stage             TEXT    NOT NULL DEFAULT '',
  merchant_id       TEXT    NOT NULL,
  order_id          INTEGER REFERENCES orders (id),
  merchant_trade_no TEXT,
  message           TEXT    NOT NULL,
  days_left         INTEGER,
  raised_at         INTEGER NOT NULL,
  acked_by          TEXT,
  acked_at          INTEGER,
  closed_at         INTEGER,
  CHECK ((acked_by IS NULL) = (acked_at IS NULL))
) STRICT;
CREATE UNIQUE INDEX alerts_open ON alerts (kind, stage, merchant_id, ifnull(order_id, 0)) WHERE closed_at IS NULL;
CREATE INDEX alerts_of_order ON alerts (order_id) WHERE closed_at IS NULL;

-- ---------------------------------------------------------------- what shops may write: orders
CREATE TRIGGER orders_check BEFORE INSERT ON orders BEGIN
  SELECT RAISE(ABORT, 'merchant_id is not in the settings of ecpayd: add a [[merchant]] section and start ecpayd once')
    WHERE NOT EXISTS (SELECT 1 FROM merchants WHERE merchant_id = NEW.merchant_id AND configured = 1);
  SELECT RAISE(ABORT, 'merchant_trade_no must be 1 to 20 letters and digits, as sent to ECPay')
    WHERE NEW.merchant_trade_no IS NULL OR NEW.merchant_trade_no = '' OR length(NEW.merchant_trade_no) > 20
       OR NEW.merchant_trade_no GLOB '*[^0-9A-Za-z]*'
       -- Both stop at a NUL.
       OR length(CAST(NEW.merchant_trade_no AS BLOB)) <> length(NEW.merchant_trade_no);
  SELECT RAISE(ABORT, 'trade_no must be 1 to 20 letters and digits, as ECPay gave it; leave it NULL for an ordinary order')
    WHERE NEW.trade_no IS NOT NULL AND (NEW.trade_no = '' OR length(NEW.trade_no) > 20 OR NEW.trade_no GLOB '*[^0-9A-Za-z]*'
                                   OR length(CAST(NEW.trade_no AS BLOB)) <> length(NEW.trade_no));
  SELECT RAISE(ABORT, 'expected_amount must be a whole number of New Taiwan dollars from 1 to 2147483647')
    WHERE NEW.expected_amount IS NOT NULL
      AND (typeof(NEW.expected_amount) <> 'integer' OR NEW.expected_amount < 1 OR NEW.expected_amount > 2147483647);
  SELECT RAISE(ABORT, 'capture must be one of auto, now, hold')
    WHERE NEW.capture IS NULL OR NEW.capture NOT IN ('auto', 'now', 'hold');
END;

CREATE TRIGGER orders_added AFTER INSERT ON orders BEGIN
  -- INSERT OR REPLACE has deleted the row with this number; its history is still there.
  SELECT RAISE(ABORT, 'the order is in the ledger already and is never replaced: UPDATE it, or use INSERT OR IGNORE')
    WHERE EXISTS (SELECT 1 FROM order_state WHERE order_id = NEW.id OR (merchant_trade_no = NEW.merchant_trade_no
                    AND merchant_id = NEW.merchant_id AND asked_trade_no = ifnull(NEW.trade_no, '')));
  INSERT INTO order_state (order_id, merchant_id, merchant_trade_no, asked_trade_no, next_at, rank)
    VALUES (NEW.id, NEW.merchant_id, NEW.merchant_trade_no, ifnull(NEW.trade_no, ''), 0, CASE NEW.capture WHEN 'now' THEN 1 ELSE 2 END);
  INSERT INTO events (at, merchant_id, merchant_trade_no, order_id, kind, detail)
    VALUES (NEW.created_at, NEW.merchant_id, NEW.merchant_trade_no, NEW.id, 'order_registered',
      json_object('capture', NEW.capture, 'expected_amount', NEW.expected_amount, 'trade_no', NEW.trade_no));
END;

CREATE TRIGGER orders_keep_their_number BEFORE UPDATE OF id, merchant_id, merchant_trade_no, trade_no, created_at ON orders BEGIN
  SELECT RAISE(ABORT, 'only capture, expected_amount and memo of an order may be changed')
    WHERE NEW.id IS NOT OLD.id OR NEW.merchant_id IS NOT OLD.merchant_id OR NEW.merchant_trade_no IS NOT OLD.merchant_trade_no
       OR NEW.trade_no IS NOT OLD.trade_no OR NEW.created_at IS NOT OLD.created_at;
END;
CREATE TRIGGER orders_change_check BEFORE UPDATE OF capture, expected_amount ON orders BEGIN
  SELECT RAISE(ABORT, 'expected_amount must be a whole number of New Taiwan dollars from 1 to 2147483647')
    WHERE NEW.expected_amount IS NOT NULL
      AND (typeof(NEW.expected_amount) <> 'integer' OR NEW.expected_amount < 1 OR NEW.expected_amount > 2147483647);
  SELECT RAISE(ABORT, 'capture must be one of auto, now, hold')
    WHERE NEW.capture IS NULL OR NEW.capture NOT IN ('auto', 'now', 'hold');
END;
CREATE TRIGGER orders_changed AFTER UPDATE OF capture, expected_amount ON orders BEGIN
  UPDATE order_state
     SET next_at = 0, retry_at = NULL, rank = min(rank, 1), revision = revision + 1,
         changed_after = ifnull((SELECT max(id) FROM attempts WHERE order_id = NEW.id), 0)
   WHERE order_id = NEW.id;
  INSERT INTO events (at, merchant_id, merchant_trade_no, order_id, kind, detail)
    SELECT CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER), NEW.merchant_id, NEW.merchant_trade_no, NEW.id, 'order_changed',
      json_object('capture', NEW.capture, 'expected_amount', NEW.expected_amount)
    WHERE NEW.capture IS NOT OLD.capture OR NEW.expected_amount IS NOT OLD.expected_amount;
END;
CREATE TRIGGER orders_noted AFTER UPDATE OF memo ON orders BEGIN
  UPDATE order_state SET next_at = 0, retry_at = NULL, revision = revision + 1 WHERE order_id = NEW.id;
END;
-- `UPDATE ... SET rowid` passes a trigger that names the column id.
CREATE TRIGGER orders_keep_their_id BEFORE UPDATE ON orders WHEN NEW.id IS NOT OLD.id BEGIN
  SELECT RAISE(ABORT, 'only capture, expected_amount and memo of an order may be changed');
END;
CREATE TRIGGER orders_are_kept BEFORE DELETE ON orders BEGIN
  SELECT RAISE(ABORT, 'orders are never deleted: the ledger is the record of the money');
END;

-- ---------------------------------------------------------------- what shops may write: refunds
CREATE TRIGGER refund_intents_check BEFORE INSERT ON refund_intents BEGIN
  SELECT RAISE(ABORT, 'merchant_id is not in the settings of ecpayd: add a [[merchant]] section and start ecpayd once')
    WHERE NOT EXISTS (SELECT 1 FROM merchants WHERE merchant_id = NEW.merchant_id AND configured = 1);
  SELECT RAISE(ABORT, 'merchant_trade_no must be 1 to 20 letters and digits, as sent to ECPay')
    WHERE NEW.merchant_trade_no IS NULL OR NEW.merchant_trade_no = '' OR length(NEW.merchant_trade_no) > 20
       OR NEW.merchant_trade_no GLOB '*[^0-9A-Za-z]*'
       -- Both stop at a NUL.
       OR length(CAST(NEW.merchant_trade_no AS BLOB)) <> length(NEW.merchant_trade_no);
  SELECT RAISE(ABORT, 'trade_no must be 1 to 20 letters and digits, as ECPay gave it; leave it NULL for an ordinary order')
    WHERE NEW.trade_no IS NOT NULL AND (NEW.trade_no = '' OR length(NEW.trade_no) > 20 OR NEW.trade_no GLOB '*[^0-9A-Za-z]*'
                                   OR length(CAST(NEW.trade_no AS BLOB)) <> length(NEW.trade_no));
  SELECT RAISE(ABORT, 'amount must be a whole number of New Taiwan dollars from 1 to 2147483647, or NULL for all that is left')
    WHERE NEW.amount IS NOT NULL AND (typeof(NEW.amount) <> 'integer' OR NEW.amount < 1 OR NEW.amount > 2147483647);
  SELECT RAISE(ABORT, 'request_key must be a text of 1 to 200 characters that names this refund once, such as the number of the return')
    WHERE NEW.request_key IS NULL OR typeof(NEW.request_key) <> 'text' OR NEW.request_key = '' OR length(NEW.request_key) > 200;
  SELECT RAISE(ABORT, 'cancel is set by an UPDATE of a refund, not by its INSERT')
    WHERE NEW.cancel IS NOT 0;
  SELECT RAISE(ABORT, 'the order has several authorizations: name the trade_no of the one to refund')
    WHERE NEW.trade_no IS NULL
      AND (SELECT count(*) FROM orders WHERE merchant_trade_no = NEW.merchant_trade_no AND merchant_id = NEW.merchant_id) > 1
      AND NOT EXISTS (SELECT 1 FROM orders WHERE merchant_trade_no = NEW.merchant_trade_no AND merchant_id = NEW.merchant_id AND trade_no IS NULL);
  -- A request that is repeated is told so, whatever is left.
  SELECT RAISE(ABORT, 'amount is more than what is left of the order, counting the refunds already asked for')
    WHERE NOT EXISTS (SELECT 1 FROM refund_intents WHERE ifnull(request_key, '') = NEW.request_key) AND NEW.amount > (
      SELECT s.left_amount - ifnull((SELECT sum(ifnull(i.amount, s.left_amount)) FROM refunds r JOIN refund_intents i ON i.id = r.intent_id
                                      WHERE r.order_id = s.order_id AND r.state IN ('queued', 'running', 'waiting', 'review')), 0)
        FROM orders o JOIN order_state s ON s.order_id = o.id
       WHERE o.merchant_trade_no = NEW.merchant_trade_no AND o.merchant_id = NEW.merchant_id
         AND (NEW.trade_no IS NULL OR o.trade_no IS NEW.trade_no OR (o.trade_no IS NULL AND s.trade_no IS NEW.trade_no))
       ORDER BY o.trade_no IS NOT NULL LIMIT 1);
END;

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
      json_object('refund', NEW.id, 'amount', NEW.amount, 'request_key', NEW.request_key)
    FROM refunds WHERE intent_id = NEW.id;
END;

CREATE TRIGGER refund_intents_do_not_change
  BEFORE UPDATE OF id, merchant_id, merchant_trade_no, trade_no, amount, request_key, reason, created_at ON refund_intents BEGIN
  SELECT RAISE(ABORT, 'a refund is never changed: cancel it and insert another');
END;
CREATE TRIGGER refund_intents_cancel_check BEFORE UPDATE OF cancel ON refund_intents BEGIN
  SELECT RAISE(ABORT, 'cancel can only be set to 1') WHERE NEW.cancel IS NOT 1;
  SELECT RAISE(ABORT, 'the refund has ended already')
    WHERE EXISTS (SELECT 1 FROM refunds WHERE intent_id = OLD.id AND state IN ('done', 'rejected'));
  SELECT RAISE(ABORT, 'the refund has begun: money may be moving, it can no longer be canceled')
    WHERE EXISTS (SELECT 1 FROM refunds WHERE intent_id = OLD.id AND state = 'running')
       OR EXISTS (SELECT 1 FROM attempts WHERE refund_id = OLD.id
                    AND (state IN ('started', 'accepted', 'unknown', 'review')
                         -- Its capture was called back, which moved no money: a way out when it is stuck then.
                         OR (state = 'applied' AND NOT (action = 'E' AND EXISTS (SELECT 1 FROM refunds WHERE intent_id = OLD.id AND state = 'review')))));
END;
CREATE TRIGGER refund_intents_canceled AFTER UPDATE OF cancel ON refund_intents WHEN OLD.cancel = 0 AND NEW.cancel = 1 BEGIN
  UPDATE refunds SET state = 'canceled', detail = 'canceled by the shop',
         updated_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER)
   WHERE intent_id = NEW.id;
  UPDATE order_state SET next_at = 0, retry_at = NULL, revision = revision + 1 WHERE order_id = (SELECT order_id FROM refunds WHERE intent_id = NEW.id);
  INSERT INTO events (at, merchant_id, merchant_trade_no, order_id, kind, detail)
    SELECT CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER), NEW.merchant_id, NEW.merchant_trade_no, order_id,
      'refund_canceled', json_object('refund', NEW.id) FROM refunds WHERE intent_id = NEW.id;
END;
CREATE TRIGGER refund_intents_keep_their_id BEFORE UPDATE ON refund_intents WHEN NEW.id IS NOT OLD.id BEGIN
  SELECT RAISE(ABORT, 'a refund is never changed: cancel it and insert another');
END;
CREATE TRIGGER refund_intents_are_kept BEFORE DELETE ON refund_intents BEGIN
  SELECT RAISE(ABORT, 'refunds are never deleted: cancel one with UPDATE refund_intents SET cancel = 1');
END;

-- ---------------------------------------------------------------- what shops read
-- The same with the row's id, which is not part of the contract: numbers do not tell two rows of
-- one authorization apart.
CREATE VIEW order_rows AS
SELECT o.id AS order_id, o.merchant_id, o.merchant_trade_no, ifnull(s.trade_no, o.trade_no) AS trade_no, s.state, s.amount,
       s.captured_amount, s.refunded_amount, s.payment_type, o.capture,
       strftime('%Y-%m-%d %H:%M:%S', s.authorized_at / 1000 + 28800, 'unixepoch') AS authorized_at,
       strftime('%Y-%m-%d %H:%M:%S', s.capture_by / 1000 + 28800, 'unixepoch') AS capture_by,
       strftime('%Y-%m-%d %H:%M:%S', s.expires_at / 1000 + 28800, 'unixepoch') AS expires_at,
       s.next_step,
       strftime('%Y-%m-%d %H:%M:%S', s.next_step_at / 1000 + 28800, 'unixepoch') AS next_step_at,
       strftime('%Y-%m-%d %H:%M:%S', s.last_checked_at / 1000 + 28800, 'unixepoch') AS last_checked_at,
       s.last_error
  FROM orders o JOIN order_state s ON s.order_id = o.id;

CREATE VIEW order_status AS
SELECT merchant_id, merchant_trade_no, trade_no, state, amount, captured_amount, refunded_amount, payment_type, capture,
       authorized_at, capture_by, expires_at, next_step, next_step_at, last_checked_at, last_error
  FROM order_rows;

CREATE VIEW refund_status AS
SELECT i.id, i.merchant_id, i.merchant_trade_no, i.amount, r.request_key, r.state, r.refunded_amount, r.method,
       CASE WHEN r.state = 'queued' THEN ifnull((SELECT 'waits for refund ' || min(b.intent_id) || ' of the same order' FROM refunds b
              WHERE b.order_id = r.order_id AND b.intent_id < r.intent_id AND b.state IN ('queued', 'running', 'waiting', 'review')), r.detail)
            ELSE r.detail END AS detail,
       strftime('%Y-%m-%d %H:%M:%S', i.created_at / 1000 + 28800, 'unixepoch') AS created_at,
       strftime('%Y-%m-%d %H:%M:%S', r.updated_at / 1000 + 28800, 'unixepoch') AS updated_at
  FROM refund_intents i JOIN refunds r ON r.intent_id = i.id;

CREATE VIEW open_alerts AS
SELECT id, kind, severity, merchant_id, merchant_trade_no, message,
       strftime('%Y-%m-%d %H:%M:%S', raised_at / 1000 + 28800, 'unixepoch') AS raised_at, acked_by
  FROM alerts WHERE closed_at IS NULL;

CREATE VIEW order_events AS
SELECT id, strftime('%Y-%m-%d %H:%M:%S', at / 1000 + 28800, 'unixepoch') AS at, merchant_id, merchant_trade_no, kind, detail
  FROM events;
