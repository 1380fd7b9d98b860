-- The books: every dollar dated, and held against ECPay's own statements.
--
-- A ledger that has a history gets its journal from it: each look that showed something new is an event with the
-- status and what was left of the capture then. Its days are those of our looks, since the gateway's own were not
-- kept; whose hand it was is known where an attempt of ours was settled by the same look.

CREATE TABLE journal (
  -- The movements of money, append-only: what the looks have shown. Their sums are what order_state shows. Shops read movements.
  id          INTEGER PRIMARY KEY,            -- in the order of their commits
  order_id    INTEGER NOT NULL REFERENCES orders (id),  -- the order it is of
  merchant_id TEXT    NOT NULL,               -- as in orders, for the sums by day
  day         TEXT    NOT NULL,               -- of gateway_at, or else of at: YYYY-MM-DD in Asia/Taipei
  at          INTEGER NOT NULL,               -- the look that showed it, by our clock
  kind        TEXT    NOT NULL CHECK (kind = 'authorized' OR kind = 'captured' OR kind = 'called_back'
                OR kind = 'refunded' OR kind = 'voided' OR kind = 'expired'),  -- what moved; see src/domain/movement.rs
  amount      INTEGER NOT NULL CHECK (amount > 0 OR (amount < 0 AND kind <> 'captured' AND kind <> 'called_back')),  -- NT$; below 0: ECPay undid it
  by          TEXT    NOT NULL CHECK (by = 'ecpayd' OR by = 'ecpay' OR by = 'other'),  -- by whom: us, ECPay by itself, or anybody else
  attempt_id  INTEGER REFERENCES attempts (id),         -- the call of ours that explains it,
  refund_id   INTEGER,                        -- and the refund that it was made for, as in attempts
  gateway_at  INTEGER,                        -- when, by the gateway's own dates; NULL: it told none
  fee_milli   INTEGER                         -- of a capture: the fees that the order query foresaw, thousandths of NT$
) STRICT;

CREATE INDEX journal_of_order ON journal (order_id);
CREATE INDEX journal_by_day ON journal (day, merchant_id);
-- A call explains one movement.
CREATE UNIQUE INDEX journal_of_attempt ON journal (attempt_id) WHERE attempt_id IS NOT NULL;

CREATE TABLE journal_claims (
  -- Movements that were booked as somebody else's and have turned out to be a call of ours; append-only.
  movement_id INTEGER PRIMARY KEY REFERENCES journal (id),  -- journal.id
  attempt_id  INTEGER NOT NULL UNIQUE REFERENCES attempts (id),  -- the call
  refund_id   INTEGER,                        -- and the refund that it was made for
  at          INTEGER NOT NULL                -- when that was known
) STRICT;

