//! All that stands in the ledger at one moment, and what one write of a shop may make of it.

use std::collections::BTreeMap;

use super::super::ledger::Shop;

/// Columns parted by a character that none of them holds: what a shop words freely is in hex.
const READ: &str = "
SELECT 'orders', concat_ws(char(31), id, merchant_id, merchant_trade_no, ifnull(trade_no, ''), created_at,
       quote(expected_amount), capture, hex(memo)) FROM orders
UNION ALL SELECT 'states', concat_ws(char(31), order_id, merchant_id, merchant_trade_no, asked_trade_no,
       coalesce(left_amount, amount, ''), ifnull(next_at, ''), revision, rank, state, ifnull(trade_no, '')) FROM order_state
UNION ALL SELECT 'intents', concat_ws(char(31), id, merchant_id, merchant_trade_no, ifnull(trade_no, ''), created_at,
       ifnull(amount, ''), hex(request_key), hex(reason), cancel) FROM refund_intents
UNION ALL SELECT 'refunds', concat_ws(char(31), intent_id, order_id, hex(request_key), refunded_amount, state) FROM refunds
UNION ALL SELECT 'events', concat_ws(char(31), id, at, ifnull(merchant_id, ''), ifnull(merchant_trade_no, ''),
       ifnull(order_id, ''), kind, detail) FROM events
UNION ALL SELECT 'attempts', concat_ws(char(31), id, order_id, ifnull(refund_id, ''), action, amount, trade_no, state) FROM attempts
UNION ALL SELECT 'order_status', merchant_trade_no FROM order_status
UNION ALL SELECT 'refund_status', request_key FROM refund_status";

pub type Row = Vec<String>;

/// Rows by id; each begins with what never changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books {
    pub orders: BTreeMap<i64, Row>,
    pub states: BTreeMap<i64, Row>,
    pub intents: BTreeMap<i64, Row>,
    pub refunds: BTreeMap<i64, Row>,
    events: BTreeMap<i64, Row>,
    attempts: BTreeMap<i64, Row>,
    shown: [usize; 2],
}

/// How many columns from the front stay as they are.
const OF_AN_ORDER: usize = 5;
const OF_AN_INTENT: usize = 8;
const OF_A_REFUND: usize = 4;

impl Books {
    pub fn of(shop: &mut Shop) -> Self {
        let mut books = Self::default();
        for (table, text) in shop.pairs(READ) {
            let row: Row = text.split('\u{1f}').map(str::to_owned).collect();
            let id = row[0].parse();
            let rows = match table.as_str() {
                "orders" => &mut books.orders,
                "states" => &mut books.states,
                "intents" => &mut books.intents,
                "refunds" => &mut books.refunds,
                "events" => &mut books.events,
                "attempts" => &mut books.attempts,
                "order_status" => {
                    books.shown[0] += 1;
                    continue;
                }
                _ => {
                    books.shown[1] += 1;
                    continue;
                }
            };
            rows.insert(id.expect("an id"), row);
        }
        books
    }

    /// What [`super::SEEN`] does to them.
    pub fn are_seen(&mut self) {
        for state in self.states.values_mut().filter(|state| !state[5].is_empty()) {
            state[5] = "4102444800000".to_owned();
            state[7] = "2".to_owned();
        }
    }

    /// Orders that are due at once.
    pub fn due(&self) -> usize {
        self.states.values().filter(|state| state[5] == "0").count()
    }

    /// Refunds of an order that are asked for and not ended, in dollars; an open "all" is all that is left.
    pub fn asked_for(&self, order: &str, left: i64) -> i64 {
        let open = |refund: &&Row| refund[1] == order && refund[4] != "done" && refund[4] != "rejected";
        let open = self.refunds.values().filter(open).filter(|refund| refund[4] != "canceled");
        open.map(|refund| self.amount_of(&refund[0]).unwrap_or(left)).sum()
    }

    fn amount_of(&self, intent: &str) -> Option<i64> {
        let id: i64 = intent.parse().expect("an id");
        self.intents[&id][5].parse().ok()
    }

    /// What was there is there, and what is new is whole, shown and due.
    pub fn follows(&self, before: &Self, context: &dyn Fn() -> String) {
        let same = |now: &BTreeMap<i64, Row>, then: &BTreeMap<i64, Row>, columns: usize| {
            then.iter().all(|(id, row)| now.get(id).is_some_and(|kept| kept[..columns] == row[..columns]))
        };
        let kept = same(&self.orders, &before.orders, OF_AN_ORDER)
            && same(&self.intents, &before.intents, OF_AN_INTENT)
            && same(&self.refunds, &before.refunds, OF_A_REFUND)
            && same(&self.states, &before.states, 4)
            && same(&self.events, &before.events, 7);
        assert!(kept, "history has changed: {}", context());
        assert_eq!(self.attempts, before.attempts, "{}", context());
        assert_eq!(self.shown, [self.orders.len(), self.intents.len()], "a row is not shown: {}", context());
        self.orders_are_whole(before, context);
        self.refunds_are_whole(before, context);
        self.is_told(before, context);
    }

