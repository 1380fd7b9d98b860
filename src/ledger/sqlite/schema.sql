-- The whole schema, as the migrations make it. Written by a test of src/ledger/sqlite/shipped.rs.

--# table contract contract
CREATE TABLE contract (
  -- The version of what shops build on: tables that they write, views that they read.
  version INTEGER NOT NULL                    -- grows when something that shops rely on changes
) STRICT;

--# table merchants merchants
CREATE TABLE merchants (
  -- The merchants that the settings have named, and what has to outlive a restart about each.
  merchant_id   TEXT    NOT NULL PRIMARY KEY,  -- as ECPay gave it
  configured    INTEGER NOT NULL DEFAULT 1 CHECK (configured = 0 OR configured = 1),  -- 1: in the settings of the last start
  vouchers      INTEGER NOT NULL DEFAULT 0 CHECK (vouchers = 0 OR vouchers = 1),      -- 1: with its voucher service
  silent_until  INTEGER,                      -- after HTTP 403 of the card service: no call before
  voucher_silent_until INTEGER                -- the same of the voucher service
) STRICT, WITHOUT ROWID;

--# table pauses pauses
CREATE TABLE pauses (
  -- What a person has stopped; queries go on. A row goes when the pause ends; the events tell of both.
  merchant_id   TEXT    NOT NULL,             -- whose
  action        TEXT    NOT NULL CHECK (action = 'capture' OR action = 'refund'),  -- captures, or refunds with all that they need
  at            INTEGER NOT NULL,             -- since when
  by            TEXT    NOT NULL,             -- by whom
  why           TEXT    NOT NULL DEFAULT '',  -- in their words
  until         INTEGER,                      -- it ends by itself then; NULL: when somebody ends it
  PRIMARY KEY (merchant_id, action)
) STRICT, WITHOUT ROWID;

--# table daemon daemon
CREATE TABLE daemon (
  -- One row: the daemon that runs on this ledger, or ran last.
  id            INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),  -- always 1
  settings      TEXT    NOT NULL DEFAULT '',  -- fingerprint of the settings that plans were made with
  started_at    INTEGER,                      -- the last start
  stopped_at    INTEGER,                      -- NULL while it runs, or after a crash
  clock_at      INTEGER,                      -- our clock, noted now and then: has it been set back?
  passed_at     INTEGER,                      -- when each of its lanes had made a pass of late
  identity      TEXT    NOT NULL DEFAULT '',  -- of this ledger, as the marker beside it knows it
  backed_up_at  INTEGER,                      -- when the newest backup was begun that was made whole; NULL: none yet
  backed_up_to  TEXT, summed_to INTEGER NOT NULL DEFAULT 0,                         -- and which file that is
  CHECK ((backed_up_at IS NULL) = (backed_up_to IS NULL))
) STRICT;

--# table traffic traffic
CREATE TABLE traffic (
  -- Calls to the gateway by the hour, for people; kept for 90 days.
  merchant_id   TEXT    NOT NULL,             -- whose
  service       TEXT    NOT NULL,             -- 'card' or 'voucher'
  hour          INTEGER NOT NULL,             -- hours since 1970
  call          TEXT    NOT NULL,             -- 'order_query', 'card_detail', 'action', 'voucher_query', 'voucher_refunds'
  outcome       TEXT    NOT NULL,             -- 'answered', 'refused', 'unusable', 'unanswered', 'limited' (HTTP 403)
  calls         INTEGER NOT NULL,             -- how many
  ms            INTEGER NOT NULL,             -- how long they took together
  PRIMARY KEY (merchant_id, service, hour, call, outcome)
) STRICT, WITHOUT ROWID;

--# table last_answers last_answers
CREATE TABLE last_answers (
  -- When each service answered last, noted once a minute.
  merchant_id   TEXT    NOT NULL,             -- whose
  service       TEXT    NOT NULL,             -- 'card' or 'voucher'
  at            INTEGER NOT NULL,             -- our clock
  skew_s        INTEGER,                      -- how far the gateway's was ahead; NULL: it told no time
  PRIMARY KEY (merchant_id, service)
) STRICT, WITHOUT ROWID;

--# table orders orders
CREATE TABLE orders (
  -- Written by shops: the orders that ecpayd takes over.
  id                INTEGER PRIMARY KEY AUTOINCREMENT,  -- given by the ledger
  merchant_id       TEXT    NOT NULL,         -- in the settings
  merchant_trade_no TEXT    NOT NULL,         -- the shop's number, as sent to ECPay
  trade_no          TEXT,                     -- only for the later authorizations of a recurring order
  expected_amount   INTEGER,                  -- NT$; differs from the gateway's: not captured
  capture           TEXT    NOT NULL DEFAULT 'auto' CHECK (capture = 'auto' OR capture = 'now' OR capture = 'hold'),  -- 'auto' as the policy says, 'now' at once, 'hold' never
  memo              TEXT,                     -- the shop's own
  created_at        INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER)), installments INTEGER CHECK (installments IS NULL OR installments BETWEEN 0 AND 99 AND installments <> 1),  -- of the INSERT
  CHECK (expected_amount IS NULL OR expected_amount BETWEEN 1 AND 2147483647)
) STRICT;

--# index orders_number orders
CREATE UNIQUE INDEX orders_number ON orders (merchant_id, merchant_trade_no) WHERE trade_no IS NULL;

--# index orders_authorization orders
CREATE UNIQUE INDEX orders_authorization ON orders (merchant_id, merchant_trade_no, trade_no) WHERE trade_no IS NOT NULL;

--# index the_order_is_in_the_ledger_already orders
CREATE UNIQUE INDEX the_order_is_in_the_ledger_already ON orders (merchant_trade_no, merchant_id, ifnull(trade_no, ''));

--# table order_state order_state
CREATE TABLE order_state (
  -- What ecpayd knows of each order. Its own: shops read order_status.
  order_id          INTEGER PRIMARY KEY REFERENCES orders (id),  -- orders.id
  merchant_id       TEXT    NOT NULL,         -- these three as in orders, for the indexes
  merchant_trade_no TEXT    NOT NULL,         -- of the order
  asked_trade_no    TEXT    NOT NULL DEFAULT '',  -- orders.trade_no, '' where it is NULL
  state             TEXT    NOT NULL DEFAULT 'registered' CHECK (state = 'registered' OR state = 'unpaid' OR state = 'authorized'
                      OR state = 'to_be_captured' OR state = 'captured' OR state = 'refunded' OR state = 'voided'
                      OR state = 'expired' OR state = 'not_card' OR state = 'not_found' OR state = 'review'),  -- as order_status shows it
  trade_no          TEXT,                     -- ECPay's number, as the gateway said
  amount            INTEGER CHECK (amount >= 0),                         -- NT$, as the gateway said
  captured_amount   INTEGER NOT NULL DEFAULT 0 CHECK (captured_amount >= 0),  -- NT$, the whole amount or 0
  refunded_amount   INTEGER NOT NULL DEFAULT 0 CHECK (refunded_amount >= 0),  -- NT$, by whomever
  left_amount       INTEGER CHECK (left_amount >= 0),   -- what can still be refunded; NULL: not known
  payment_type      TEXT,                     -- ECPay's word
  authorized_at     INTEGER,                  -- the gateway's time
  captured_at       INTEGER,                  -- the first look that showed it captured; NULL while it is not
  capture_by        INTEGER,                  -- the shop's own limit, never later than ECPay's
  expires_at        INTEGER,                  -- then ECPay abandons it
  capture_slot      INTEGER,                  -- the place of its capture in a crowd
  observation       TEXT,                     -- the last look, as JSON
  last_checked_at   INTEGER,                  -- when that was
  last_error        TEXT,                     -- why the look after it told nothing, if there was one
  look_failures     INTEGER NOT NULL DEFAULT 0,   -- looks in a row that told nothing
  retry_at          INTEGER,                  -- no look before, after one that failed
  looks_403         INTEGER NOT NULL DEFAULT 0 CHECK (looks_403 >= 0),         -- looks in a row that it alone brought HTTP 403 with
  money_calls_403   INTEGER NOT NULL DEFAULT 0 CHECK (money_calls_403 >= 0),   -- the same of money calls
  failing           INTEGER AS (look_failures >= 3 OR looks_403 > 0 OR money_calls_403 > 0) VIRTUAL,  -- 1: looks at it fail, or it alone brings 403
  changed_after     INTEGER NOT NULL DEFAULT 0,   -- newest attempt when the shop last wrote to the order
  revision          INTEGER NOT NULL DEFAULT 1,   -- counts what shops and people wrote
  next_at           INTEGER,                  -- due then; NULL: finished; 0: at once
  rank              INTEGER NOT NULL DEFAULT 2 CHECK (rank = 0 OR rank = 1 OR rank = 2),  -- refund, deadline, routine
  on_resume         TEXT    CHECK (on_resume = 'capture' OR on_resume = 'refund'),         -- the pause by whose end it becomes due
  rule              TEXT    NOT NULL DEFAULT '',  -- the rule that decided what is next
  reason            TEXT,                     -- why, as JSON: a code and its arguments
  next_step         TEXT,                     -- what is foreseen, for people
  next_step_at      INTEGER,                  -- and when
  caught_up        INTEGER NOT NULL DEFAULT 0,   -- the newest row of restores that it is through with
  unclaimed_amount  INTEGER NOT NULL DEFAULT 0 CHECK (unclaimed_amount >= 0),  -- NT$ refunded that a restored ledger does not know of
  unclaimed_void    INTEGER NOT NULL DEFAULT 0 CHECK (unclaimed_void = 0 OR unclaimed_void = 1),  -- the same of a void
  CHECK (amount IS NULL OR refunded_amount <= amount)
) STRICT;

--# index order_due order_state
CREATE INDEX order_due ON order_state (merchant_id, rank, next_at) WHERE next_at IS NOT NULL;

--# index order_due_on_resume order_state
CREATE INDEX order_due_on_resume ON order_state (merchant_id) WHERE on_resume IS NOT NULL;

--# index order_by_state order_state
CREATE INDEX order_by_state ON order_state (state);

--# index order_authorization order_state
CREATE UNIQUE INDEX order_authorization ON order_state (merchant_id, trade_no) WHERE trade_no IS NOT NULL;

--# index order_state_number order_state
CREATE UNIQUE INDEX order_state_number ON order_state (merchant_trade_no, merchant_id, asked_trade_no);

--# index order_of_merchant order_state
CREATE INDEX order_of_merchant ON order_state (merchant_id, order_id);

--# index order_unclaimed order_state
CREATE INDEX order_unclaimed ON order_state (order_id) WHERE unclaimed_amount > 0 OR unclaimed_void = 1;