CREATE TABLE journal_days (
  -- The sums of the journal by day, kept by a trigger.
  merchant_id TEXT    NOT NULL,               -- whose
  day         TEXT    NOT NULL,               -- as in journal
  kind        TEXT    NOT NULL,               -- as in journal
  amount      INTEGER NOT NULL,               -- NT$, all movements of the day
  count       INTEGER NOT NULL,               -- how many
  PRIMARY KEY (merchant_id, day, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE closings (
  -- The rows of CloseData, as each was seen first: a capture or a refund, with the gateway's own date.
  order_id    INTEGER NOT NULL REFERENCES orders (id),  -- the order it is of
  row_at      INTEGER NOT NULL,               -- its DateTime; 0: it had none
  amount      INTEGER NOT NULL,               -- NT$; below 0: a refund
  status      TEXT    NOT NULL,               -- ECPay's word, in English
  nth         INTEGER NOT NULL,               -- of rows that are alike, from 1 on
  seen_at     INTEGER NOT NULL,               -- the first look that showed it
  PRIMARY KEY (order_id, row_at, amount, status, nth)
) STRICT, WITHOUT ROWID;

CREATE TABLE statements (
  -- The files of ECPay's that were read, each once.
  id          INTEGER PRIMARY KEY,            -- in the order they were read
  sha256      TEXT    NOT NULL UNIQUE,        -- of the file, in hex
  name        TEXT    NOT NULL,               -- the file's, or where it was fetched from
  kind        TEXT    NOT NULL,               -- 'QueryTradeMedia', 'FundingReconDetail' or 'TradeNoAio'
  merchant_id TEXT    NOT NULL,               -- whose
  from_day    TEXT    NOT NULL,               -- the days (Asia/Taipei) that it is about: those it was asked for,
  to_day      TEXT    NOT NULL,               -- or those of its first and last row
  row_count   INTEGER NOT NULL,               -- rows of orders in it
  is_whole    INTEGER NOT NULL DEFAULT 1 CHECK (is_whole = 0 OR is_whole = 1),  -- 0: what is not in it may be at ECPay all the same
  read_at     INTEGER NOT NULL                -- when
) STRICT;

CREATE INDEX statements_of_merchant ON statements (merchant_id, to_day);

CREATE TABLE statement_rows (
  -- What ECPay has accounted for: a row for each payment and each refund, as the newest file has it. Shops read settlements.
  id                INTEGER PRIMARY KEY,      -- given by the ledger
  statement_id      INTEGER NOT NULL REFERENCES statements (id),  -- the newest file that has it
  line              INTEGER NOT NULL,         -- where in that file
  kind              TEXT    NOT NULL,         -- as in statements
  merchant_id       TEXT    NOT NULL,         -- whose
  merchant_trade_no TEXT    NOT NULL,         -- the shop's number
  trade_no          TEXT    NOT NULL DEFAULT '',  -- ECPay's; '' where the file has none
  closing_no        TEXT    NOT NULL DEFAULT '',  -- 關帳單號; '' where the file has none
  traded_on         TEXT    NOT NULL,         -- 交易日期, YYYY-MM-DD
  gross             INTEGER NOT NULL,         -- NT$; below 0: a refund
  nth               INTEGER NOT NULL,         -- of rows of a file that are alike in these, from 1 on
  settled_on        TEXT,                     -- 結算日期 or 請款日期; NULL: not settled
  paid_on           TEXT,                     -- 撥款日期; NULL: not paid out
  fee_milli         INTEGER NOT NULL DEFAULT 0,  -- all fees together, thousandths of NT$; below 0: given back
  net_milli         INTEGER,                  -- what ECPay pays out, thousandths of NT$; NULL: the file does not say
  is_card           INTEGER NOT NULL DEFAULT 1 CHECK (is_card = 0 OR is_card = 1)  -- 0: paid in another way
) STRICT;

CREATE UNIQUE INDEX statement_rows_once
  ON statement_rows (merchant_trade_no, merchant_id, kind, trade_no, closing_no, traded_on, gross, nth);
CREATE INDEX statement_rows_of_file ON statement_rows (statement_id, line);
CREATE INDEX statement_rows_paid ON statement_rows (merchant_id, paid_on) WHERE paid_on IS NOT NULL;
CREATE INDEX statement_rows_traded ON statement_rows (merchant_id, traded_on);

CREATE TABLE statement_fetches (
  -- How far the daily fetch of statements has come, for each merchant.
  merchant_id TEXT    NOT NULL PRIMARY KEY,   -- whose
  tried_at    INTEGER NOT NULL,               -- the last call, by whomever
  fetched_on  TEXT    NOT NULL DEFAULT '',    -- the day (Asia/Taipei) of the last one that brought all it asked for
  error       TEXT,                           -- why the last one did not, as JSON, see docs/sql.md; NULL: it did
  failing_since INTEGER                      -- the first of the calls that brought none since then; NULL: the last one did
) STRICT, WITHOUT ROWID;

CREATE TABLE refund_allowances (
  -- Written by shops: the allowances (折讓單) that they have issued for refunds. A row is never changed; canceled = 1 takes it back.
  id           INTEGER PRIMARY KEY AUTOINCREMENT,  -- given by the ledger
  request_key  TEXT    NOT NULL,              -- of the refund
  allowance_no TEXT    NOT NULL,              -- the number of the allowance
  amount       INTEGER NOT NULL,              -- NT$, with tax
  canceled     INTEGER NOT NULL DEFAULT 0 CHECK (canceled = 0 OR canceled = 1),  -- 1: the allowance was canceled (作廢)
  noted_at     INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER)),  -- of the INSERT
  CHECK (amount BETWEEN 1 AND 2147483647)
) STRICT;

