-- How many orders stand in each state, so that nobody has to count them.

CREATE TABLE order_counts (
  merchant_id TEXT    NOT NULL,
  state       TEXT    NOT NULL,
  count       INTEGER NOT NULL,
  PRIMARY KEY (merchant_id, state)
) STRICT, WITHOUT ROWID;
INSERT INTO order_counts SELECT merchant_id, state, count(*) FROM order_state GROUP BY merchant_id, state;

-- Two statements in place of an upsert: a conflict clause of the shop's statement would take its place.
CREATE TRIGGER order_state_counted AFTER INSERT ON order_state BEGIN
  INSERT INTO order_counts SELECT NEW.merchant_id, NEW.state, 0
    WHERE NOT EXISTS (SELECT 1 FROM order_counts WHERE merchant_id = NEW.merchant_id AND state = NEW.state);
  UPDATE order_counts SET count = count + 1 WHERE merchant_id = NEW.merchant_id AND state = NEW.state;
END;
CREATE TRIGGER order_state_counted_anew AFTER UPDATE OF state ON order_state WHEN NEW.state <> OLD.state BEGIN
  INSERT INTO order_counts SELECT NEW.merchant_id, NEW.state, 0
    WHERE NOT EXISTS (SELECT 1 FROM order_counts WHERE merchant_id = NEW.merchant_id AND state = NEW.state);
  UPDATE order_counts SET count = count + 1 WHERE merchant_id = NEW.merchant_id AND state = NEW.state;
  UPDATE order_counts SET count = count - 1 WHERE merchant_id = OLD.merchant_id AND state = OLD.state;
END;

-- The same of voucher orders.
CREATE TABLE voucher_counts (
  merchant_id TEXT    NOT NULL,
  state       TEXT    NOT NULL,
  count       INTEGER NOT NULL,
  PRIMARY KEY (merchant_id, state)
) STRICT, WITHOUT ROWID;
INSERT INTO voucher_counts SELECT merchant_id, state, count(*) FROM voucher_state GROUP BY merchant_id, state;

CREATE TRIGGER voucher_state_counted AFTER INSERT ON voucher_state BEGIN
  INSERT INTO voucher_counts SELECT NEW.merchant_id, NEW.state, 0
    WHERE NOT EXISTS (SELECT 1 FROM voucher_counts WHERE merchant_id = NEW.merchant_id AND state = NEW.state);
  UPDATE voucher_counts SET count = count + 1 WHERE merchant_id = NEW.merchant_id AND state = NEW.state;
END;
CREATE TRIGGER voucher_state_counted_anew AFTER UPDATE OF state ON voucher_state WHEN NEW.state <> OLD.state BEGIN
  INSERT INTO voucher_counts SELECT NEW.merchant_id, NEW.state, 0
    WHERE NOT EXISTS (SELECT 1 FROM voucher_counts WHERE merchant_id = NEW.merchant_id AND state = NEW.state);
  UPDATE voucher_counts SET count = count + 1 WHERE merchant_id = NEW.merchant_id AND state = NEW.state;
  UPDATE voucher_counts SET count = count - 1 WHERE merchant_id = OLD.merchant_id AND state = OLD.state;
END;
