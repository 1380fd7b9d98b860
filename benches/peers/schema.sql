-- What a shop's own script would keep: the order, and what was sent for it.
CREATE TABLE orders (
  number    TEXT    NOT NULL PRIMARY KEY,
  state     TEXT    NOT NULL DEFAULT 'paid',
  trade_no  TEXT,
  amount    INTEGER,
  looked_at INTEGER
);

CREATE TABLE attempts (
  id      INTEGER PRIMARY KEY,
  number  TEXT    NOT NULL REFERENCES orders (number),
  action  TEXT    NOT NULL,
  amount  INTEGER NOT NULL,
  sent_at INTEGER NOT NULL,
  outcome TEXT
);

CREATE INDEX attempts_of_order ON attempts (number);
