-- A captured order writes no more pages of SQLite's log than it must: what can be told from the record, or be added up
-- later, does not go through the commits that money waits for.

-- The rows of CloseData stand in the events, which are append-only as well.
DROP TABLE closings;

CREATE VIEW closings AS
SELECT order_id, strftime('%Y-%m-%d %H:%M:%S', row_at / 1000 + 28800, 'unixepoch') AS row_at, amount, status, nth,
       strftime('%Y-%m-%d %H:%M:%S', min(at) / 1000 + 28800, 'unixepoch') AS seen_at
  FROM (SELECT e.order_id, e.at, json_extract(r.value, '$.at') AS row_at, json_extract(r.value, '$.amount') AS amount,
               json_extract(r.value, '$.status') AS status,
               row_number() OVER (PARTITION BY e.id, r.value ORDER BY r.key) AS nth
          FROM orders o JOIN events e ON e.merchant_trade_no = o.merchant_trade_no AND e.order_id = o.id, json_each(e.detail, '$.card.rows') r
         WHERE e.kind = 'observed') AS shown
 GROUP BY order_id, row_at, amount, status, nth;

DROP TRIGGER journal_is_what_is_shown;
DROP TRIGGER journal_is_summed;
DROP INDEX journal_of_attempt;
DROP INDEX journal_by_day;

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
  -- Of the order's own movements: an index over all calls would be a page more in each commit that moves money.
  SELECT RAISE(ABORT, 'a call explains one movement, and this one has explained another')
    WHERE NEW.attempt_id IS NOT NULL AND EXISTS (SELECT 1 FROM journal WHERE order_id = NEW.order_id AND attempt_id = NEW.attempt_id);
  SELECT RAISE(ABORT, 'the attempt is of another order, or took no effect')
    WHERE NEW.attempt_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM attempts WHERE id = NEW.attempt_id AND order_id = NEW.order_id);
END;

CREATE TABLE journal_by_day (
  -- The movements of each day, up to daemon.summed_to.
  day         TEXT    NOT NULL,               -- as in journal
  merchant_id TEXT    NOT NULL,               -- as in journal
  movement_id INTEGER NOT NULL,               -- journal.id
  PRIMARY KEY (day, merchant_id, movement_id)
) STRICT, WITHOUT ROWID;

INSERT INTO journal_by_day (day, merchant_id, movement_id) SELECT day, merchant_id, id FROM journal;

ALTER TABLE daemon ADD COLUMN summed_to INTEGER NOT NULL DEFAULT 0;  -- the newest movement that journal_days and journal_by_day have
UPDATE daemon SET summed_to = coalesce((SELECT max(id) FROM journal), 0);

CREATE VIEW day_sums AS
-- All movements, those too that are not added up yet: several lines of a day and kind.
SELECT merchant_id, day, kind, amount, count FROM journal_days
UNION ALL
SELECT merchant_id, day, kind, amount, 1 FROM journal WHERE id > (SELECT summed_to FROM daemon);

CREATE VIEW day_movements AS
SELECT day, merchant_id, movement_id FROM journal_by_day
UNION ALL
SELECT day, merchant_id, id FROM journal WHERE id > (SELECT summed_to FROM daemon);

-- Which attempts are open is told by a column of its own: that a call was accepted, which ends nothing, leaves their
-- index alone.
ALTER TABLE attempts ADD COLUMN ended_at INTEGER;  -- when nothing more was to come of it: applied, not_applied, refused or not_sent; NULL: open
UPDATE attempts SET ended_at = coalesce(finished_at, started_at) WHERE is_open = 0;

DROP INDEX attempts_open;
CREATE UNIQUE INDEX attempts_open ON attempts (order_id) WHERE ended_at IS NULL;

CREATE TRIGGER attempts_begin_without_an_end BEFORE INSERT ON attempts WHEN NEW.ended_at IS NOT NULL BEGIN
  SELECT RAISE(ABORT, 'an attempt has ended when its state says so: what became of a call is told by ecpayd resolve');
END;

CREATE TRIGGER attempts_tell_their_end AFTER UPDATE OF state, ended_at ON attempts
  WHEN (NEW.ended_at IS NULL) <> (NEW.is_open = 1) BEGIN
  SELECT RAISE(ABORT, 'an attempt has ended when its state says so: what became of a call is told by ecpayd resolve');
END;