    /// Nothing of orders and refunds is another, and so many events are new.
    pub fn only_told(&self, before: &Self, events: usize, context: &dyn Fn() -> String) {
        let tables =
            |books: &Self| (books.orders.clone(), books.intents.clone(), books.refunds.clone(), books.attempts.clone());
        assert!(tables(self) == tables(before) && self.shown == before.shown, "{}", context());
        assert!(before.events.iter().all(|(id, event)| self.events.get(id) == Some(event)), "{}", context());
        assert_eq!(self.events.len() - before.events.len(), events, "each change has its event: {}", context());
    }

    fn orders_are_whole(&self, before: &Self, context: &dyn Fn() -> String) {
        assert_eq!(self.orders.len(), self.states.len(), "{}", context());
        for (id, order) in &self.orders {
            let state = &self.states[id];
            assert_eq!(order[1..4], state[1..4], "{}", context());
            assert!(is_number(&order[2]) && (order[3].is_empty() || is_number(&order[3])), "{}", context());
            assert!(["auto", "now", "hold"].contains(&order[6].as_str()), "{}", context());
            assert!(order[5] == "NULL" || is_amount(&order[5]), "{}", context());
            if before.orders.get(id) != Some(order) {
                assert_eq!(state[5], "0", "a written order is not due: {}", context());
            }
        }
    }

    fn refunds_are_whole(&self, before: &Self, context: &dyn Fn() -> String) {
        assert_eq!(self.intents.len(), self.refunds.len(), "{}", context());
        for (id, intent) in &self.intents {
            let refund = &self.refunds[id];
            let order_id: i64 = refund[1].parse().expect("an id");
            let (order, state) = (&self.orders[&order_id], &self.states[&order_id]);
            assert_eq!(intent[1..3], order[1..3], "a refund of another order: {}", context());
            let named = intent[3] == order[3] || (order[3].is_empty() && intent[3] == state[9]);
            assert!(named, "a refund of another authorization: {}", context());
            assert_eq!(intent[6], refund[2], "{}", context());
            assert!(intent[5].is_empty() || is_amount(&intent[5]), "{}", context());
            assert!(refund[4] != "canceled" || intent[8] == "1", "{}", context());
            if before.intents.get(id) == Some(intent) {
                assert_eq!(before.refunds[id], *refund, "{}", context());
                continue;
            }
            assert_eq!(state[5], "0", "the order of a written refund is not due: {}", context());
            if let Some(old) = before.refunds.get(id) {
                let open = ["queued", "waiting", "review", "canceled"].contains(&old[4].as_str());
                assert!(open && refund[4] == "canceled", "{}", context());
            } else if let (Ok(left), Ok(amount)) = (state[4].parse::<i64>(), intent[5].parse::<i64>()) {
                let asked = before.asked_for(&refund[1], left);
                assert!(asked + amount <= left, "NT${amount} beside {asked} of {left}: {}", context());
            }
        }
    }

    /// Each change has its event.
    fn is_told(&self, before: &Self, context: &dyn Fn() -> String) {
        let of = |kind: &str| {
            let new = self.events.iter().filter(|(id, _)| !before.events.contains_key(id));
            new.filter(|(_, event)| event[event.len() - 2] == kind).count()
        };
        let changed = |(id, row): (&i64, &Row)| before.orders.get(id).is_some_and(|old| old[5..7] != row[5..7]);
        let canceled = |(id, row): (&i64, &Row)| before.intents.get(id).is_some_and(|old| old[8] != row[8]);
        let expected = [
            ("order_registered", self.orders.len() - before.orders.len()),
            ("refund_queued", self.intents.len() - before.intents.len()),
            ("order_changed", self.orders.iter().filter(|order| changed(*order)).count()),
            ("refund_canceled", self.intents.iter().filter(|intent| canceled(*intent)).count()),
        ];
        for (kind, count) in expected {
            assert_eq!(of(kind), count, "{kind}: {}", context());
        }
        let told: usize = expected.iter().map(|(_, count)| count).sum();
        assert_eq!(self.events.len() - before.events.len(), told, "{}", context());
    }
}

pub fn is_number(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

pub fn is_amount(text: &str) -> bool {
    text.parse::<i64>().is_ok_and(|dollars| (1..=2_147_483_647).contains(&dollars))
}