--# index order_uncaptured order_state
CREATE INDEX order_uncaptured ON order_state (authorized_at)
  WHERE authorized_at IS NOT NULL AND (state = 'authorized' OR state = 'unpaid' OR state = 'not_found' OR state = 'not_card' OR state = 'review');

--# index order_failing order_state
CREATE INDEX order_failing ON order_state (merchant_id, rank, next_at) WHERE next_at IS NOT NULL AND failing = 1;

--# table order_counts order_counts
CREATE TABLE order_counts (
  -- How many orders are in each state, kept by triggers.
  merchant_id TEXT    NOT NULL,               -- whose orders
  state       TEXT    NOT NULL,               -- as in order_state
  count       INTEGER NOT NULL,               -- how many
  PRIMARY KEY (merchant_id, state)
) STRICT, WITHOUT ROWID;

--# table capture_slots capture_slots
CREATE TABLE capture_slots (
  -- How many captures are foreseen in each minute, so that a crowd is spread.
  merchant_id TEXT    NOT NULL,               -- whose captures
  minute      INTEGER NOT NULL,               -- minutes since 1970, UTC
  taken       INTEGER NOT NULL,               -- places in it
  PRIMARY KEY (merchant_id, minute)
) STRICT, WITHOUT ROWID;

--# table refund_intents refund_intents
CREATE TABLE refund_intents (
  -- Written by shops: the refunds that they ask for. A row is never changed; cancel = 1 takes it back.
  id                INTEGER PRIMARY KEY AUTOINCREMENT,  -- given by the ledger
  merchant_id       TEXT    NOT NULL,         -- in the settings
  merchant_trade_no TEXT    NOT NULL,         -- the shop's number, as sent to ECPay
  trade_no          TEXT,                     -- only for the later authorizations of a recurring order
  amount            INTEGER,                  -- NT$; NULL: all that is left
  request_key       TEXT    NOT NULL,         -- names this refund once, such as the number of the return
  reason            TEXT,                     -- the shop's own
  cancel            INTEGER NOT NULL DEFAULT 0 CHECK (cancel = 0 OR cancel = 1),  -- 1: taken back before it began
  created_at        INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER)),  -- of the INSERT
  CHECK (amount IS NULL OR amount BETWEEN 1 AND 2147483647)
) STRICT;

--# index refund_intents_order refund_intents
CREATE INDEX refund_intents_order ON refund_intents (merchant_trade_no, merchant_id);

--# index refund_intents_key refund_intents
CREATE UNIQUE INDEX refund_intents_key ON refund_intents (request_key);

--# index a_refund_with_this_request_key_is_in_the_ledger_already refund_intents
CREATE UNIQUE INDEX a_refund_with_this_request_key_is_in_the_ledger_already ON refund_intents (ifnull(request_key, ''));

--# table refunds refunds
CREATE TABLE refunds (
  -- What became of each refund. ecpayd's own: shops read refund_status.
  intent_id       INTEGER PRIMARY KEY REFERENCES refund_intents (id),  -- refund_intents.id
  request_key     TEXT    NOT NULL UNIQUE,    -- as in refund_intents
  order_id        INTEGER NOT NULL REFERENCES orders (id),  -- the order it is of
  state           TEXT    NOT NULL DEFAULT 'queued' CHECK (state = 'queued' OR state = 'running' OR state = 'waiting'
                    OR state = 'done' OR state = 'rejected' OR state = 'review' OR state = 'canceled'),  -- as refund_status shows it
  is_open         INTEGER AS (state = 'queued' OR state = 'running' OR state = 'waiting' OR state = 'review') VIRTUAL,  -- 1: it has not ended
  refunded_amount INTEGER NOT NULL DEFAULT 0 CHECK (refunded_amount >= 0),    -- NT$ that went back by it
  method          TEXT    CHECK (method = 'N' OR method = 'E+N' OR method = 'R'),   -- the actions that took effect
  detail          TEXT    NOT NULL DEFAULT '',  -- why it is in its state, for people
  rule            TEXT    NOT NULL DEFAULT '',  -- the rule that decided it
  reason          TEXT,                       -- the same as JSON: a code and its arguments
  updated_at      INTEGER NOT NULL,           -- the last change of state or detail
  ended_at        INTEGER,                    -- done, rejected or canceled then
  led_by          INTEGER REFERENCES refund_intents (id),   -- the refund whose N ends it as well
  undone_at       INTEGER,                    -- a person has said that ECPay undid it: when,
  undone_by       TEXT,                       -- who
  undone_why      TEXT,                       -- and why
  CHECK ((state = 'done') = (refunded_amount > 0)),
  CHECK ((state = 'done') = (method IS NOT NULL))
) STRICT;

--# index refunds_of_order refunds
CREATE INDEX refunds_of_order ON refunds (order_id);

--# index refunds_open refunds
CREATE INDEX refunds_open ON refunds (state) WHERE is_open = 1;

--# index refunds_led refunds
CREATE INDEX refunds_led ON refunds (led_by) WHERE led_by IS NOT NULL;

--# table attempts attempts
CREATE TABLE attempts (
  -- Every money call: written before it is sent, never deleted. At most one of an order is open.
  id               INTEGER PRIMARY KEY,  -- in the order of their calls
  order_id         INTEGER NOT NULL REFERENCES orders (id),  -- the order it is of
  refund_id        INTEGER REFERENCES refund_intents (id),   -- NULL for a capture
  action           TEXT    NOT NULL CHECK (action = 'C' OR action = 'R' OR action = 'E' OR action = 'N'),  -- of Credit/DoAction
  amount           INTEGER NOT NULL CHECK (amount > 0),      -- NT$
  trade_no         TEXT    NOT NULL,          -- ECPay's number that it was sent for
  state            TEXT    NOT NULL DEFAULT 'started' CHECK (state = 'started' OR state = 'accepted' OR state = 'unknown'
                     OR state = 'review' OR state = 'applied' OR state = 'not_applied' OR state = 'refused' OR state = 'not_sent'),  -- what became of it; see src/domain/attempt.rs
  is_open          INTEGER AS (state = 'started' OR state = 'accepted' OR state = 'unknown' OR state = 'review') VIRTUAL,  -- 1: nobody knows yet what became of it
  before_status    TEXT    NOT NULL,          -- what the gateway showed before it
  before_net       INTEGER NOT NULL,          -- and how much of the capture was left then, NT$
  started_at       INTEGER NOT NULL,          -- its stamp, in full seconds, is what the gateway judges its age by
  finished_at      INTEGER,                   -- answered, or settled
  code             INTEGER,                   -- RtnCode of an answer that was no yes; 403: HTTP 403
  text             TEXT    NOT NULL DEFAULT '',   -- the gateway's words, or why there are none
  first_absence_at INTEGER,                   -- the gateway's time of the first look that showed no effect
  resolved_by      TEXT,                      -- who settled it, where a person did
  asked            INTEGER REFERENCES restores (id),        -- after which restore a person is asked about it
  sent             INTEGER NOT NULL DEFAULT 1 CHECK (sent = 0 OR sent = 1),   -- 0: a question, nothing was sent
  reviewed_status  TEXT,                      -- what the gateway showed when a person was asked
  reviewed_net     INTEGER,                   -- and how much was left then, NT$
  undone_at        INTEGER, ended_at INTEGER,                   -- a person has said that ECPay undid what it gave back
  CHECK ((action = 'C') = (refund_id IS NULL)),
  CHECK ((state = 'started') = (finished_at IS NULL)),
  CHECK (state <> 'refused' OR code IS NOT NULL)
) STRICT;

--# index attempts_of_order attempts
CREATE INDEX attempts_of_order ON attempts (order_id);

--# index attempts_of_refund attempts
CREATE INDEX attempts_of_refund ON attempts (refund_id) WHERE refund_id IS NOT NULL;

--# table events events
CREATE TABLE events (
  -- The history, append-only. Shops read order_events.
  id                INTEGER PRIMARY KEY,  -- in the order of their commits
  at                INTEGER NOT NULL,         -- of what it tells
  merchant_id       TEXT,                     -- NULL: of the daemon
  merchant_trade_no TEXT,                     -- NULL: of no order
  order_id          INTEGER,                  -- of an order,
  voucher_id        INTEGER,                  -- or of a voucher order
  kind              TEXT    NOT NULL,         -- see src/domain/event.rs
  detail            TEXT    NOT NULL DEFAULT '{}'   -- JSON
) STRICT;

--# index events_of_order events
CREATE INDEX events_of_order ON events (merchant_trade_no) WHERE merchant_trade_no IS NOT NULL;

--# index events_of_voucher events
CREATE INDEX events_of_voucher ON events (voucher_id) WHERE voucher_id IS NOT NULL;

--# table alerts alerts
CREATE TABLE alerts (
  -- What a person has to hear about: raised once for each row, kind and stage, closed when its cause is gone.
  id                INTEGER PRIMARY KEY AUTOINCREMENT,  -- ecpayd alerts ack ID
  kind              TEXT    NOT NULL,         -- see src/domain/alert.rs
  severity          TEXT    NOT NULL CHECK (severity = 'notice' OR severity = 'warning' OR severity = 'critical'),  -- how loud
  stage             TEXT    NOT NULL DEFAULT '',  -- tells apart alerts of one kind on one row
  merchant_id       TEXT    NOT NULL,         -- whose
  order_id          INTEGER REFERENCES orders (id),           -- of an order,
  voucher_id        INTEGER REFERENCES voucher_orders (id),   -- or a voucher order; neither: of the merchant
  merchant_trade_no TEXT,                     -- or free_trade_no; NULL: of the merchant
  message           TEXT    NOT NULL,         -- a sentence for people
  rule              TEXT    NOT NULL DEFAULT '',  -- the rule of the plan when it was raised
  reason            TEXT,                     -- the message as JSON: a code and its arguments
  days_left         INTEGER,                  -- until a limit, where it is about one
  raised_at         INTEGER NOT NULL,         -- when it was opened
  acked_by          TEXT,                     -- who has taken notice,
  acked_at          INTEGER,                  -- and when
  closed_at         INTEGER,                  -- NULL: open
  CHECK ((acked_by IS NULL) = (acked_at IS NULL))
) STRICT;

--# index alerts_of_order alerts
CREATE INDEX alerts_of_order ON alerts (order_id) WHERE closed_at IS NULL;

--# index alerts_open alerts
CREATE UNIQUE INDEX alerts_open ON alerts (kind, stage, merchant_id, ifnull(order_id, 0), ifnull(voucher_id, 0)) WHERE closed_at IS NULL;

--# index alerts_of_voucher alerts
CREATE INDEX alerts_of_voucher ON alerts (voucher_id) WHERE closed_at IS NULL AND voucher_id IS NOT NULL;

