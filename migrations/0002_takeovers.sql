-- An older copy of the ledger that was restored: noticed at the start, taken over order by order.

-- Who this ledger is: the same in all its copies, and in the marker beside the file.
ALTER TABLE daemon ADD COLUMN identity TEXT NOT NULL DEFAULT '';
UPDATE daemon SET identity = lower(hex(randomblob(16)));

-- Each time the daemon found that more may have happened than the ledger knows. The newest counts.
CREATE TABLE takeovers (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  noticed_at      INTEGER NOT NULL,
  reason          TEXT    NOT NULL,
  newest_attempt  INTEGER NOT NULL,           -- those up to it may have ended in the part that is lost
  answered_at     INTEGER                     -- the gateway's time of the first look after it
) STRICT;

ALTER TABLE order_state ADD COLUMN taken_over INTEGER NOT NULL DEFAULT 0;      -- the newest takeover that is done here
-- What the gateway shows and the ledger does not know of, until a person says whose it was.
ALTER TABLE order_state ADD COLUMN unclaimed_amount INTEGER NOT NULL DEFAULT 0 CHECK (unclaimed_amount >= 0);
ALTER TABLE order_state ADD COLUMN unclaimed_void INTEGER NOT NULL DEFAULT 0 CHECK (unclaimed_void IN (0, 1));

-- Not sent, or not known to have been: a question to a person whether it was made in the part that is lost.
ALTER TABLE attempts ADD COLUMN asked INTEGER REFERENCES takeovers (id);

-- SQLite gives out no id after the last one there is: a shop that sets it would be the last to write.
CREATE TRIGGER orders_leave_ids BEFORE INSERT ON orders WHEN NEW.id > 9007199254740991 BEGIN
  SELECT RAISE(ABORT, 'id is given by the ledger: leave it out');
END;
CREATE TRIGGER refund_intents_leave_ids BEFORE INSERT ON refund_intents WHEN NEW.id > 9007199254740991 BEGIN
  SELECT RAISE(ABORT, 'id is given by the ledger: leave it out');
END;
