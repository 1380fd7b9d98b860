-- What is told to people and shops: through which channels, and what became of it.

CREATE TABLE channels (
  -- The channels of the settings, as the last start took them.
  name       TEXT    NOT NULL PRIMARY KEY,        -- as in the settings
  what       TEXT    NOT NULL CHECK (what = 'alerts' OR what = 'events'),  -- alerts to people, or what ends for an order to its shop
  least      INTEGER NOT NULL DEFAULT 0,          -- told singly from this severity on: 0 notice, 1 warning, 2 critical
  merchants  TEXT    NOT NULL DEFAULT '',         -- ',3002607,3000001,'; empty: all
  kinds      TEXT    NOT NULL DEFAULT '',         -- of events: ',captured,refund_done,'; empty: all
  configured INTEGER NOT NULL DEFAULT 1,          -- 0: no longer in the settings
  digest_on  TEXT    NOT NULL DEFAULT ''          -- the day (Asia/Taipei) of its last digest
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
  -- What is sent in one piece: some alerts, a digest, or an event of an order. Its words are made once, so every try
  -- brings the same under the same key.
  id          INTEGER PRIMARY KEY,                -- in the order they were made
  key         TEXT    NOT NULL DEFAULT (lower(hex(randomblob(16)))) UNIQUE,  -- the receiver's means against doubles
  channel     TEXT    NOT NULL REFERENCES channels (name),  -- through which
  severity    TEXT    NOT NULL CHECK (severity = 'notice' OR severity = 'warning' OR severity = 'critical'),  -- how loud
  order_id    INTEGER REFERENCES orders (id),     -- of an event: whose messages keep their order
  title       TEXT    NOT NULL,                   -- a line
  text        TEXT    NOT NULL,                   -- for people
  body        TEXT    NOT NULL,                   -- JSON, for programs
  created_at  INTEGER NOT NULL,                   -- when it was made
  tries       INTEGER NOT NULL DEFAULT 0,         -- how often it was sent
  next_at     INTEGER,                            -- the next try; NULL: it has ended
  sent_at     INTEGER,                            -- delivered,
  given_up_at INTEGER,                            -- or given up
  last_error  TEXT                                -- of the last try that failed
) STRICT;

CREATE INDEX messages_due ON messages (channel, next_at) WHERE next_at IS NOT NULL;

CREATE INDEX messages_of_order ON messages (order_id, channel) WHERE next_at IS NOT NULL AND order_id IS NOT NULL;

CREATE TABLE deliveries (
  -- What has to be told through a channel: an edge of an alert, or an event of an order.
  id         INTEGER PRIMARY KEY,                 -- in the order they came about
  channel    TEXT    NOT NULL REFERENCES channels (name),  -- through which
  alert_id   INTEGER REFERENCES alerts (id),      -- which alert,
  order_id   INTEGER REFERENCES orders (id),      -- or which order
  refund_id  INTEGER REFERENCES refund_intents (id),  -- and refund
  edge       TEXT    NOT NULL,                    -- raised, repeated, closed; of an order: what has ended
  at         INTEGER NOT NULL,                    -- when
  message_id INTEGER REFERENCES messages (id),    -- in which it was told; NULL: in none yet
  is_news    INTEGER NOT NULL DEFAULT 1,          -- 0: nothing that anybody has to hear
  CHECK ((alert_id IS NULL) <> (order_id IS NULL))
) STRICT;

CREATE INDEX deliveries_waiting ON deliveries (channel, id) WHERE message_id IS NULL AND is_news = 1;

CREATE INDEX deliveries_of_alert ON deliveries (alert_id, channel, at) WHERE alert_id IS NOT NULL;

CREATE INDEX alerts_raised ON alerts (raised_at);

CREATE INDEX alerts_closed ON alerts (closed_at) WHERE closed_at IS NOT NULL;

-- alerts: what is told of them, in the transaction that raises or closes one.
CREATE TRIGGER alerts_are_told AFTER INSERT ON alerts BEGIN
  INSERT INTO deliveries (channel, alert_id, edge, at)
    SELECT name, NEW.id, 'raised', NEW.raised_at FROM channels
     WHERE what = 'alerts' AND configured = 1
       AND least <= CASE NEW.severity WHEN 'critical' THEN 2 WHEN 'warning' THEN 1 ELSE 0 END
       AND (merchants = '' OR NEW.merchant_id = '' OR instr(merchants, ',' || NEW.merchant_id || ',') > 0)
       -- Not through the one that it is about.
       AND NOT (NEW.kind = 'delivery_failing' AND (NEW.stage = name OR NEW.stage = name || ', given up'));