--# table restores restores
CREATE TABLE restores (
  -- Each time the ledger was found to be restored from a copy: more may have happened than it knows.
  id              INTEGER PRIMARY KEY AUTOINCREMENT,  -- in the order they were noticed
  noticed_at      INTEGER NOT NULL,           -- by our clock
  reason          TEXT    NOT NULL,           -- by what it was noticed, for people
  newest_attempt  INTEGER NOT NULL,           -- those up to it may have ended in the part that is lost
  answered_at     INTEGER                     -- the gateway's time of the first look after it
) STRICT;

--# table voucher_orders voucher_orders
CREATE TABLE voucher_orders (
  -- Written by shops: the voucher orders that ecpayd watches.
  id                INTEGER PRIMARY KEY AUTOINCREMENT,  -- given by the ledger
  merchant_id       TEXT    NOT NULL,         -- in the settings, with a voucher service
  merchant_trade_no TEXT,                     -- sold
  free_trade_no     TEXT,                     -- given away
  guard             INTEGER NOT NULL DEFAULT 1 CHECK (guard = 0 OR guard = 1),  -- 0: no longer holds back refunds of its card order
  memo              TEXT,                     -- the shop's own
  created_at        INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER)),  -- of the INSERT
  CHECK ((merchant_trade_no IS NULL) <> (free_trade_no IS NULL))
) STRICT;

--# index voucher_orders_number voucher_orders
CREATE INDEX voucher_orders_number ON voucher_orders (merchant_trade_no, merchant_id);

--# index voucher_orders_sold voucher_orders
CREATE UNIQUE INDEX voucher_orders_sold ON voucher_orders (merchant_id, merchant_trade_no);

--# index voucher_orders_free voucher_orders
CREATE UNIQUE INDEX voucher_orders_free ON voucher_orders (merchant_id, free_trade_no);

--# index the_voucher_order_is_in_the_ledger_already voucher_orders
CREATE UNIQUE INDEX the_voucher_order_is_in_the_ledger_already
  ON voucher_orders (merchant_id, ifnull(merchant_trade_no, ''), ifnull(free_trade_no, ''));

--# table voucher_state voucher_state
CREATE TABLE voucher_state (
  -- What ecpayd knows of each voucher order. Its own: shops read voucher_status.
  voucher_id        INTEGER PRIMARY KEY REFERENCES voucher_orders (id),  -- voucher_orders.id
  merchant_id       TEXT    NOT NULL,         -- as in voucher_orders, for the indexes
  number            TEXT    NOT NULL,         -- merchant_trade_no or free_trade_no
  state             TEXT    NOT NULL DEFAULT 'registered' CHECK (state = 'registered' OR state = 'issuing' OR state = 'issued'
                      OR state = 'issue_failed' OR state = 'not_found' OR state = 'review'),  -- as voucher_status shows it
  voucher_trade_no  TEXT,                     -- ECTicket's number
  trade_amount      INTEGER CHECK (trade_amount >= 0),       -- NT$, as the voucher service said
  redeemed_amount   INTEGER CHECK (redeemed_amount >= 0),  -- NT$ in tickets that were used
  refunded_amount   INTEGER CHECK (refunded_amount >= 0),  -- NT$ in tickets that were given back
  unused_amount     INTEGER CHECK (unused_amount >= 0),  -- NT$ in tickets that are neither
  observation       TEXT,                     -- the last look, as JSON, without the tickets
  tickets_digest    BLOB,                     -- of the list of tickets: the same list is not written again
  looks             INTEGER NOT NULL DEFAULT 0,   -- a look that another one has overtaken is not written
  last_checked_at   INTEGER,                  -- the last look
  last_error        TEXT,                     -- why the look after it told nothing, if there was one
  look_failures     INTEGER NOT NULL DEFAULT 0,   -- looks in a row that told nothing
  retry_at          INTEGER,                  -- no look before, after one that failed
  looks_403         INTEGER NOT NULL DEFAULT 0 CHECK (looks_403 >= 0),   -- looks in a row that it alone brought HTTP 403 with
  failing           INTEGER AS (look_failures >= 3 OR looks_403 > 0) VIRTUAL,  -- 1: looks at it fail, or it alone brings 403
  changed_at        INTEGER,                  -- when a look last showed something new
  known_amount      INTEGER CHECK (known_amount >= 0),      -- what it was sold for, once its tickets were seen issued
  confirmed_amount  INTEGER CHECK (confirmed_amount >= 0),  -- refunds that the bank has confirmed
  refunds_asked_at  INTEGER,                  -- when that was last asked, answered or not
  refunds_error     TEXT,                     -- why the answer told nothing
  refunds_contradict INTEGER NOT NULL DEFAULT 0 CHECK (refunds_contradict = 0 OR refunds_contradict = 1),  -- 1: more confirmed than refunded
  unconfirmed_since INTEGER,                  -- since when the bank has not confirmed a refund
  next_at           INTEGER,                  -- due then; NULL: finished; 0: at once
  rule              TEXT    NOT NULL DEFAULT ''   -- the rule that decided what is next
) STRICT;

--# index voucher_due voucher_state
CREATE INDEX voucher_due ON voucher_state (merchant_id, next_at) WHERE next_at IS NOT NULL;

--# index voucher_by_state voucher_state
CREATE INDEX voucher_by_state ON voucher_state (state);

--# index voucher_state_number voucher_state
CREATE UNIQUE INDEX voucher_state_number ON voucher_state (number, merchant_id, voucher_id);

--# index voucher_of_merchant voucher_state
CREATE INDEX voucher_of_merchant ON voucher_state (merchant_id, voucher_id);

--# index voucher_failing voucher_state
CREATE INDEX voucher_failing ON voucher_state (merchant_id, next_at) WHERE next_at IS NOT NULL AND failing = 1;

--# table voucher_counts voucher_counts
CREATE TABLE voucher_counts (
  -- How many voucher orders are in each state, kept by triggers.
  merchant_id TEXT    NOT NULL,               -- whose voucher orders
  state       TEXT    NOT NULL,               -- as in voucher_state
  count       INTEGER NOT NULL,               -- how many
  PRIMARY KEY (merchant_id, state)
) STRICT, WITHOUT ROWID;

--# table tickets tickets
CREATE TABLE tickets (
  -- The single tickets of a voucher order.
  voucher_id  INTEGER NOT NULL REFERENCES voucher_orders (id),  -- the order it was issued for
  ticket_no   TEXT    NOT NULL,               -- ECTicket's number
  use_status  TEXT    NOT NULL CHECK (use_status = 'unused' OR use_status = 'redeemed' OR use_status = 'refunded' OR use_status = 'expired'),  -- as the voucher service says
  kind        TEXT    CHECK (kind = 'pickup' OR kind = 'gift'),  -- picked up at a shop, or a gift
  item_no     TEXT,                           -- the shop's number of what it is for
  item_name   TEXT,                           -- and its name
  amount      INTEGER NOT NULL CHECK (amount >= 0),   -- its face value, NT$
  starts_on   TEXT,                                   -- days of Asia/Taipei, YYYY-MM-DD
  expires_on  TEXT,                           -- the last of them
  redeemed_at INTEGER,                        -- NULL: not used
  refunded_at INTEGER,                        -- NULL: not given back
  listed      INTEGER NOT NULL DEFAULT 1 CHECK (listed = 0 OR listed = 1),   -- 0: the gateway no longer shows it
  PRIMARY KEY (voucher_id, ticket_no)
) STRICT, WITHOUT ROWID;

--# table channels channels
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

--# table messages messages
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

--# index messages_due messages
CREATE INDEX messages_due ON messages (channel, next_at) WHERE next_at IS NOT NULL;

--# index messages_of_order messages
CREATE INDEX messages_of_order ON messages (order_id, channel) WHERE next_at IS NOT NULL AND order_id IS NOT NULL;

--# table deliveries deliveries
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

--# index deliveries_waiting deliveries
CREATE INDEX deliveries_waiting ON deliveries (channel, id) WHERE message_id IS NULL AND is_news = 1;

--# index deliveries_of_alert deliveries
CREATE INDEX deliveries_of_alert ON deliveries (alert_id, channel, at) WHERE alert_id IS NOT NULL;

--# index alerts_raised alerts
CREATE INDEX alerts_raised ON alerts (raised_at);

--# index alerts_closed alerts
CREATE INDEX alerts_closed ON alerts (closed_at) WHERE closed_at IS NOT NULL;

--# trigger merchants_are_not_replaced merchants
CREATE TRIGGER merchants_are_not_replaced BEFORE INSERT ON merchants BEGIN
  SELECT RAISE(ABORT, 'merchants come from the settings and are never replaced: ecpayd pause and ecpayd resume change what may be changed')
    WHERE EXISTS (SELECT 1 FROM merchants WHERE merchant_id = NEW.merchant_id);
END;

--# trigger merchants_keep_their_id merchants
CREATE TRIGGER merchants_keep_their_id BEFORE UPDATE OF merchant_id ON merchants WHEN NEW.merchant_id IS NOT OLD.merchant_id BEGIN
  SELECT RAISE(ABORT, 'merchant_id is never changed: add a [[merchant]] section to the settings and start ecpayd once');
END;

--# trigger merchants_are_kept merchants
CREATE TRIGGER merchants_are_kept BEFORE DELETE ON merchants BEGIN
  SELECT RAISE(ABORT, 'merchants are never deleted: take the [[merchant]] section out of the settings');
END;

--# trigger daemon_keeps_its_identity daemon
CREATE TRIGGER daemon_keeps_its_identity BEFORE UPDATE ON daemon
  WHEN NEW.id IS NOT OLD.id OR (OLD.identity <> '' AND NEW.identity IS NOT OLD.identity) BEGIN
  SELECT RAISE(ABORT, 'the identity of a ledger is never changed: its marker beside it would be of another one');
END;

--# trigger daemon_is_kept daemon
CREATE TRIGGER daemon_is_kept BEFORE DELETE ON daemon BEGIN
  SELECT RAISE(ABORT, 'the row of the daemon is never deleted: ecpayd alone writes it');
END;

--# trigger orders_noted orders
CREATE TRIGGER orders_noted AFTER UPDATE OF memo ON orders BEGIN
  UPDATE order_state SET next_at = 0, retry_at = NULL, revision = revision + 1 WHERE order_id = NEW.id;
END;

--# trigger orders_are_kept orders
CREATE TRIGGER orders_are_kept BEFORE DELETE ON orders BEGIN
  SELECT RAISE(ABORT, 'orders are never deleted: the ledger is the record of the money');
END;

--# trigger orders_leave_ids orders
CREATE TRIGGER orders_leave_ids BEFORE INSERT ON orders WHEN NEW.id > 9007199254740991 BEGIN
  SELECT RAISE(ABORT, 'id is given by the ledger: leave it out');
END;

