-- What orders of 全方位金流 (AIO) need, whose calls carry no time stamp and whose queries leave things out.

CREATE TABLE form_calls (
  -- The attempts that were sent by the form API of 全方位金流 (AIO); append-only. Their requests carry no stamp that ends them.
  attempt_id  INTEGER PRIMARY KEY REFERENCES attempts (id)  -- the call
) STRICT;

CREATE TRIGGER form_calls_do_not_change BEFORE UPDATE ON form_calls BEGIN
  SELECT RAISE(ABORT, 'how an attempt was sent is never changed');
END;

CREATE TRIGGER form_calls_are_kept BEFORE DELETE ON form_calls BEGIN
  SELECT RAISE(ABORT, 'how an attempt was sent is never deleted');
END;

-- A recurring order that is through is looked at from now on for its next charge, which builds before this did not do.
UPDATE order_state SET next_at = 0
 WHERE next_at IS NULL AND asked_trade_no = '' AND instr(observation, '"recurring":true') > 0;

ALTER TABLE orders ADD COLUMN installments INTEGER CHECK (installments IS NULL OR installments BETWEEN 0 AND 99 AND installments <> 1);  -- as the shop knows it: 0 paid at once, else in so many parts; NULL: not told

DROP TRIGGER orders_check;
DROP TRIGGER orders_keep_their_number;
DROP TRIGGER orders_change_check;
DROP TRIGGER orders_keep_their_id;
DROP TRIGGER orders_added;
DROP TRIGGER orders_changed;

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
  SELECT RAISE(ABORT, 'installments must be the number of parts, from 2 to 99; 0 for an order paid at once, NULL where it is not known')
    WHERE NEW.installments IS NOT NULL
      AND (typeof(NEW.installments) <> 'integer' OR NEW.installments < 0 OR NEW.installments = 1 OR NEW.installments > 99);
  SELECT RAISE(ABORT, 'capture must be one of auto, now, hold')
    WHERE NEW.capture IS NULL OR NEW.capture NOT IN ('auto', 'now', 'hold');
END;

CREATE TRIGGER orders_keep_their_number BEFORE UPDATE OF id, merchant_id, merchant_trade_no, trade_no, created_at ON orders BEGIN
  SELECT RAISE(ABORT, 'only capture, expected_amount, installments and memo of an order may be changed')
    WHERE NEW.id IS NOT OLD.id OR NEW.merchant_id IS NOT OLD.merchant_id OR NEW.merchant_trade_no IS NOT OLD.merchant_trade_no
       OR NEW.trade_no IS NOT OLD.trade_no OR NEW.created_at IS NOT OLD.created_at;
END;

CREATE TRIGGER orders_change_check BEFORE UPDATE OF capture, expected_amount, installments ON orders BEGIN
  SELECT RAISE(ABORT, 'expected_amount must be a whole number of New Taiwan dollars from 1 to 2147483647')
    WHERE NEW.expected_amount IS NOT NULL
      AND (typeof(NEW.expected_amount) <> 'integer' OR NEW.expected_amount < 1 OR NEW.expected_amount > 2147483647);
  SELECT RAISE(ABORT, 'installments must be the number of parts, from 2 to 99; 0 for an order paid at once, NULL where it is not known')
    WHERE NEW.installments IS NOT NULL
      AND (typeof(NEW.installments) <> 'integer' OR NEW.installments < 0 OR NEW.installments = 1 OR NEW.installments > 99);
  SELECT RAISE(ABORT, 'capture must be one of auto, now, hold')
    WHERE NEW.capture IS NULL OR NEW.capture NOT IN ('auto', 'now', 'hold');
END;

CREATE TRIGGER orders_keep_their_id BEFORE UPDATE ON orders WHEN NEW.id IS NOT OLD.id BEGIN
  SELECT RAISE(ABORT, 'only capture, expected_amount, installments and memo of an order may be changed');
END;

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
        || ',"installments":' || ifnull(NEW.installments, 'null') || ',"trade_no":' || ifnull('"' || NEW.trade_no || '"', 'null') || '}');
END;

CREATE TRIGGER orders_changed AFTER UPDATE OF capture, expected_amount, installments ON orders BEGIN
  UPDATE order_state
     SET next_at = 0, retry_at = NULL, rank = min(rank, 1), revision = revision + 1,
         changed_after = ifnull((SELECT max(id) FROM attempts WHERE order_id = NEW.id), 0)
   WHERE order_id = NEW.id;
  INSERT INTO events (at, merchant_id, merchant_trade_no, order_id, kind, detail)
    SELECT CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER), NEW.merchant_id, NEW.merchant_trade_no, NEW.id, 'order_changed',
      '{"capture":"' || NEW.capture || '","expected_amount":' || ifnull(NEW.expected_amount, 'null')
        || ',"installments":' || ifnull(NEW.installments, 'null') || '}'
    WHERE NEW.capture IS NOT OLD.capture OR NEW.expected_amount IS NOT OLD.expected_amount
       OR NEW.installments IS NOT OLD.installments;
END;