END;

CREATE TRIGGER alerts_are_told_closed AFTER UPDATE OF closed_at ON alerts
  WHEN OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL BEGIN
  INSERT INTO deliveries (channel, alert_id, edge, at)
    SELECT d.channel, NEW.id, 'closed', NEW.closed_at
      FROM deliveries d JOIN channels c ON c.name = d.channel
     WHERE d.alert_id = NEW.id AND d.edge = 'raised' AND c.configured = 1;
END;

-- order_state and refunds: what a shop hears of, in the transaction in which it ends.
CREATE TRIGGER order_state_is_told AFTER UPDATE OF state ON order_state
  WHEN NEW.state <> OLD.state AND (NEW.state = 'captured' OR NEW.state = 'voided' OR NEW.state = 'expired') BEGIN
  INSERT INTO deliveries (channel, order_id, edge, at)
    SELECT name, NEW.order_id, NEW.state, coalesce(NEW.last_checked_at, 0) FROM channels
     WHERE what = 'events' AND configured = 1 AND (kinds = '' OR instr(kinds, ',' || NEW.state || ',') > 0)
       AND (merchants = '' OR instr(merchants, ',' || NEW.merchant_id || ',') > 0);
END;

CREATE TRIGGER refunds_are_told AFTER UPDATE OF state ON refunds
  WHEN NEW.state <> OLD.state AND (NEW.state = 'done' OR NEW.state = 'rejected' OR NEW.state = 'review') BEGIN
  INSERT INTO deliveries (channel, order_id, refund_id, edge, at)
    SELECT c.name, NEW.order_id, NEW.intent_id, 'refund_' || NEW.state, NEW.updated_at
      FROM channels c JOIN refund_intents i ON i.id = NEW.intent_id
     WHERE c.what = 'events' AND c.configured = 1 AND (c.kinds = '' OR instr(c.kinds, ',refund_' || NEW.state || ',') > 0)
       AND (c.merchants = '' OR instr(c.merchants, ',' || i.merchant_id || ',') > 0);
END;

-- channels, messages and deliveries: what may be written.
CREATE TRIGGER channels_are_kept BEFORE DELETE ON channels BEGIN
  SELECT RAISE(ABORT, 'channels are never deleted: take one out of the settings, and start ecpayd again');
END;

CREATE TRIGGER messages_keep_their_end BEFORE UPDATE ON messages BEGIN
  SELECT RAISE(ABORT, 'what a message says is never changed: ecpayd alone writes messages')
    WHERE NEW.id IS NOT OLD.id OR NEW.key IS NOT OLD.key OR NEW.channel IS NOT OLD.channel OR NEW.order_id IS NOT OLD.order_id
       OR NEW.title IS NOT OLD.title OR NEW.text IS NOT OLD.text OR NEW.body IS NOT OLD.body OR NEW.created_at IS NOT OLD.created_at;
  SELECT RAISE(ABORT, 'a message that was sent or given up has ended: ecpayd alone writes messages')
    WHERE OLD.next_at IS NULL;
END;

CREATE TRIGGER messages_are_kept BEFORE DELETE ON messages BEGIN
  SELECT RAISE(ABORT, 'messages are never deleted: they are the record of what was told');
END;

CREATE TRIGGER deliveries_are_told_once BEFORE UPDATE ON deliveries BEGIN
  SELECT RAISE(ABORT, 'what a delivery is about is never changed: ecpayd alone writes deliveries')
    WHERE NEW.id IS NOT OLD.id OR NEW.channel IS NOT OLD.channel OR NEW.alert_id IS NOT OLD.alert_id OR NEW.order_id IS NOT OLD.order_id
       OR NEW.refund_id IS NOT OLD.refund_id OR NEW.edge IS NOT OLD.edge OR NEW.at IS NOT OLD.at;
  SELECT RAISE(ABORT, 'a delivery is told in one message alone: ecpayd alone writes deliveries')
    WHERE OLD.message_id IS NOT NULL AND NEW.message_id IS NOT OLD.message_id;
END;

CREATE TRIGGER deliveries_are_kept BEFORE DELETE ON deliveries BEGIN
  SELECT RAISE(ABORT, 'deliveries are never deleted: they are the record of what is to be told');
END;