--# trigger orders_date_check orders
CREATE TRIGGER orders_date_check BEFORE INSERT ON orders BEGIN
  SELECT RAISE(ABORT, 'created_at is the time of the INSERT, in milliseconds since 1970: leave it out, and see that this computer''s clock is right')
    WHERE NEW.created_at NOT BETWEEN 946684800000 AND 253402300799999;
  -- To be told now, and not by a row in review that nobody can take out again.
  SELECT RAISE(ABORT, 'trade_no is the authorization of another order in the ledger: one of the two numbers is wrong')
    WHERE EXISTS (SELECT 1 FROM order_state WHERE merchant_id = NEW.merchant_id AND trade_no = NEW.trade_no
                                              AND merchant_trade_no <> NEW.merchant_trade_no);
END;

--# trigger order_state_counted order_state
CREATE TRIGGER order_state_counted AFTER INSERT ON order_state BEGIN
  INSERT INTO order_counts VALUES (NEW.merchant_id, NEW.state, 1)
    ON CONFLICT (merchant_id, state) DO UPDATE SET count = count + 1;
END;

--# trigger order_state_counted_anew order_state
CREATE TRIGGER order_state_counted_anew AFTER UPDATE OF state ON order_state WHEN NEW.state <> OLD.state BEGIN
  INSERT INTO order_counts VALUES (NEW.merchant_id, NEW.state, 1)
    ON CONFLICT (merchant_id, state) DO UPDATE SET count = count + 1;
  UPDATE order_counts SET count = count - 1 WHERE merchant_id = OLD.merchant_id AND state = OLD.state;
END;

--# trigger order_state_begins_registered order_state
CREATE TRIGGER order_state_begins_registered BEFORE INSERT ON order_state BEGIN
  SELECT RAISE(ABORT, 'the state of an order is never replaced: it is the record of what ECPay showed')
    WHERE EXISTS (SELECT 1 FROM order_state WHERE order_id = NEW.order_id OR (merchant_trade_no = NEW.merchant_trade_no
                    AND merchant_id = NEW.merchant_id AND asked_trade_no = NEW.asked_trade_no));
  SELECT RAISE(ABORT, 'ecpayd alone writes order_state: hand the order over with INSERT INTO orders')
    WHERE NEW.state <> 'registered' OR NEW.observation IS NOT NULL OR NEW.amount IS NOT NULL OR NEW.trade_no IS NOT NULL
       OR NEW.captured_amount <> 0 OR NEW.refunded_amount <> 0 OR NEW.caught_up <> 0;
END;

--# trigger order_state_keeps_its_record order_state
CREATE TRIGGER order_state_keeps_its_record BEFORE UPDATE ON order_state
  WHEN NEW.order_id IS NOT OLD.order_id OR NEW.merchant_id IS NOT OLD.merchant_id OR NEW.merchant_trade_no IS NOT OLD.merchant_trade_no
    OR NEW.asked_trade_no IS NOT OLD.asked_trade_no OR NEW.revision < OLD.revision OR NEW.changed_after < OLD.changed_after
    OR NEW.caught_up IS NOT OLD.caught_up OR NEW.state <> OLD.state OR NEW.trade_no IS NOT OLD.trade_no
    OR NEW.authorized_at IS NOT OLD.authorized_at OR NEW.amount IS NOT OLD.amount OR NEW.captured_amount IS NOT OLD.captured_amount
    OR (OLD.observation IS NOT NULL AND NEW.observation IS NULL) OR NEW.unclaimed_amount < OLD.unclaimed_amount OR NEW.unclaimed_void < OLD.unclaimed_void
BEGIN
  SELECT RAISE(ABORT, 'which order a row of order_state is about is never changed: hand another over with INSERT INTO orders')
    WHERE NEW.order_id IS NOT OLD.order_id OR NEW.merchant_id IS NOT OLD.merchant_id
       OR NEW.merchant_trade_no IS NOT OLD.merchant_trade_no OR NEW.asked_trade_no IS NOT OLD.asked_trade_no;
  SELECT RAISE(ABORT, 'revision, changed_after and caught_up of an order only grow: ecpayd alone writes them')
    WHERE NEW.revision < OLD.revision OR NEW.changed_after < OLD.changed_after OR NEW.caught_up < OLD.caught_up
       OR (NEW.caught_up > OLD.caught_up AND NOT EXISTS (SELECT 1 FROM restores WHERE id = NEW.caught_up));
  SELECT RAISE(ABORT, 'an order that was looked at does not go back to registered: UPDATE orders makes it due again')
    WHERE NEW.state = 'registered' AND OLD.state <> 'registered' AND OLD.observation IS NOT NULL;
  SELECT RAISE(ABORT, 'what ECPay showed of an order changes only with a look: ecpayd alone writes it')
    WHERE (OLD.observation IS NOT NULL AND NEW.observation IS NULL)
       OR (OLD.trade_no IS NOT NULL AND NEW.trade_no IS NOT OLD.trade_no AND (NEW.trade_no IS NULL OR NEW.observation IS OLD.observation))
       OR (OLD.authorized_at IS NOT NULL AND NEW.authorized_at IS NOT OLD.authorized_at
             AND (NEW.authorized_at IS NULL OR NEW.observation IS OLD.observation))
       OR (OLD.trade_no IS NOT NULL AND OLD.amount IS NOT NULL AND NEW.amount IS NOT OLD.amount);
  -- UPDATE OR REPLACE would take the other row away.
  SELECT RAISE(ABORT, 'trade_no is the authorization of another order in the ledger')
    WHERE NEW.trade_no IS NOT OLD.trade_no AND EXISTS (SELECT 1 FROM order_state WHERE merchant_id = NEW.merchant_id
                                                         AND trade_no = NEW.trade_no AND order_id <> OLD.order_id);
  SELECT RAISE(ABORT, 'captured_amount is more than the amount of the order')
    WHERE NEW.captured_amount > ifnull(NEW.amount, 0);
  SELECT RAISE(ABORT, 'what nobody has claimed of an order is claimed with ecpayd resolve ATTEMPT --applied')
    WHERE (NEW.unclaimed_amount < OLD.unclaimed_amount OR NEW.unclaimed_void < OLD.unclaimed_void)
      AND NOT EXISTS (SELECT 1 FROM attempts WHERE order_id = OLD.order_id AND state = 'applied' AND action IN ('R', 'N'));
END;

--# trigger order_state_holds_looks order_state
CREATE TRIGGER order_state_holds_looks BEFORE UPDATE OF observation ON order_state WHEN NEW.observation IS NOT OLD.observation BEGIN
  SELECT RAISE(ABORT, 'observation is the last look as JSON: ecpayd alone writes it')
    WHERE NEW.observation IS NOT NULL AND NOT json_valid(NEW.observation);
END;

--# trigger order_state_is_visited order_state
CREATE TRIGGER order_state_is_visited BEFORE UPDATE OF next_at ON order_state WHEN NEW.next_at IS NULL AND OLD.next_at IS NOT NULL BEGIN
  SELECT RAISE(ABORT, 'an order with an open refund or attempt is not finished: ecpayd alone writes next_at')
    WHERE EXISTS (SELECT 1 FROM refunds WHERE order_id = OLD.order_id AND is_open = 1)
       OR EXISTS (SELECT 1 FROM attempts WHERE order_id = OLD.order_id AND is_open = 1);
END;

--# trigger order_state_is_kept order_state
CREATE TRIGGER order_state_is_kept BEFORE DELETE ON order_state BEGIN
  SELECT RAISE(ABORT, 'orders are never deleted: the ledger is the record of the money');
END;

--# trigger refund_intents_do_not_change refund_intents
CREATE TRIGGER refund_intents_do_not_change
  BEFORE UPDATE OF id, merchant_id, merchant_trade_no, trade_no, amount, request_key, reason, created_at ON refund_intents BEGIN
  SELECT RAISE(ABORT, 'a refund is never changed: cancel it and insert another');
END;

--# trigger refund_intents_cancel_check refund_intents
CREATE TRIGGER refund_intents_cancel_check BEFORE UPDATE OF cancel ON refund_intents BEGIN
  SELECT RAISE(ABORT, 'cancel can only be set to 1') WHERE NEW.cancel IS NOT 1;
  SELECT RAISE(ABORT, 'the refund has ended already')
    WHERE EXISTS (SELECT 1 FROM refunds WHERE intent_id = OLD.id AND state IN ('done', 'rejected'));
  SELECT RAISE(ABORT, 'the refund has begun: money may be moving, it can no longer be canceled')
    WHERE EXISTS (SELECT 1 FROM refunds WHERE intent_id = OLD.id AND state = 'running')
       OR EXISTS (SELECT 1 FROM attempts WHERE refund_id = OLD.id
                    AND (is_open = 1
                         -- Its capture was called back, which moved no money: a way out when it is stuck then.
                         OR (state = 'applied' AND NOT (action = 'E' AND EXISTS (SELECT 1 FROM refunds WHERE intent_id = OLD.id AND state = 'review')))));
END;

--# trigger refund_intents_keep_their_id refund_intents
CREATE TRIGGER refund_intents_keep_their_id BEFORE UPDATE ON refund_intents WHEN NEW.id IS NOT OLD.id BEGIN
  SELECT RAISE(ABORT, 'a refund is never changed: cancel it and insert another');
END;

--# trigger refund_intents_are_kept refund_intents
CREATE TRIGGER refund_intents_are_kept BEFORE DELETE ON refund_intents BEGIN
  SELECT RAISE(ABORT, 'refunds are never deleted: cancel one with UPDATE refund_intents SET cancel = 1');
END;

--# trigger refund_intents_leave_ids refund_intents
CREATE TRIGGER refund_intents_leave_ids BEFORE INSERT ON refund_intents WHEN NEW.id > 9007199254740991 BEGIN
  SELECT RAISE(ABORT, 'id is given by the ledger: leave it out');
END;

--# trigger refund_intents_wake_vouchers refund_intents
CREATE TRIGGER refund_intents_wake_vouchers AFTER INSERT ON refund_intents BEGIN
  UPDATE voucher_state SET retry_at = NULL
   WHERE voucher_id IN (SELECT id FROM voucher_orders WHERE merchant_trade_no = NEW.merchant_trade_no AND merchant_id = NEW.merchant_id);
END;

