-- Voucher orders: registered by shops, looked at by ecpayd, each ticket by itself.

-- Whether the settings name the voucher service for it, and the silence that service asked for.
ALTER TABLE merchants ADD COLUMN vouchers INTEGER NOT NULL DEFAULT 0 CHECK (vouchers IN (0, 1));
ALTER TABLE merchants ADD COLUMN voucher_silent_until INTEGER;

-- ---------------------------------------------------------------- voucher orders: written by shops
CREATE TABLE voucher_orders (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  merchant_id       TEXT    NOT NULL,
  merchant_trade_no TEXT,                     -- sold
  free_trade_no     TEXT,                     -- given away
  guard             INTEGER NOT NULL DEFAULT 1 CHECK (guard IN (0, 1)),  -- 0: no longer holds back refunds of its card order
  memo              TEXT,
  created_at        INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER)),
  CHECK ((merchant_trade_no IS NULL) <> (free_trade_no IS NULL))
) STRICT;
-- The expressions make SQLite say the index's name to a shop that registers an order twice.
CREATE UNIQUE INDEX the_voucher_order_is_in_the_ledger_already
  ON voucher_orders (merchant_id, ifnull(merchant_trade_no, ''), ifnull(free_trade_no, ''));
CREATE INDEX voucher_orders_number ON voucher_orders (merchant_trade_no, merchant_id);

-- What ecpayd knows of each, and when it looks at it next.
CREATE TABLE voucher_state (
  voucher_id        INTEGER PRIMARY KEY REFERENCES voucher_orders (id),
  merchant_id       TEXT    NOT NULL,
  number            TEXT    NOT NULL,
  state             TEXT    NOT NULL DEFAULT 'registered' CHECK (state IN ('registered', 'issuing', 'issued', 'issue_failed', 'not_found', 'review')),
  voucher_trade_no  TEXT,                     -- ECTicket's number
  trade_amount      INTEGER CHECK (trade_amount >= 0),
  redeemed_amount   INTEGER CHECK (redeemed_amount >= 0),
  refunded_amount   INTEGER CHECK (refunded_amount >= 0),
  unused_amount     INTEGER CHECK (unused_amount >= 0),
  observation       TEXT,                     -- the last look, as JSON, without the tickets
  looks             INTEGER NOT NULL DEFAULT 0,  -- a look that another one has overtaken is not written
  last_checked_at   INTEGER,
  last_error        TEXT,
  look_failures     INTEGER NOT NULL DEFAULT 0,
  retry_at          INTEGER,                  -- no look before, after one that failed
  changed_at        INTEGER,                  -- when a look last showed something new
  known_amount      INTEGER CHECK (known_amount >= 0),      -- what it was sold for, once its tickets were seen issued
  confirmed_amount  INTEGER CHECK (confirmed_amount >= 0),  -- refunds that the bank has confirmed
  refunds_asked_at  INTEGER,                  -- when that was last asked, answered or not
  refunds_error     TEXT,
  refunds_contradict INTEGER NOT NULL DEFAULT 0 CHECK (refunds_contradict IN (0, 1)),
  unconfirmed_since INTEGER,
  next_at           INTEGER,                  -- due then; NULL: finished; 0: at once
  rule              TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX voucher_due ON voucher_state (merchant_id, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX voucher_by_state ON voucher_state (state);
CREATE UNIQUE INDEX voucher_state_number ON voucher_state (number, merchant_id, voucher_id);

CREATE TABLE tickets (
  voucher_id  INTEGER NOT NULL REFERENCES voucher_orders (id),
  ticket_no   TEXT    NOT NULL,
  use_status  TEXT    NOT NULL CHECK (use_status IN ('unused', 'redeemed', 'refunded', 'expired')),
  kind        TEXT    CHECK (kind IN ('pickup', 'gift')),
  item_no     TEXT,
  item_name   TEXT,
  amount      INTEGER NOT NULL CHECK (amount >= 0),   -- its face value
  starts_on   TEXT,                                   -- days of Asia/Taipei, YYYY-MM-DD
  expires_on  TEXT,
  redeemed_at INTEGER,
  refunded_at INTEGER,
  listed      INTEGER NOT NULL DEFAULT 1 CHECK (listed IN (0, 1)),   -- 0: the gateway no longer shows it
  PRIMARY KEY (voucher_id, ticket_no)
) STRICT, WITHOUT ROWID;

-- ---------------------------------------------------------------- their history and alerts
ALTER TABLE events ADD COLUMN voucher_id INTEGER;
CREATE INDEX events_of_voucher ON events (voucher_id) WHERE voucher_id IS NOT NULL;
ALTER TABLE alerts ADD COLUMN voucher_id INTEGER REFERENCES voucher_orders (id);
DROP INDEX alerts_open;
CREATE UNIQUE INDEX alerts_open ON alerts (kind, stage, merchant_id, ifnull(order_id, 0), ifnull(voucher_id, 0)) WHERE closed_at IS NULL;
CREATE INDEX alerts_of_voucher ON alerts (voucher_id) WHERE closed_at IS NULL AND voucher_id IS NOT NULL;

-- ---------------------------------------------------------------- what shops may write
CREATE TRIGGER voucher_orders_check BEFORE INSERT ON voucher_orders BEGIN
  SELECT RAISE(ABORT, 'merchant_id is not in the settings of ecpayd: add a [[merchant]] section and start ecpayd once')
    WHERE NOT EXISTS (SELECT 1 FROM merchants WHERE merchant_id = NEW.merchant_id AND configured = 1);
  SELECT RAISE(ABORT, 'the merchant has no voucher service in the settings of ecpayd: add its [merchant.voucher] section and start ecpayd once')
    WHERE NOT EXISTS (SELECT 1 FROM merchants WHERE merchant_id = NEW.merchant_id AND vouchers = 1);
  SELECT RAISE(ABORT, 'a voucher order has a merchant_trade_no or a free_trade_no: give one of them, never both')
    WHERE (NEW.merchant_trade_no IS NULL) = (NEW.free_trade_no IS NULL);
  SELECT RAISE(ABORT, 'merchant_trade_no of a voucher order must be 1 to 25 letters and digits, as sent to ECPay')
    WHERE NEW.merchant_trade_no IS NOT NULL AND (NEW.merchant_trade_no = '' OR length(NEW.merchant_trade_no) > 25
       OR NEW.merchant_trade_no GLOB '*[^0-9A-Za-z]*'
       -- Both stop at a NUL.
       OR length(CAST(NEW.merchant_trade_no AS BLOB)) <> length(NEW.merchant_trade_no));
  SELECT RAISE(ABORT, 'free_trade_no must be 1 to 20 letters and digits, as ECPay gave it')
    WHERE NEW.free_trade_no IS NOT NULL AND (NEW.free_trade_no = '' OR length(NEW.free_trade_no) > 20
       OR NEW.free_trade_no GLOB '*[^0-9A-Za-z]*' OR length(CAST(NEW.free_trade_no AS BLOB)) <> length(NEW.free_trade_no));
  SELECT RAISE(ABORT, 'guard must be 0 or 1') WHERE NEW.guard IS NULL OR NEW.guard NOT IN (0, 1);
  SELECT RAISE(ABORT, 'id is given by the ledger: leave it out') WHERE NEW.id > 9007199254740991;
END;
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
      json_object('merchant_trade_no', NEW.merchant_trade_no, 'free_trade_no', NEW.free_trade_no));
END;

CREATE TRIGGER voucher_orders_keep_their_number
  BEFORE UPDATE OF id, merchant_id, merchant_trade_no, free_trade_no, created_at ON voucher_orders BEGIN
  SELECT RAISE(ABORT, 'only guard and memo of a voucher order may be changed')
    WHERE NEW.id IS NOT OLD.id OR NEW.merchant_id IS NOT OLD.merchant_id OR NEW.merchant_trade_no IS NOT OLD.merchant_trade_no
       OR NEW.free_trade_no IS NOT OLD.free_trade_no OR NEW.created_at IS NOT OLD.created_at;
END;
-- `UPDATE ... SET rowid` passes a trigger that names the column id.
CREATE TRIGGER voucher_orders_keep_their_id BEFORE UPDATE ON voucher_orders WHEN NEW.id IS NOT OLD.id BEGIN
  SELECT RAISE(ABORT, 'only guard and memo of a voucher order may be changed');
END;
CREATE TRIGGER voucher_orders_guard_check BEFORE UPDATE OF guard ON voucher_orders BEGIN
  SELECT RAISE(ABORT, 'guard must be 0 or 1') WHERE NEW.guard IS NULL OR NEW.guard NOT IN (0, 1);
END;
CREATE TRIGGER voucher_orders_guard_changed AFTER UPDATE OF guard ON voucher_orders WHEN NEW.guard IS NOT OLD.guard BEGIN
  UPDATE order_state SET next_at = 0, retry_at = NULL, revision = revision + 1
   WHERE merchant_trade_no = NEW.merchant_trade_no AND merchant_id = NEW.merchant_id;
  INSERT INTO events (at, merchant_id, merchant_trade_no, voucher_id, kind, detail)
    VALUES (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER), NEW.merchant_id, NEW.merchant_trade_no, NEW.id,
      'voucher_guard_changed', json_object('guard', NEW.guard));