CREATE UNIQUE INDEX refund_allowances_number ON refund_allowances (request_key, allowance_no);

CREATE INDEX refunds_ended ON refunds (ended_at) WHERE ended_at IS NOT NULL;

-- What the events tell of the time before the journal.

CREATE TEMP TABLE seen AS
SELECT e.id AS event, e.order_id, e.at,
       CASE WHEN json_extract(e.detail, '$.card.status') = 'unauthorized' THEN 0 ELSE json_extract(e.detail, '$.card.amount') END AS authorized,
       CASE WHEN json_extract(e.detail, '$.card.status') IN ('to_be_captured', 'captured') THEN json_extract(e.detail, '$.card.amount') ELSE 0 END AS captured,
       CASE WHEN json_extract(e.detail, '$.card.status') IN ('to_be_captured', 'captured')
            THEN json_extract(e.detail, '$.card.amount') - max(json_extract(e.detail, '$.card.net'), 0) ELSE 0 END AS refunded,
       CASE WHEN json_extract(e.detail, '$.card.status') = 'canceled'
                 AND (e.at < json_extract(e.detail, '$.card.authorized_at') + 7776000000
                      OR EXISTS (SELECT 1 FROM attempts a WHERE a.order_id = e.order_id AND a.action = 'N' AND a.state = 'applied'))
            THEN json_extract(e.detail, '$.card.amount') ELSE 0 END AS voided,
       CASE WHEN json_extract(e.detail, '$.card.status') IN ('canceled', 'authorized', 'operation_canceled')
                 AND e.at >= json_extract(e.detail, '$.card.authorized_at') + 7776000000
                 AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.order_id = e.order_id AND a.action = 'N' AND a.state = 'applied')
            THEN json_extract(e.detail, '$.card.amount') ELSE 0 END AS expired,
       json_extract(e.detail, '$.card.authorized_at') AS authorized_at,
       json_extract(e.detail, '$.card.kind.union_pay') AS union_pay
  FROM events e
 WHERE e.kind = 'observed' AND e.order_id IS NOT NULL AND json_extract(e.detail, '$.card.status') IS NOT NULL
   AND json_extract(e.detail, '$.card.amount') > 0;

CREATE TEMP TABLE steps AS
SELECT event, order_id, at, authorized_at, union_pay,
       authorized - lag(authorized, 1, 0) OVER w AS authorized, captured - lag(captured, 1, 0) OVER w AS captured,
       refunded - lag(refunded, 1, 0) OVER w AS refunded, voided - lag(voided, 1, 0) OVER w AS voided,
       expired - lag(expired, 1, 0) OVER w AS expired
  FROM seen WINDOW w AS (PARTITION BY order_id ORDER BY event);

-- The look by which an attempt was settled stands before it in the same commit.
CREATE TEMP TABLE settled AS
SELECT a.id AS attempt, a.order_id, a.refund_id, a.action, a.amount,
       (SELECT max(o.id) FROM events o
         WHERE o.merchant_trade_no = e.merchant_trade_no AND o.order_id = e.order_id AND o.kind = 'observed' AND o.id < e.id) AS event
  FROM events e JOIN attempts a ON a.id = json_extract(e.detail, '$.attempt') AND a.state = 'applied'
 WHERE e.kind = 'attempt_applied';

CREATE INDEX temp.settled_by ON settled (event);

CREATE TEMP TABLE moved AS
SELECT event, order_id, at, 1 AS place, 'authorized' AS kind, '-' AS action, authorized AS amount, authorized_at AS gateway_at, union_pay
  FROM steps WHERE authorized <> 0