--# trigger refund_intents_check refund_intents
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
  -- Each is another payment: which one is meant is not guessed.
  SELECT RAISE(ABORT, 'the order is registered by trade_no: name the trade_no of the authorization to refund')
    WHERE NEW.trade_no IS NULL
      AND NOT EXISTS (SELECT 1 FROM refund_intents WHERE ifnull(request_key, '') = NEW.request_key)
      AND EXISTS (SELECT 1 FROM orders WHERE merchant_trade_no = NEW.merchant_trade_no AND merchant_id = NEW.merchant_id)
      AND NOT EXISTS (SELECT 1 FROM orders WHERE merchant_trade_no = NEW.merchant_trade_no AND merchant_id = NEW.merchant_id AND trade_no IS NULL);
  -- A request that is repeated is told so, whatever is left.
  SELECT RAISE(ABORT, 'amount is more than what is left of the order, counting the refunds already asked for')
    WHERE NOT EXISTS (SELECT 1 FROM refund_intents WHERE ifnull(request_key, '') = NEW.request_key) AND NEW.amount > (
      -- Where what is left is not known, no more than the whole can be. But a refund of the lost part
      -- of a restored ledger may be written again, if only to be told so.
      SELECT iif(s.unclaimed_amount > 0 OR s.unclaimed_void = 1, s.left_amount, ifnull(s.left_amount, s.amount)) - ifnull((SELECT sum(ifnull(i.amount, ifnull(s.left_amount, s.amount))) FROM refunds r JOIN refund_intents i ON i.id = r.intent_id
                                      WHERE r.order_id = s.order_id AND r.is_open = 1), 0)
        FROM orders o JOIN order_state s ON s.order_id = o.id
       WHERE o.merchant_trade_no = NEW.merchant_trade_no AND o.merchant_id = NEW.merchant_id
         AND (o.trade_no IS NEW.trade_no OR (o.trade_no IS NULL AND s.trade_no IS NEW.trade_no))
       ORDER BY o.trade_no IS NOT NULL LIMIT 1);
END;

--# trigger refund_intents_key_check refund_intents
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

--# trigger refund_intents_date_check refund_intents
CREATE TRIGGER refund_intents_date_check BEFORE INSERT ON refund_intents BEGIN
  SELECT RAISE(ABORT, 'created_at is the time of the INSERT, in milliseconds since 1970: leave it out, and see that this computer''s clock is right')
    WHERE NEW.created_at NOT BETWEEN 946684800000 AND 253402300799999;
END;

--# trigger refund_intents_added refund_intents
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
      '{"refund":' || NEW.id || ',"amount":' || ifnull(NEW.amount, 'null')
        || ',"request_key":"' || replace(replace(NEW.request_key, '\', '\\'), '"', '\"') || '"}'
    FROM refunds WHERE intent_id = NEW.id;
END;

--# trigger refund_intents_canceled refund_intents
CREATE TRIGGER refund_intents_canceled AFTER UPDATE OF cancel ON refund_intents WHEN OLD.cancel = 0 AND NEW.cancel = 1 BEGIN
  UPDATE refunds SET state = 'canceled', detail = 'canceled by the shop',
         updated_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER),
         ended_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER)
   WHERE intent_id = NEW.id;
  UPDATE order_state SET next_at = 0, retry_at = NULL, revision = revision + 1 WHERE order_id = (SELECT order_id FROM refunds WHERE intent_id = NEW.id);
  INSERT INTO events (at, merchant_id, merchant_trade_no, order_id, kind, detail)
    SELECT CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER), NEW.merchant_id, NEW.merchant_trade_no, order_id,
      'refund_canceled', '{"refund":' || NEW.id || '}' FROM refunds WHERE intent_id = NEW.id;
END;

--# trigger refunds_begin_queued refunds
CREATE TRIGGER refunds_begin_queued BEFORE INSERT ON refunds BEGIN
  SELECT RAISE(ABORT, 'refunds are never replaced: they are the record of what was paid back')
    WHERE EXISTS (SELECT 1 FROM refunds WHERE intent_id = NEW.intent_id OR request_key = NEW.request_key);
  SELECT RAISE(ABORT, 'ecpayd alone writes refunds: ask for one with INSERT INTO refund_intents')
    WHERE NEW.state <> 'queued' OR NEW.refunded_amount <> 0
       OR NOT EXISTS (SELECT 1 FROM refund_intents WHERE id = NEW.intent_id AND request_key = NEW.request_key);
END;

--# trigger refunds_keep_their_end refunds
CREATE TRIGGER refunds_keep_their_end BEFORE UPDATE ON refunds BEGIN
  SELECT RAISE(ABORT, 'what a refund was asked for is never changed: cancel it and insert another in refund_intents')
    WHERE NEW.intent_id IS NOT OLD.intent_id OR NEW.request_key IS NOT OLD.request_key OR NEW.order_id IS NOT OLD.order_id;
  SELECT RAISE(ABORT, 'the refund has ended: ask for another with INSERT INTO refund_intents and a key of its own')
    WHERE (OLD.state = 'done' OR OLD.state = 'rejected' OR OLD.state = 'canceled')
      AND (NEW.state IS NOT OLD.state OR NEW.refunded_amount IS NOT OLD.refunded_amount OR NEW.method IS NOT OLD.method);
  SELECT RAISE(ABORT, 'a refund is canceled with UPDATE refund_intents SET cancel = 1')
    WHERE NEW.state = 'canceled' AND OLD.state <> 'canceled'
      AND NOT EXISTS (SELECT 1 FROM refund_intents WHERE id = NEW.intent_id AND cancel = 1);
  SELECT RAISE(ABORT, 'a refund is done by an attempt that took effect: settle the attempt with ecpayd resolve')
    WHERE NEW.state = 'done' AND OLD.state <> 'done'
      AND NOT EXISTS (SELECT 1 FROM attempts WHERE order_id = NEW.order_id AND state = 'applied' AND action <> 'C');
END;

--# trigger refunds_are_kept refunds
CREATE TRIGGER refunds_are_kept BEFORE DELETE ON refunds BEGIN
  SELECT RAISE(ABORT, 'refunds are never deleted: cancel one with UPDATE refund_intents SET cancel = 1');
END;

--# trigger refunds_are_undone_once refunds
CREATE TRIGGER refunds_are_undone_once BEFORE UPDATE OF undone_at, undone_by, undone_why, led_by ON refunds BEGIN
  SELECT RAISE(ABORT, 'a refund that was undone at ECPay is declared with ecpayd refunds void ID --by NAME --why TEXT')
    WHERE (NEW.undone_at IS NOT OLD.undone_at OR NEW.undone_by IS NOT OLD.undone_by OR NEW.undone_why IS NOT OLD.undone_why)
      AND (OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL OR NEW.undone_by IS NULL OR NEW.undone_why IS NULL OR NEW.state <> 'done');
  SELECT RAISE(ABORT, 'the refund has ended: with which other one is never changed')
    WHERE NEW.led_by IS NOT OLD.led_by AND (OLD.state = 'done' OR OLD.state = 'rejected' OR OLD.state = 'canceled');
END;

--# trigger attempts_are_kept attempts
CREATE TRIGGER attempts_are_kept BEFORE DELETE ON attempts BEGIN
  SELECT RAISE(ABORT, 'attempts are never deleted: they are the record of what was sent to the gateway');
END;

--# trigger attempts_are_not_replaced attempts
CREATE TRIGGER attempts_are_not_replaced BEFORE INSERT ON attempts WHEN NEW.id > 0 BEGIN
  SELECT RAISE(ABORT, 'id is given by the ledger: leave it out') WHERE NEW.id > 9007199254740991;
  SELECT RAISE(ABORT, 'attempts are never replaced: they are the record of what was sent to the gateway')
    WHERE EXISTS (SELECT 1 FROM attempts WHERE id = NEW.id);
END;

--# trigger attempts_keep_their_id attempts
CREATE TRIGGER attempts_keep_their_id BEFORE UPDATE ON attempts WHEN NEW.id IS NOT OLD.id BEGIN
  SELECT RAISE(ABORT, 'what an attempt was is never changed, only what became of it');
END;

--# trigger attempts_do_not_change attempts
CREATE TRIGGER attempts_do_not_change BEFORE UPDATE OF id, order_id, refund_id, action, amount, trade_no, started_at ON attempts BEGIN
  SELECT RAISE(ABORT, 'what an attempt was is never changed, only what became of it');
END;

--# trigger attempts_begin_open attempts
CREATE TRIGGER attempts_begin_open BEFORE INSERT ON attempts BEGIN
  SELECT RAISE(ABORT, 'an attempt is written before its call, by ecpayd alone: ask for a refund with INSERT INTO refund_intents')
    WHERE NEW.state NOT IN ('started', 'review');
  -- INSERT OR REPLACE would take the open one away.
  SELECT RAISE(ABORT, 'the order has an open attempt: wait until it is settled')
    WHERE EXISTS (SELECT 1 FROM attempts WHERE order_id = NEW.order_id AND is_open = 1);
END;

--# trigger attempts_keep_their_end attempts
CREATE TRIGGER attempts_keep_their_end BEFORE UPDATE OF state ON attempts WHEN NEW.state <> OLD.state BEGIN
  SELECT RAISE(ABORT, 'an attempt cannot go from this state to that one: what became of a call is told by ecpayd resolve')
    WHERE NOT CASE OLD.state
      -- Not IN: a list of more than two is a table of its own, made anew for each update.
      WHEN 'started' THEN NEW.state = 'accepted' OR NEW.state = 'refused' OR NEW.state = 'unknown' OR NEW.state = 'not_sent'
                       OR NEW.state = 'applied' OR NEW.state = 'not_applied' OR NEW.state = 'review'
      WHEN 'accepted' THEN NEW.state = 'applied' OR NEW.state = 'not_applied' OR NEW.state = 'review'
      WHEN 'unknown' THEN NEW.state = 'applied' OR NEW.state = 'not_applied' OR NEW.state = 'review'
      WHEN 'review' THEN NEW.state = 'applied' OR NEW.state = 'not_applied'
      -- A later look contradicts it: back to a person.
      WHEN 'not_applied' THEN NEW.state = 'review'
      WHEN 'refused' THEN NEW.state = 'review'
      ELSE 0 END;
  -- UPDATE OR REPLACE would take the open one away.
  SELECT RAISE(ABORT, 'the order has an open attempt: wait until it is settled')
    WHERE NEW.state = 'review' AND EXISTS (SELECT 1 FROM attempts WHERE order_id = NEW.order_id AND id <> NEW.id
                                             AND is_open = 1);
END;

--# trigger attempts_keep_what_was_seen attempts
CREATE TRIGGER attempts_keep_what_was_seen BEFORE UPDATE OF before_status, before_net ON attempts BEGIN
  SELECT RAISE(ABORT, 'what an attempt was is never changed, only what became of it')
    WHERE NEW.before_status IS NOT OLD.before_status OR NEW.before_net IS NOT OLD.before_net;
END;

--# trigger attempts_are_undone_once attempts
CREATE TRIGGER attempts_are_undone_once BEFORE UPDATE OF sent, undone_at ON attempts
  WHEN NEW.sent IS NOT OLD.sent OR NEW.undone_at IS NOT OLD.undone_at BEGIN
  SELECT RAISE(ABORT, 'what an attempt was is never changed, only what became of it') WHERE NEW.sent IS NOT OLD.sent;
  SELECT RAISE(ABORT, 'a refund that was undone at ECPay is declared with ecpayd refunds void ID --by NAME --why TEXT')
    WHERE NEW.undone_at IS NOT OLD.undone_at
      AND (OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL OR NEW.state <> 'applied' OR NEW.action NOT IN ('R', 'N'));
