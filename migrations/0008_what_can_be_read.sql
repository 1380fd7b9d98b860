-- What a shop writes has to be readable by everybody afterwards.

-- A key in another encoding (Big5) made the views unreadable for Python, and the commands with them;
-- one with a line break drew lines of its own into what `show` prints.
CREATE TRIGGER refund_intents_key_check BEFORE INSERT ON refund_intents BEGIN
  SELECT RAISE(ABORT, 'request_key must be text in UTF-8, neither blank nor with control characters')
    WHERE typeof(NEW.request_key) = 'text' AND length(NEW.request_key) <= 200 AND (
      (NEW.request_key <> '' AND trim(NEW.request_key) = '')
      -- What follows a NUL is not among the characters that length() counts.
      OR instr(NEW.request_key, char(0)) > 0
      OR EXISTS (
        SELECT 1 FROM (SELECT substr(NEW.request_key, 1 + units.n + 10 * tens.n + 100 * hundreds.n, 1) AS letter
                         FROM (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
                               UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) AS units,
                              (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
                               UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) AS tens,
                              (SELECT 0 AS n UNION ALL SELECT 1) AS hundreds
                        WHERE units.n + 10 * tens.n + 100 * hundreds.n < length(NEW.request_key))
         -- unicode() reads bytes that are no UTF-8 as some other character, which char() writes differently.
         WHERE unicode(letter) < 32 OR unicode(letter) BETWEEN 127 AND 159 OR char(unicode(letter)) <> letter));
END;

-- Seconds where milliseconds belong: the order counted as waiting since 1970, and its refund was given up at once.
CREATE TRIGGER orders_date_check BEFORE INSERT ON orders BEGIN
  SELECT RAISE(ABORT, 'created_at is the time of the INSERT, in milliseconds since 1970: leave it out, and see that this computer''s clock is right')
    WHERE NEW.created_at NOT BETWEEN 946684800000 AND 253402300799999;
  -- To be told now, and not by a row in review that nobody can take out again.
  SELECT RAISE(ABORT, 'trade_no is the authorization of another order in the ledger: one of the two numbers is wrong')
    WHERE EXISTS (SELECT 1 FROM order_state WHERE merchant_id = NEW.merchant_id AND trade_no = NEW.trade_no
                                              AND merchant_trade_no <> NEW.merchant_trade_no);
END;
CREATE TRIGGER refund_intents_date_check BEFORE INSERT ON refund_intents BEGIN
  SELECT RAISE(ABORT, 'created_at is the time of the INSERT, in milliseconds since 1970: leave it out, and see that this computer''s clock is right')
    WHERE NEW.created_at NOT BETWEEN 946684800000 AND 253402300799999;
END;
CREATE TRIGGER voucher_orders_date_check BEFORE INSERT ON voucher_orders BEGIN
  SELECT RAISE(ABORT, 'created_at is the time of the INSERT, in milliseconds since 1970: leave it out, and see that this computer''s clock is right')
    WHERE NEW.created_at NOT BETWEEN 946684800000 AND 253402300799999;
END;

-- Given up by a look older than the end of the time: paid since, nobody would capture them. One more look.
UPDATE order_state SET next_at = 0, retry_at = NULL WHERE next_at IS NULL AND rule = 'give-up-unpaid';

-- The one table that was not STRICT, with the types of sqlx in SQLite's words.
CREATE TABLE migrations_anew (
  version        INTEGER PRIMARY KEY,
  description    TEXT    NOT NULL,
  installed_on   TEXT    NOT NULL DEFAULT CURRENT_TIMESTAMP,
  success        INTEGER NOT NULL,
  checksum       BLOB    NOT NULL,
  execution_time INTEGER NOT NULL
) STRICT;
INSERT INTO migrations_anew SELECT version, description, installed_on, success, checksum, execution_time FROM _sqlx_migrations;
DROP TABLE _sqlx_migrations;
ALTER TABLE migrations_anew RENAME TO _sqlx_migrations;