UNION ALL SELECT event, order_id, at, 2, 'captured', 'C', captured, NULL, union_pay FROM steps WHERE captured > 0
UNION ALL SELECT event, order_id, at, 3, 'called_back', 'E', -captured, NULL, union_pay FROM steps WHERE captured < 0
UNION ALL SELECT event, order_id, at, 4, 'refunded', 'R', refunded, NULL, union_pay FROM steps WHERE refunded <> 0
UNION ALL SELECT event, order_id, at, 5, 'voided', 'N', voided, NULL, union_pay FROM steps WHERE voided <> 0
UNION ALL SELECT event, order_id, at, 6, 'expired', '-', expired, NULL, union_pay FROM steps WHERE expired <> 0;

INSERT INTO journal (order_id, merchant_id, day, at, kind, amount, by, attempt_id, refund_id, gateway_at)
SELECT m.order_id, o.merchant_id, strftime('%Y-%m-%d', coalesce(m.gateway_at, m.at) / 1000 + 28800, 'unixepoch'), m.at, m.kind, m.amount,
       CASE WHEN s.attempt IS NOT NULL THEN 'ecpayd' WHEN m.kind = 'expired' OR (m.kind = 'captured' AND m.union_pay = 1) THEN 'ecpay' ELSE 'other' END,
       s.attempt, s.refund_id, m.gateway_at
  FROM moved m JOIN orders o ON o.id = m.order_id
       LEFT JOIN settled s ON s.attempt = (SELECT min(t.attempt) FROM settled t
                                            WHERE t.event = m.event AND t.action = m.action AND t.amount = m.amount AND t.order_id = m.order_id)
 ORDER BY m.event, m.place;

-- What the ledger shows and no look in its history explains: an end by the calendar, or by a person's word.
CREATE TEMP TABLE missing AS
SELECT s.order_id, s.merchant_id, coalesce(s.last_checked_at, s.captured_at, s.authorized_at, 0) AS at, s.authorized_at, s.state,
       coalesce(s.amount, 0) AS amount, s.captured_amount, s.refunded_amount,
       coalesce((SELECT sum(j.amount) FROM journal j WHERE j.order_id = s.order_id AND j.kind = 'authorized'), 0) AS authorized,
       coalesce((SELECT sum(CASE j.kind WHEN 'captured' THEN j.amount WHEN 'called_back' THEN -j.amount END) FROM journal j WHERE j.order_id = s.order_id), 0) AS captured,
       coalesce((SELECT sum(j.amount) FROM journal j WHERE j.order_id = s.order_id AND j.kind = 'refunded'), 0) AS refunded,
       coalesce((SELECT sum(j.amount) FROM journal j WHERE j.order_id = s.order_id AND j.kind IN ('voided', 'expired')), 0) AS released
  FROM order_state s;

INSERT INTO journal (order_id, merchant_id, day, at, kind, amount, by, gateway_at)
SELECT order_id, merchant_id, strftime('%Y-%m-%d', coalesce(gateway_at, at) / 1000 + 28800, 'unixepoch'), at, kind, amount, by, gateway_at
  FROM (SELECT order_id, merchant_id, at, 1 AS place, 'authorized' AS kind, amount - authorized AS amount, 'other' AS by, authorized_at AS gateway_at
          FROM missing WHERE authorized_at IS NOT NULL AND authorized = 0 AND amount > 0
        UNION ALL SELECT order_id, merchant_id, at, 2, 'captured', captured_amount - captured, 'other', NULL FROM missing WHERE captured_amount > captured
        UNION ALL SELECT order_id, merchant_id, at, 3, 'called_back', captured - captured_amount, 'other', NULL FROM missing WHERE captured_amount < captured
        UNION ALL SELECT order_id, merchant_id, at, 4, 'refunded', refunded_amount - refunded, 'other', NULL FROM missing WHERE refunded_amount <> refunded
        UNION ALL SELECT order_id, merchant_id, at, 5, state, amount, CASE state WHEN 'expired' THEN 'ecpay' ELSE 'other' END, NULL
          FROM missing WHERE state IN ('voided', 'expired') AND released = 0 AND amount > 0) AS unexplained
 ORDER BY order_id, place;