END;

--# trigger events_are_not_changed events
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events BEGIN
  SELECT RAISE(ABORT, 'events are append-only: an event is never changed');
END;

--# trigger events_are_not_deleted events
CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events BEGIN
  SELECT RAISE(ABORT, 'events are append-only: an event is never deleted');
END;

--# trigger events_are_not_replaced events
CREATE TRIGGER events_are_not_replaced BEFORE INSERT ON events WHEN NEW.id > 0 BEGIN
  SELECT RAISE(ABORT, 'id is given by the ledger: leave it out') WHERE NEW.id > 9007199254740991;
  SELECT RAISE(ABORT, 'events are append-only: an event is never replaced') WHERE EXISTS (SELECT 1 FROM events WHERE id = NEW.id);
END;

--# trigger alerts_begin_open alerts
CREATE TRIGGER alerts_begin_open BEFORE INSERT ON alerts BEGIN
  SELECT RAISE(ABORT, 'alerts are never replaced: they close by themselves, and ecpayd alerts ack says that somebody has seen one')
    WHERE NEW.id > 0 AND EXISTS (SELECT 1 FROM alerts WHERE id = NEW.id);
  SELECT RAISE(ABORT, 'an alert begins open: ecpayd alone raises and closes alerts') WHERE NEW.closed_at IS NOT NULL;
  -- Whatever the statement says about conflicts: the one that is open stays.
  SELECT RAISE(IGNORE)
    WHERE EXISTS (SELECT 1 FROM alerts WHERE kind = NEW.kind AND stage = NEW.stage AND merchant_id = NEW.merchant_id
                    AND ifnull(order_id, 0) = ifnull(NEW.order_id, 0) AND ifnull(voucher_id, 0) = ifnull(NEW.voucher_id, 0)
                    AND closed_at IS NULL);
END;

--# trigger alerts_keep_their_end alerts
CREATE TRIGGER alerts_keep_their_end BEFORE UPDATE ON alerts BEGIN
  SELECT RAISE(ABORT, 'what an alert is about is never changed: ecpayd alone raises and closes alerts')
    WHERE NEW.id IS NOT OLD.id OR NEW.kind IS NOT OLD.kind OR NEW.stage IS NOT OLD.stage OR NEW.merchant_id IS NOT OLD.merchant_id
       OR NEW.order_id IS NOT OLD.order_id OR NEW.voucher_id IS NOT OLD.voucher_id
       OR NEW.merchant_trade_no IS NOT OLD.merchant_trade_no OR NEW.raised_at IS NOT OLD.raised_at;
  SELECT RAISE(ABORT, 'the alert is closed and stays so: ecpayd raises another where its cause comes back')
    WHERE OLD.closed_at IS NOT NULL AND NEW.closed_at IS NOT OLD.closed_at;
END;

--# trigger alerts_are_kept alerts
CREATE TRIGGER alerts_are_kept BEFORE DELETE ON alerts BEGIN
  SELECT RAISE(ABORT, 'alerts are never deleted: they close by themselves, and ecpayd alerts ack says that somebody has seen one');
END;

--# trigger restores_are_not_replaced restores
CREATE TRIGGER restores_are_not_replaced BEFORE INSERT ON restores WHEN NEW.id > 0 BEGIN
  SELECT RAISE(ABORT, 'restores are never replaced: ecpayd alone writes them') WHERE EXISTS (SELECT 1 FROM restores WHERE id = NEW.id);
END;

--# trigger restores_do_not_change restores
CREATE TRIGGER restores_do_not_change BEFORE UPDATE ON restores BEGIN
  SELECT RAISE(ABORT, 'restores are never changed: ecpayd alone writes them')
    WHERE NEW.id IS NOT OLD.id OR NEW.noticed_at IS NOT OLD.noticed_at OR NEW.reason IS NOT OLD.reason
       OR NEW.newest_attempt IS NOT OLD.newest_attempt OR (OLD.answered_at IS NOT NULL AND NEW.answered_at IS NOT OLD.answered_at);
END;

--# trigger restores_are_kept restores
CREATE TRIGGER restores_are_kept BEFORE DELETE ON restores BEGIN
  SELECT RAISE(ABORT, 'restores are never deleted: ecpayd alone writes them');
END;

--# trigger voucher_orders_check voucher_orders
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

--# trigger voucher_orders_keep_their_number voucher_orders
CREATE TRIGGER voucher_orders_keep_their_number
  BEFORE UPDATE OF id, merchant_id, merchant_trade_no, free_trade_no, created_at ON voucher_orders BEGIN
  SELECT RAISE(ABORT, 'only guard and memo of a voucher order may be changed')
    WHERE NEW.id IS NOT OLD.id OR NEW.merchant_id IS NOT OLD.merchant_id OR NEW.merchant_trade_no IS NOT OLD.merchant_trade_no
       OR NEW.free_trade_no IS NOT OLD.free_trade_no OR NEW.created_at IS NOT OLD.created_at;
END;

--# trigger voucher_orders_keep_their_id voucher_orders
CREATE TRIGGER voucher_orders_keep_their_id BEFORE UPDATE ON voucher_orders WHEN NEW.id IS NOT OLD.id BEGIN
  SELECT RAISE(ABORT, 'only guard and memo of a voucher order may be changed');
END;

--# trigger voucher_orders_guard_check voucher_orders
CREATE TRIGGER voucher_orders_guard_check BEFORE UPDATE OF guard ON voucher_orders BEGIN
  SELECT RAISE(ABORT, 'guard must be 0 or 1') WHERE NEW.guard IS NULL OR NEW.guard NOT IN (0, 1);
END;

--# trigger voucher_orders_are_kept voucher_orders
CREATE TRIGGER voucher_orders_are_kept BEFORE DELETE ON voucher_orders BEGIN
  SELECT RAISE(ABORT, 'voucher orders are never deleted: the ledger is the record of the money');
END;

--# trigger voucher_orders_date_check voucher_orders
CREATE TRIGGER voucher_orders_date_check BEFORE INSERT ON voucher_orders BEGIN
  SELECT RAISE(ABORT, 'created_at is the time of the INSERT, in milliseconds since 1970: leave it out, and see that this computer''s clock is right')
    WHERE NEW.created_at NOT BETWEEN 946684800000 AND 253402300799999;
END;

--# trigger voucher_orders_added voucher_orders
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
     AND EXISTS (SELECT 1 FROM refunds r WHERE r.order_id = order_state.order_id AND r.is_open = 1);
  INSERT INTO events (at, merchant_id, merchant_trade_no, voucher_id, kind, detail)
    VALUES (NEW.created_at, NEW.merchant_id, NEW.merchant_trade_no, NEW.id, 'voucher_registered',
      '{"merchant_trade_no":' || ifnull('"' || NEW.merchant_trade_no || '"', 'null')
        || ',"free_trade_no":' || ifnull('"' || NEW.free_trade_no || '"', 'null') || '}');
END;

--# trigger voucher_orders_guard_changed voucher_orders
CREATE TRIGGER voucher_orders_guard_changed AFTER UPDATE OF guard ON voucher_orders WHEN NEW.guard IS NOT OLD.guard BEGIN
  UPDATE order_state SET next_at = 0, retry_at = NULL, revision = revision + 1
   WHERE merchant_trade_no = NEW.merchant_trade_no AND merchant_id = NEW.merchant_id;
  INSERT INTO events (at, merchant_id, merchant_trade_no, voucher_id, kind, detail)
    VALUES (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER), NEW.merchant_id, NEW.merchant_trade_no, NEW.id,
      'voucher_guard_changed', '{"guard":' || NEW.guard || '}');
END;

--# trigger voucher_state_counted voucher_state
CREATE TRIGGER voucher_state_counted AFTER INSERT ON voucher_state BEGIN
  INSERT INTO voucher_counts VALUES (NEW.merchant_id, NEW.state, 1)
    ON CONFLICT (merchant_id, state) DO UPDATE SET count = count + 1;
END;

--# trigger voucher_state_counted_anew voucher_state
CREATE TRIGGER voucher_state_counted_anew AFTER UPDATE OF state ON voucher_state WHEN NEW.state <> OLD.state BEGIN
  INSERT INTO voucher_counts VALUES (NEW.merchant_id, NEW.state, 1)
    ON CONFLICT (merchant_id, state) DO UPDATE SET count = count + 1;
  UPDATE voucher_counts SET count = count - 1 WHERE merchant_id = OLD.merchant_id AND state = OLD.state;
END;

--# trigger voucher_state_begins_registered voucher_state
CREATE TRIGGER voucher_state_begins_registered BEFORE INSERT ON voucher_state BEGIN
  SELECT RAISE(ABORT, 'the state of a voucher order is never replaced: it is the record of what the voucher service showed')
    WHERE EXISTS (SELECT 1 FROM voucher_state WHERE voucher_id = NEW.voucher_id);
  SELECT RAISE(ABORT, 'ecpayd alone writes voucher_state: hand the order over with INSERT INTO voucher_orders')
    WHERE NEW.state <> 'registered' OR NEW.observation IS NOT NULL;
END;

--# trigger voucher_state_keeps_its_record voucher_state
CREATE TRIGGER voucher_state_keeps_its_record BEFORE UPDATE ON voucher_state
  WHEN NEW.voucher_id IS NOT OLD.voucher_id OR NEW.merchant_id IS NOT OLD.merchant_id OR NEW.number IS NOT OLD.number OR NEW.looks < OLD.looks BEGIN
  SELECT RAISE(ABORT, 'which order a row of voucher_state is about is never changed, and looks only grow: ecpayd alone writes it');
END;

--# trigger voucher_state_is_kept voucher_state
CREATE TRIGGER voucher_state_is_kept BEFORE DELETE ON voucher_state BEGIN
  SELECT RAISE(ABORT, 'voucher orders are never deleted: the ledger is the record of the money');
END;

--# trigger tickets_keep_their_number tickets
CREATE TRIGGER tickets_keep_their_number BEFORE UPDATE OF voucher_id, ticket_no ON tickets
  WHEN NEW.voucher_id IS NOT OLD.voucher_id OR NEW.ticket_no IS NOT OLD.ticket_no BEGIN
  SELECT RAISE(ABORT, 'the number of a ticket is never changed: ecpayd alone writes tickets');
END;

--# trigger tickets_are_kept tickets
CREATE TRIGGER tickets_are_kept BEFORE DELETE ON tickets BEGIN
  SELECT RAISE(ABORT, 'tickets are never deleted: ecpayd alone writes them');