END;
CREATE TRIGGER voucher_orders_are_kept BEFORE DELETE ON voucher_orders BEGIN
  SELECT RAISE(ABORT, 'voucher orders are never deleted: the ledger is the record of the money');
END;

-- A refund does not wait for the pause after a routine look that failed.
CREATE TRIGGER refund_intents_wake_vouchers AFTER INSERT ON refund_intents BEGIN
  UPDATE voucher_state SET retry_at = NULL
   WHERE voucher_id IN (SELECT id FROM voucher_orders WHERE merchant_trade_no = NEW.merchant_trade_no AND merchant_id = NEW.merchant_id);
END;

-- ---------------------------------------------------------------- what shops read
CREATE VIEW voucher_status AS
SELECT v.merchant_id, v.merchant_trade_no, v.free_trade_no, s.voucher_trade_no, s.state, s.trade_amount, s.redeemed_amount,
       s.refunded_amount, s.confirmed_amount AS refund_confirmed_amount, s.unused_amount,
       strftime('%Y-%m-%d %H:%M:%S', s.last_checked_at / 1000 + 28800, 'unixepoch') AS last_checked_at,
       ifnull(s.last_error, s.refunds_error) AS last_error
  FROM voucher_orders v JOIN voucher_state s ON s.voucher_id = v.id;

CREATE VIEW voucher_tickets AS
SELECT v.merchant_id, v.merchant_trade_no, v.free_trade_no, t.ticket_no, t.item_no, t.item_name, t.kind, t.amount, t.use_status,
       t.starts_on, t.expires_on,
       strftime('%Y-%m-%d %H:%M:%S', t.redeemed_at / 1000 + 28800, 'unixepoch') AS redeemed_at,
       strftime('%Y-%m-%d %H:%M:%S', t.refunded_at / 1000 + 28800, 'unixepoch') AS refunded_at
  FROM tickets t JOIN voucher_orders v ON v.id = t.voucher_id WHERE t.listed = 1;