DROP TABLE temp.missing;
DROP TABLE temp.moved;
DROP TABLE temp.settled;
DROP TABLE temp.steps;
DROP TABLE temp.seen;

INSERT INTO journal_days (merchant_id, day, kind, amount, count)
SELECT merchant_id, day, kind, sum(amount), count(*) FROM journal GROUP BY merchant_id, day, kind;

CREATE TRIGGER journal_is_what_is_shown BEFORE INSERT ON journal BEGIN
  SELECT RAISE(ABORT, 'id is given by the ledger: leave it out') WHERE NEW.id > 0;
  -- Each brings the sum nearer to what the order shows; where they are the same there is nothing to write.
  SELECT RAISE(ABORT, 'movements follow from what ECPay shows of an order: ecpayd alone writes them')
    FROM order_state s WHERE s.order_id = NEW.order_id AND NOT CASE
      WHEN NEW.kind = 'captured' OR NEW.kind = 'called_back' THEN
        (SELECT CASE WHEN NEW.kind = 'captured' THEN sum(amount) + NEW.amount <= s.captured_amount ELSE sum(amount) - NEW.amount >= s.captured_amount END
           FROM (SELECT 0 AS amount UNION ALL
                 SELECT CASE kind WHEN 'captured' THEN amount ELSE -amount END FROM journal
                  WHERE order_id = NEW.order_id AND (kind = 'captured' OR kind = 'called_back')) AS captured)
      WHEN NEW.kind = 'refunded' THEN
        (SELECT CASE WHEN NEW.amount > 0 THEN sum(amount) + NEW.amount <= s.refunded_amount ELSE sum(amount) + NEW.amount >= s.refunded_amount END
           FROM (SELECT 0 AS amount UNION ALL SELECT amount FROM journal WHERE order_id = NEW.order_id AND kind = 'refunded') AS refunded)
      ELSE
        (SELECT sum(amount) + NEW.amount BETWEEN 0 AND coalesce(s.amount, 0)
           FROM (SELECT 0 AS amount UNION ALL SELECT amount FROM journal WHERE order_id = NEW.order_id AND kind = NEW.kind) AS others)
      END;
  SELECT RAISE(ABORT, 'the attempt is of another order, or took no effect')
    WHERE NEW.attempt_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM attempts WHERE id = NEW.attempt_id AND order_id = NEW.order_id);
END;

CREATE TRIGGER journal_is_summed AFTER INSERT ON journal BEGIN
  INSERT INTO journal_days (merchant_id, day, kind, amount, count) VALUES (NEW.merchant_id, NEW.day, NEW.kind, NEW.amount, 1)
    ON CONFLICT (merchant_id, day, kind) DO UPDATE SET amount = amount + excluded.amount, count = count + 1;
END;

CREATE TRIGGER journal_does_not_change BEFORE UPDATE ON journal BEGIN
  SELECT RAISE(ABORT, 'movements are never changed: what ECPay undoes is a movement of its own');
END;

CREATE TRIGGER journal_is_kept BEFORE DELETE ON journal BEGIN
  SELECT RAISE(ABORT, 'movements are never deleted: they are the books of the money');
END;

CREATE TRIGGER journal_claims_do_not_change BEFORE UPDATE ON journal_claims BEGIN
  SELECT RAISE(ABORT, 'movements are never changed: what ECPay undoes is a movement of its own');
END;

CREATE TRIGGER journal_claims_are_kept BEFORE DELETE ON journal_claims BEGIN
  SELECT RAISE(ABORT, 'movements are never deleted: they are the books of the money');
END;

CREATE TRIGGER closings_do_not_change BEFORE UPDATE ON closings BEGIN
  SELECT RAISE(ABORT, 'closings are never changed: they are what ECPay showed');
END;

CREATE TRIGGER closings_are_kept BEFORE DELETE ON closings BEGIN
  SELECT RAISE(ABORT, 'closings are never deleted: they are what ECPay showed');
END;

CREATE TRIGGER statements_are_kept BEFORE DELETE ON statements BEGIN
  SELECT RAISE(ABORT, 'statements are never deleted: they are what ECPay has accounted for');