END;

--# trigger alerts_are_told alerts
CREATE TRIGGER alerts_are_told AFTER INSERT ON alerts BEGIN
  INSERT INTO deliveries (channel, alert_id, edge, at)
    SELECT name, NEW.id, 'raised', NEW.raised_at FROM channels
     WHERE what = 'alerts' AND configured = 1
       AND least <= CASE NEW.severity WHEN 'critical' THEN 2 WHEN 'warning' THEN 1 ELSE 0 END
       AND (merchants = '' OR NEW.merchant_id = '' OR instr(merchants, ',' || NEW.merchant_id || ',') > 0)
       -- Not through the one that it is about.
       AND NOT (NEW.kind = 'delivery_failing' AND (NEW.stage = name OR NEW.stage = name || ', given up'));
END;

--# trigger alerts_are_told_closed alerts
CREATE TRIGGER alerts_are_told_closed AFTER UPDATE OF closed_at ON alerts
  WHEN OLD.closed_at IS NULL AND NEW.closed_at IS NOT NULL BEGIN
  INSERT INTO deliveries (channel, alert_id, edge, at)
    SELECT d.channel, NEW.id, 'closed', NEW.closed_at
      FROM deliveries d JOIN channels c ON c.name = d.channel
     WHERE d.alert_id = NEW.id AND d.edge = 'raised' AND c.configured = 1;
END;

--# trigger order_state_is_told order_state
CREATE TRIGGER order_state_is_told AFTER UPDATE OF state ON order_state
  WHEN NEW.state <> OLD.state AND (NEW.state = 'captured' OR NEW.state = 'voided' OR NEW.state = 'expired') BEGIN
  INSERT INTO deliveries (channel, order_id, edge, at)
    SELECT name, NEW.order_id, NEW.state, coalesce(NEW.last_checked_at, 0) FROM channels
     WHERE what = 'events' AND configured = 1 AND (kinds = '' OR instr(kinds, ',' || NEW.state || ',') > 0)
       AND (merchants = '' OR instr(merchants, ',' || NEW.merchant_id || ',') > 0);
END;

--# trigger refunds_are_told refunds
CREATE TRIGGER refunds_are_told AFTER UPDATE OF state ON refunds
  WHEN NEW.state <> OLD.state AND (NEW.state = 'done' OR NEW.state = 'rejected' OR NEW.state = 'review') BEGIN
  INSERT INTO deliveries (channel, order_id, refund_id, edge, at)
    SELECT c.name, NEW.order_id, NEW.intent_id, 'refund_' || NEW.state, NEW.updated_at
      FROM channels c JOIN refund_intents i ON i.id = NEW.intent_id
     WHERE c.what = 'events' AND c.configured = 1 AND (c.kinds = '' OR instr(c.kinds, ',refund_' || NEW.state || ',') > 0)
       AND (c.merchants = '' OR instr(c.merchants, ',' || i.merchant_id || ',') > 0);
END;

--# trigger channels_are_kept channels
CREATE TRIGGER channels_are_kept BEFORE DELETE ON channels BEGIN
  SELECT RAISE(ABORT, 'channels are never deleted: take one out of the settings, and start ecpayd again');
END;

--# trigger messages_keep_their_end messages
CREATE TRIGGER messages_keep_their_end BEFORE UPDATE ON messages BEGIN
  SELECT RAISE(ABORT, 'what a message says is never changed: ecpayd alone writes messages')
    WHERE NEW.id IS NOT OLD.id OR NEW.key IS NOT OLD.key OR NEW.channel IS NOT OLD.channel OR NEW.order_id IS NOT OLD.order_id
       OR NEW.title IS NOT OLD.title OR NEW.text IS NOT OLD.text OR NEW.body IS NOT OLD.body OR NEW.created_at IS NOT OLD.created_at;
  SELECT RAISE(ABORT, 'a message that was sent or given up has ended: ecpayd alone writes messages')
    WHERE OLD.next_at IS NULL;
END;

--# trigger messages_are_kept messages
CREATE TRIGGER messages_are_kept BEFORE DELETE ON messages BEGIN
  SELECT RAISE(ABORT, 'messages are never deleted: they are the record of what was told');
END;

--# trigger deliveries_are_told_once deliveries
CREATE TRIGGER deliveries_are_told_once BEFORE UPDATE ON deliveries BEGIN
  SELECT RAISE(ABORT, 'what a delivery is about is never changed: ecpayd alone writes deliveries')
    WHERE NEW.id IS NOT OLD.id OR NEW.channel IS NOT OLD.channel OR NEW.alert_id IS NOT OLD.alert_id OR NEW.order_id IS NOT OLD.order_id
       OR NEW.refund_id IS NOT OLD.refund_id OR NEW.edge IS NOT OLD.edge OR NEW.at IS NOT OLD.at;
  SELECT RAISE(ABORT, 'a delivery is told in one message alone: ecpayd alone writes deliveries')
    WHERE OLD.message_id IS NOT NULL AND NEW.message_id IS NOT OLD.message_id;
END;

--# trigger deliveries_are_kept deliveries
CREATE TRIGGER deliveries_are_kept BEFORE DELETE ON deliveries BEGIN
  SELECT RAISE(ABORT, 'deliveries are never deleted: they are the record of what is to be told');
END;

--# view order_rows order_rows
CREATE VIEW order_rows AS
SELECT o.id AS order_id, o.merchant_id, o.merchant_trade_no, coalesce(s.trade_no, o.trade_no) AS trade_no, s.state, s.amount,
       s.captured_amount, s.refunded_amount, s.payment_type, o.capture,
       strftime('%Y-%m-%d %H:%M:%S', s.authorized_at / 1000 + 28800, 'unixepoch') AS authorized_at,
       strftime('%Y-%m-%d %H:%M:%S', s.capture_by / 1000 + 28800, 'unixepoch') AS capture_by,
       strftime('%Y-%m-%d %H:%M:%S', s.expires_at / 1000 + 28800, 'unixepoch') AS expires_at,
       s.next_step,
       strftime('%Y-%m-%d %H:%M:%S', s.next_step_at / 1000 + 28800, 'unixepoch') AS next_step_at,
       strftime('%Y-%m-%d %H:%M:%S', s.last_checked_at / 1000 + 28800, 'unixepoch') AS last_checked_at,
       s.last_error,
       strftime('%Y-%m-%d %H:%M:%S', o.created_at / 1000 + 28800, 'unixepoch') AS registered_at,
       strftime('%Y-%m-%d %H:%M:%S', s.captured_at / 1000 + 28800, 'unixepoch') AS captured_at, o.memo, s.rule, s.reason
  FROM orders o JOIN order_state s ON s.order_id = o.id;

--# view order_status order_status
CREATE VIEW order_status AS
SELECT merchant_id, merchant_trade_no, trade_no, state, amount, captured_amount, refunded_amount, payment_type, capture,
       authorized_at, capture_by, expires_at, next_step, next_step_at, last_checked_at, last_error,
       registered_at, captured_at, memo, rule, reason
  FROM order_rows;

--# view refund_status refund_status
CREATE VIEW refund_status AS
SELECT i.id, i.merchant_id, i.merchant_trade_no, i.amount, r.request_key, r.state,
       CASE WHEN r.undone_at IS NULL THEN r.refunded_amount ELSE 0 END AS refunded_amount, r.method,
       CASE WHEN r.undone_at IS NOT NULL THEN 'undone at ECPay, as ' || r.undone_by || ' has said: ' || r.undone_why
            WHEN r.state = 'queued' THEN ifnull((SELECT 'waits for refund ' || min(b.intent_id) || ' of the same order' FROM refunds b
              WHERE b.order_id = r.order_id AND b.intent_id < r.intent_id AND b.is_open = 1), r.detail)
            ELSE r.detail END AS detail,
       strftime('%Y-%m-%d %H:%M:%S', i.created_at / 1000 + 28800, 'unixepoch') AS created_at,
       strftime('%Y-%m-%d %H:%M:%S', r.updated_at / 1000 + 28800, 'unixepoch') AS updated_at,
       r.rule, r.reason, strftime('%Y-%m-%d %H:%M:%S', r.ended_at / 1000 + 28800, 'unixepoch') AS ended_at, i.reason AS comment
  FROM refund_intents i JOIN refunds r ON r.intent_id = i.id;

--# view voucher_status voucher_status
CREATE VIEW voucher_status AS
SELECT v.merchant_id, v.merchant_trade_no, v.free_trade_no, s.voucher_trade_no, s.state, s.trade_amount, s.redeemed_amount,
       s.refunded_amount, s.confirmed_amount AS refund_confirmed_amount, s.unused_amount,
       strftime('%Y-%m-%d %H:%M:%S', s.last_checked_at / 1000 + 28800, 'unixepoch') AS last_checked_at,
       ifnull(s.last_error, s.refunds_error) AS last_error
  FROM voucher_orders v JOIN voucher_state s ON s.voucher_id = v.id;

--# view voucher_tickets voucher_tickets
CREATE VIEW voucher_tickets AS
SELECT v.merchant_id, v.merchant_trade_no, v.free_trade_no, t.ticket_no, t.item_no, t.item_name, t.kind, t.amount, t.use_status,
       t.starts_on, t.expires_on,
       strftime('%Y-%m-%d %H:%M:%S', t.redeemed_at / 1000 + 28800, 'unixepoch') AS redeemed_at,
       strftime('%Y-%m-%d %H:%M:%S', t.refunded_at / 1000 + 28800, 'unixepoch') AS refunded_at
  FROM tickets t JOIN voucher_orders v ON v.id = t.voucher_id WHERE t.listed = 1;

--# view open_alerts open_alerts
CREATE VIEW open_alerts AS
SELECT id, kind, severity, merchant_id, merchant_trade_no, message,
       strftime('%Y-%m-%d %H:%M:%S', raised_at / 1000 + 28800, 'unixepoch') AS raised_at, acked_by, rule, reason
  FROM alerts WHERE closed_at IS NULL;

--# view order_events order_events
CREATE VIEW order_events AS
SELECT id, strftime('%Y-%m-%d %H:%M:%S', at / 1000 + 28800, 'unixepoch') AS at, merchant_id, merchant_trade_no, kind, detail
  FROM events;

--# table journal journal
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

--# index journal_of_order journal
CREATE INDEX journal_of_order ON journal (order_id);

--# table journal_claims journal_claims
CREATE TABLE journal_claims (
  -- Movements that were booked as somebody else's and have turned out to be a call of ours; append-only.
  movement_id INTEGER PRIMARY KEY REFERENCES journal (id),  -- journal.id
  attempt_id  INTEGER NOT NULL UNIQUE REFERENCES attempts (id),  -- the call
  refund_id   INTEGER,                        -- and the refund that it was made for
  at          INTEGER NOT NULL                -- when that was known
) STRICT;