END;

CREATE TRIGGER statement_rows_are_kept BEFORE DELETE ON statement_rows BEGIN
  SELECT RAISE(ABORT, 'settlements are never deleted: they are what ECPay has accounted for');
END;

CREATE TRIGGER refund_allowances_check BEFORE INSERT ON refund_allowances BEGIN
  SELECT RAISE(ABORT, 'id is given by the ledger: leave it out') WHERE NEW.id > 9007199254740991;
  SELECT RAISE(ABORT, 'request_key names no refund of this ledger')
    WHERE NEW.request_key IS NULL OR NOT EXISTS (SELECT 1 FROM refund_intents WHERE ifnull(request_key, '') = NEW.request_key);
  SELECT RAISE(ABORT, 'allowance_no must be 1 to 20 letters, digits and dashes, as it stands on the allowance')
    WHERE NEW.allowance_no IS NULL OR typeof(NEW.allowance_no) <> 'text' OR NEW.allowance_no = '' OR length(NEW.allowance_no) > 20
       OR NEW.allowance_no GLOB '*[^-0-9A-Za-z]*' OR length(CAST(NEW.allowance_no AS BLOB)) <> length(NEW.allowance_no);
  SELECT RAISE(ABORT, 'amount must be a whole number of New Taiwan dollars from 1 to 2147483647')
    WHERE NEW.amount IS NULL OR typeof(NEW.amount) <> 'integer' OR NEW.amount < 1 OR NEW.amount > 2147483647;
  SELECT RAISE(ABORT, 'canceled is set by an UPDATE of an allowance, not by its INSERT') WHERE NEW.canceled IS NOT 0;
  SELECT RAISE(ABORT, 'noted_at is the time of the INSERT, in milliseconds since 1970: leave it out, and see that this computer''s clock is right')
    WHERE NEW.noted_at NOT BETWEEN 946684800000 AND 253402300799999;
END;

CREATE TRIGGER refund_allowances_do_not_change BEFORE UPDATE ON refund_allowances BEGIN
  SELECT RAISE(ABORT, 'an allowance is never changed: set canceled to 1 and insert another')
    WHERE NEW.id IS NOT OLD.id OR NEW.request_key IS NOT OLD.request_key OR NEW.allowance_no IS NOT OLD.allowance_no
       OR NEW.amount IS NOT OLD.amount OR NEW.noted_at IS NOT OLD.noted_at OR NEW.canceled < OLD.canceled;
END;

CREATE TRIGGER refund_allowances_are_kept BEFORE DELETE ON refund_allowances BEGIN
  SELECT RAISE(ABORT, 'allowances are never deleted: set canceled to 1');
END;

CREATE VIEW movements AS
SELECT j.id, j.day, strftime('%Y-%m-%d %H:%M:%S', j.at / 1000 + 28800, 'unixepoch') AS at, j.merchant_id, o.merchant_trade_no,
       coalesce(o.trade_no, s.trade_no) AS trade_no, j.kind, j.amount,
       CASE WHEN c.movement_id IS NULL THEN j.by ELSE 'ecpayd' END AS by,
       coalesce(j.attempt_id, c.attempt_id) AS attempt_id, coalesce(j.refund_id, c.refund_id) AS refund_id,
       strftime('%Y-%m-%d %H:%M:%S', j.gateway_at / 1000 + 28800, 'unixepoch') AS gateway_at
  FROM journal j JOIN orders o ON o.id = j.order_id JOIN order_state s ON s.order_id = j.order_id
       LEFT JOIN journal_claims c ON c.movement_id = j.id;

CREATE VIEW settlements AS
SELECT r.merchant_id, r.merchant_trade_no, CASE WHEN r.trade_no <> '' THEN r.trade_no END AS trade_no, r.settled_on, r.paid_on, r.gross,
       r.fee_milli / 1000.0 AS fee, r.net_milli / 1000.0 AS net, f.name AS file, r.line AS row
  FROM statement_rows r JOIN statements f ON f.id = r.statement_id
 WHERE r.is_card = 1;