--# table journal_days journal_days
CREATE TABLE journal_days (
  -- The sums of the journal by day, kept by a trigger.
  merchant_id TEXT    NOT NULL,               -- whose
  day         TEXT    NOT NULL,               -- as in journal
  kind        TEXT    NOT NULL,               -- as in journal
  amount      INTEGER NOT NULL,               -- NT$, all movements of the day
  count       INTEGER NOT NULL,               -- how many
  PRIMARY KEY (merchant_id, day, kind)
) STRICT, WITHOUT ROWID;

--# table statements statements
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

--# index statements_of_merchant statements
CREATE INDEX statements_of_merchant ON statements (merchant_id, to_day);

--# table statement_rows statement_rows
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

--# index statement_rows_once statement_rows
CREATE UNIQUE INDEX statement_rows_once
  ON statement_rows (merchant_trade_no, merchant_id, kind, trade_no, closing_no, traded_on, gross, nth);

--# index statement_rows_of_file statement_rows
CREATE INDEX statement_rows_of_file ON statement_rows (statement_id, line);

--# index statement_rows_paid statement_rows
CREATE INDEX statement_rows_paid ON statement_rows (merchant_id, paid_on) WHERE paid_on IS NOT NULL;

--# index statement_rows_traded statement_rows
CREATE INDEX statement_rows_traded ON statement_rows (merchant_id, traded_on);

--# table statement_fetches statement_fetches
CREATE TABLE statement_fetches (
  -- How far the daily fetch of statements has come, for each merchant.
  merchant_id TEXT    NOT NULL PRIMARY KEY,   -- whose
  tried_at    INTEGER NOT NULL,               -- the last call, by whomever
  fetched_on  TEXT    NOT NULL DEFAULT '',    -- the day (Asia/Taipei) of the last one that brought all it asked for
  error       TEXT,                           -- why the last one did not, as JSON, see docs/sql.md; NULL: it did
  failing_since INTEGER                      -- the first of the calls that brought none since then; NULL: the last one did
) STRICT, WITHOUT ROWID;

--# table refund_allowances refund_allowances
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

--# index refund_allowances_number refund_allowances
CREATE UNIQUE INDEX refund_allowances_number ON refund_allowances (request_key, allowance_no);

--# index refunds_ended refunds
CREATE INDEX refunds_ended ON refunds (ended_at) WHERE ended_at IS NOT NULL;

--# trigger journal_does_not_change journal
CREATE TRIGGER journal_does_not_change BEFORE UPDATE ON journal BEGIN
  SELECT RAISE(ABORT, 'movements are never changed: what ECPay undoes is a movement of its own');
END;

--# trigger journal_is_kept journal
CREATE TRIGGER journal_is_kept BEFORE DELETE ON journal BEGIN
  SELECT RAISE(ABORT, 'movements are never deleted: they are the books of the money');
END;

--# trigger journal_claims_do_not_change journal_claims
CREATE TRIGGER journal_claims_do_not_change BEFORE UPDATE ON journal_claims BEGIN
  SELECT RAISE(ABORT, 'movements are never changed: what ECPay undoes is a movement of its own');
END;

--# trigger journal_claims_are_kept journal_claims
CREATE TRIGGER journal_claims_are_kept BEFORE DELETE ON journal_claims BEGIN
  SELECT RAISE(ABORT, 'movements are never deleted: they are the books of the money');
END;

--# trigger statements_are_kept statements
CREATE TRIGGER statements_are_kept BEFORE DELETE ON statements BEGIN
  SELECT RAISE(ABORT, 'statements are never deleted: they are what ECPay has accounted for');
END;

--# trigger statement_rows_are_kept statement_rows
CREATE TRIGGER statement_rows_are_kept BEFORE DELETE ON statement_rows BEGIN
  SELECT RAISE(ABORT, 'settlements are never deleted: they are what ECPay has accounted for');
END;

--# trigger refund_allowances_check refund_allowances
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

--# trigger refund_allowances_do_not_change refund_allowances
CREATE TRIGGER refund_allowances_do_not_change BEFORE UPDATE ON refund_allowances BEGIN
  SELECT RAISE(ABORT, 'an allowance is never changed: set canceled to 1 and insert another')
    WHERE NEW.id IS NOT OLD.id OR NEW.request_key IS NOT OLD.request_key OR NEW.allowance_no IS NOT OLD.allowance_no
       OR NEW.amount IS NOT OLD.amount OR NEW.noted_at IS NOT OLD.noted_at OR NEW.canceled < OLD.canceled;
END;

--# trigger refund_allowances_are_kept refund_allowances
CREATE TRIGGER refund_allowances_are_kept BEFORE DELETE ON refund_allowances BEGIN
  SELECT RAISE(ABORT, 'allowances are never deleted: set canceled to 1');
END;

--# view movements movements
CREATE VIEW movements AS
SELECT j.id, j.day, strftime('%Y-%m-%d %H:%M:%S', j.at / 1000 + 28800, 'unixepoch') AS at, j.merchant_id, o.merchant_trade_no,
       coalesce(o.trade_no, s.trade_no) AS trade_no, j.kind, j.amount,
       CASE WHEN c.movement_id IS NULL THEN j.by ELSE 'ecpayd' END AS by,
       coalesce(j.attempt_id, c.attempt_id) AS attempt_id, coalesce(j.refund_id, c.refund_id) AS refund_id,
       strftime('%Y-%m-%d %H:%M:%S', j.gateway_at / 1000 + 28800, 'unixepoch') AS gateway_at
  FROM journal j JOIN orders o ON o.id = j.order_id JOIN order_state s ON s.order_id = j.order_id
       LEFT JOIN journal_claims c ON c.movement_id = j.id;

--# view settlements settlements
CREATE VIEW settlements AS
SELECT r.merchant_id, r.merchant_trade_no, CASE WHEN r.trade_no <> '' THEN r.trade_no END AS trade_no, r.settled_on, r.paid_on, r.gross,
       r.fee_milli / 1000.0 AS fee, r.net_milli / 1000.0 AS net, f.name AS file, r.line AS row
  FROM statement_rows r JOIN statements f ON f.id = r.statement_id
 WHERE r.is_card = 1;

--# table form_calls form_calls
CREATE TABLE form_calls (
  -- The attempts that were sent by the form API of 全方位金流 (AIO); append-only. Their requests carry no stamp that ends them.
  attempt_id  INTEGER PRIMARY KEY REFERENCES attempts (id)  -- the call
) STRICT;

--# trigger form_calls_do_not_change form_calls
CREATE TRIGGER form_calls_do_not_change BEFORE UPDATE ON form_calls BEGIN
  SELECT RAISE(ABORT, 'how an attempt was sent is never changed');
END;

--# trigger form_calls_are_kept form_calls
CREATE TRIGGER form_calls_are_kept BEFORE DELETE ON form_calls BEGIN
  SELECT RAISE(ABORT, 'how an attempt was sent is never deleted');
END;

--# trigger orders_check orders
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

--# trigger orders_keep_their_number orders
CREATE TRIGGER orders_keep_their_number BEFORE UPDATE OF id, merchant_id, merchant_trade_no, trade_no, created_at ON orders BEGIN
  SELECT RAISE(ABORT, 'only capture, expected_amount, installments and memo of an order may be changed')
    WHERE NEW.id IS NOT OLD.id OR NEW.merchant_id IS NOT OLD.merchant_id OR NEW.merchant_trade_no IS NOT OLD.merchant_trade_no
       OR NEW.trade_no IS NOT OLD.trade_no OR NEW.created_at IS NOT OLD.created_at;
END;

--# trigger orders_change_check orders
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

--# trigger orders_keep_their_id orders
CREATE TRIGGER orders_keep_their_id BEFORE UPDATE ON orders WHEN NEW.id IS NOT OLD.id BEGIN
  SELECT RAISE(ABORT, 'only capture, expected_amount, installments and memo of an order may be changed');
END;

--# trigger orders_added orders
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

--# trigger orders_changed orders
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

--# view closings closings
CREATE VIEW closings AS
SELECT order_id, strftime('%Y-%m-%d %H:%M:%S', row_at / 1000 + 28800, 'unixepoch') AS row_at, amount, status, nth,
       strftime('%Y-%m-%d %H:%M:%S', min(at) / 1000 + 28800, 'unixepoch') AS seen_at
  FROM (SELECT e.order_id, e.at, json_extract(r.value, '$.at') AS row_at, json_extract(r.value, '$.amount') AS amount,
               json_extract(r.value, '$.status') AS status,
               row_number() OVER (PARTITION BY e.id, r.value ORDER BY r.key) AS nth
          FROM orders o JOIN events e ON e.merchant_trade_no = o.merchant_trade_no AND e.order_id = o.id, json_each(e.detail, '$.card.rows') r
         WHERE e.kind = 'observed') AS shown
 GROUP BY order_id, row_at, amount, status, nth;

--# trigger journal_is_what_is_shown journal
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

--# table journal_by_day journal_by_day
CREATE TABLE journal_by_day (
  -- The movements of each day, up to daemon.summed_to.
  day         TEXT    NOT NULL,               -- as in journal
  merchant_id TEXT    NOT NULL,               -- as in journal
  movement_id INTEGER NOT NULL,               -- journal.id
  PRIMARY KEY (day, merchant_id, movement_id)
) STRICT, WITHOUT ROWID;

--# view day_sums day_sums
CREATE VIEW day_sums AS
-- All movements, those too that are not added up yet: several lines of a day and kind.
SELECT merchant_id, day, kind, amount, count FROM journal_days
UNION ALL
SELECT merchant_id, day, kind, amount, 1 FROM journal WHERE id > (SELECT summed_to FROM daemon);

--# view day_movements day_movements
CREATE VIEW day_movements AS
SELECT day, merchant_id, movement_id FROM journal_by_day
UNION ALL
SELECT day, merchant_id, id FROM journal WHERE id > (SELECT summed_to FROM daemon);

--# index attempts_open attempts
CREATE UNIQUE INDEX attempts_open ON attempts (order_id) WHERE ended_at IS NULL;

--# trigger attempts_begin_without_an_end attempts
CREATE TRIGGER attempts_begin_without_an_end BEFORE INSERT ON attempts WHEN NEW.ended_at IS NOT NULL BEGIN
  SELECT RAISE(ABORT, 'an attempt has ended when its state says so: what became of a call is told by ecpayd resolve');
END;

--# trigger attempts_tell_their_end attempts
CREATE TRIGGER attempts_tell_their_end AFTER UPDATE OF state, ended_at ON attempts
  WHEN (NEW.ended_at IS NULL) <> (NEW.is_open = 1) BEGIN
  SELECT RAISE(ABORT, 'an attempt has ended when its state says so: what became of a call is told by ecpayd resolve');
END;
