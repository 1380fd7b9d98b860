//! The same of `voucher_orders`: rows that are taken or refused as a second reading of the contract says.

use std::collections::BTreeMap;

use super::super::dice::Dice;
use super::super::ledger::{OTHER_MERCHANT, Shop, Value};
use super::super::scripted::MERCHANT;
use super::books::{Books, Row};
use super::model::{LAST_ID, as_integer, as_text, is_date};
use super::statement::{anything, conflict};
use super::{Conflict, SENTENCES};

const READ: &str = "
SELECT 'orders', concat_ws(char(31), id, merchant_id, ifnull(merchant_trade_no, ''), ifnull(free_trade_no, ''), created_at, guard, hex(memo))
  FROM voucher_orders
UNION ALL SELECT 'states', concat_ws(char(31), voucher_id, merchant_id, number, state) FROM voucher_state
UNION ALL SELECT 'shown', ifnull(merchant_trade_no, free_trade_no) FROM voucher_status";

const COLUMNS: [&str; 7] = ["merchant_id", "merchant_trade_no", "free_trade_no", "guard", "memo", "id", "created_at"];

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Rows {
    orders: BTreeMap<i64, Row>,
    states: BTreeMap<i64, Row>,
    shown: usize,
}

impl Rows {
    fn of(shop: &mut Shop) -> Self {
        let mut rows = Self::default();
        for (table, text) in shop.pairs(READ) {
            let row: Row = text.split('\u{1f}').map(str::to_owned).collect();
            let into = match table.as_str() {
                "orders" => &mut rows.orders,
                "states" => &mut rows.states,
                _ => {
                    rows.shown += 1;
                    continue;
                }
            };
            into.insert(row[0].parse().expect("an id"), row);
        }
        rows
    }

    /// What was there is there, and what is new is whole and shown.
    fn follow(&self, before: &Self, context: &dyn Fn() -> String) {
        let kept = |(id, row): (&i64, &Row)| self.orders.get(id).is_some_and(|now| now[..5] == row[..5]);
        assert!(before.orders.iter().all(kept), "a voucher order has changed: {}", context());
        assert!(before.states.iter().all(|(id, row)| self.states.get(id) == Some(row)), "{}", context());
        assert_eq!((self.shown, self.states.len()), (self.orders.len(), self.orders.len()), "{}", context());
        for (id, order) in &self.orders {
            let (sold, free, state) = (&order[2], &order[3], &self.states[id]);
            assert!(sold.is_empty() != free.is_empty(), "both numbers or neither: {}", context());
            assert!(sold.is_empty() || is_number(sold, 25), "{}", context());
            assert!(free.is_empty() || is_number(free, 20), "{}", context());
            assert!(["0", "1"].contains(&order[5].as_str()), "{}", context());
            assert_eq!((&state[1], state[2].as_str()), (&order[1], format!("{sold}{free}").as_str()), "{}", context());
        }
    }

    /// Rows that are new, and those whose guard is another.
    fn told(&self, before: &Self) -> usize {
        let changed = |(id, row): (&i64, &Row)| before.orders.get(id).is_none_or(|old| old[5] != row[5]);
        self.orders.iter().filter(|order| changed(*order)).count()
    }
}

enum Write {
    Insert(Vec<(&'static str, Value)>),
    Update { column: &'static str, value: Value, of: Option<&'static str> },
    Delete,
}

/// What stands there afterwards; nothing when the transaction is gone.
pub fn step(shop: &mut Shop, before: &Books, dice: &mut Dice<'_>) -> Option<Books> {
    let rows = Rows::of(shop);
    let write = read(dice);
    let conflict = conflict(dice, matches!(write, Write::Insert(_)));
    let (text, values) = sql(&write, conflict);
    let done = shop.run(&text, &values);
    let (books, after) = (Books::of(shop), Rows::of(shop));
    let context = || format!("{text} {values:?}: {done:?}");
    let expected = is_taken(&write, conflict, &rows);
    match &done {
        Ok(_) => {
            after.follow(&rows, &context);
            books.only_told(before, after.told(&rows), &context);
            if let (Write::Insert(_), Some(expected)) = (&write, expected) {
                assert_eq!(after.orders.len() > rows.orders.len(), expected, "the model says otherwise: {}", context());
            } else {
                assert_ne!(expected, Some(false), "the model refuses it: {}", context());
            }
        }
        Err(said) => {
            assert_ne!(expected, Some(true), "the model takes it: {}", context());
            assert!(SENTENCES.iter().any(|known| said.contains(known)), "no sentence: {}", context());
            match conflict {
                // Rolled back to where the ledger stood before this input.
                Conflict::Rollback => return None,
                // Rows before the refused one stay, by the shop's own wish.
                Conflict::Fail => after.follow(&rows, &context),
                _ => assert_eq!(
                    (&after, &books),
                    (&rows, before),
                    "a refused write has changed something: {}",
                    context()
                ),
            }
        }
    }
    Some(books)
}

fn read(dice: &mut Dice<'_>) -> Write {
    match dice.below(8) {
        0..=4 => {
            let free = dice.below(4) == 3;
            let mut values = Vec::new();
            for (index, column) in COLUMNS.iter().enumerate() {
                let wanted = index == 0 || (index == 1 && !free) || (index == 2 && free);
                if wanted != (dice.below(8) == 7) {
                    values.push((*column, value(column, dice)));
                }
            }
            Write::Insert(values)
        }
        5 | 6 => {
            let column =
                dice.one_of(&["guard", "guard", "memo", "merchant_trade_no", "free_trade_no", "id", "created_at"]);
            Write::Update {
                column,
                value: value(column, dice),
                of: dice.one_of(&[None, Some("V1"), Some("P1"), Some("V2")]),
            }
        }
        _ => Write::Delete,
    }
}

fn value(column: &str, dice: &mut Dice<'_>) -> Value {
    let text = |text: &str| Value::Text(text.to_owned());
    if dice.below(6) == 5 {
        return anything(dice);
    }
    match column {
        "merchant_id" => text(dice.one_of(&[MERCHANT, MERCHANT, OTHER_MERCHANT, "9"])),
        "merchant_trade_no" => text(dice.one_of(&[
            "V1",
            "V2",
            "P1",
            "abcdefghijABCDEFGHIJ12345",
            "abcdefghijABCDEFGHIJ123456",
            "V 1",
            "",
            "V\0",
        ])),
        "free_trade_no" => {
            text(dice.one_of(&["F1", "V1", "F2", "abcdefghijABCDEFGHIJ", "abcdefghijABCDEFGHIJ1", "贈1", ""]))
        }
        "guard" => Value::Integer(dice.one_of(&[0, 1, 0, 1, 2, -1])),
        "memo" => text(dice.one_of(&["", "hotel"])),
        "id" => Value::Integer(dice.one_of(&[1, 2, 5, -1, 0, 77, i64::MAX])),
        _ => Value::Integer(dice.one_of(&[1_785_556_800_000, 0, i64::MAX, i64::MIN])),
    }
}

fn sql(write: &Write, conflict: Conflict) -> (String, Vec<Value>) {
    let or = conflict.clause();
    match write {
        Write::Insert(values) if values.is_empty() => {
            (format!("INSERT{or} INTO voucher_orders DEFAULT VALUES"), Vec::new())
        }
        Write::Insert(values) => {
            let columns: Vec<_> = values.iter().map(|(column, _)| *column).collect();
            let marks = vec!["?"; values.len()].join(", ");
            let upsert = match conflict {
                Conflict::DoNothing => " ON CONFLICT DO NOTHING",
                Conflict::DoUpdate => " ON CONFLICT DO UPDATE SET guard = excluded.guard",
                _ => "",
            };
            let text = format!("INSERT{or} INTO voucher_orders ({}) VALUES ({marks}){upsert}", columns.join(", "));
            (text, values.iter().map(|(_, value)| value.clone()).collect())
        }
        Write::Update { column, value, of } => {
            let only = of.map_or(String::new(), |no| format!(" WHERE merchant_trade_no = '{no}'"));
            (format!("UPDATE{or} voucher_orders SET {column} = ?{only}"), vec![value.clone()])
        }
        Write::Delete => ("DELETE FROM voucher_orders".to_owned(), Vec::new()),
    }
}

/// Does an INSERT add its row, is an UPDATE or a DELETE done? Nothing where the model does not say.
fn is_taken(write: &Write, conflict: Conflict, before: &Rows) -> Option<bool> {
    match write {
        Write::Insert(values) => {
            // OR REPLACE puts the default in the place of a NULL that a column does not take.
            let filled_in = values.iter().any(|(_, value)| *value == Value::Null) && conflict == Conflict::Replace;
            (!filled_in).then(|| adds_a_row(values, before))
        }
        Write::Update { column: "guard", value, of } if conflict == Conflict::Plain => {
            let meant = before.orders.values().any(|order| of.is_none_or(|no| order[2] == no));
            Some(!meant || matches!(as_integer(value), Some(Some(0 | 1))))
        }
        Write::Update { .. } => None,
        Write::Delete => Some(before.orders.is_empty()),
    }
}

fn adds_a_row(values: &[(&'static str, Value)], before: &Rows) -> bool {
    let given = |column: &str| values.iter().find(|(name, _)| *name == column).map(|(_, value)| value);
    // As it is stored: nothing where the column refuses it, and None for NULL and for what is left out.
    let text = |column: &str| given(column).map_or(Some(None), as_text);
    let integer = |column: &str| given(column).map_or(Some(None), as_integer);
    let (Some(merchant), Some(sold), Some(free), Some(_)) =
        (text("merchant_id"), text("merchant_trade_no"), text("free_trade_no"), text("memo"))
    else {
        return false;
    };
    let (Some(guard), Some(id), Some(created_at)) = (integer("guard"), integer("id"), integer("created_at")) else {
        return false;
    };
    let merchant = merchant.unwrap_or_default();
    let one = sold.is_some() != free.is_some();
    let numbers = sold.as_ref().is_none_or(|no| is_number(no, 25)) && free.as_ref().is_none_or(|no| is_number(no, 20));
    let guarded = guard.map_or(given("guard").is_none(), |guard| [0, 1].contains(&guard));
    let dated = created_at.map_or(given("created_at").is_none(), |at| is_date(&at.to_string()));
    let new = id.is_none_or(|id| id <= LAST_ID && !before.orders.contains_key(&id));
    let name = [merchant.clone(), sold.unwrap_or_default(), free.unwrap_or_default()];
    let twin = before.orders.values().any(|order| order[1..4] == name);
    [MERCHANT, OTHER_MERCHANT].contains(&merchant.as_str()) && one && numbers && guarded && dated && new && !twin
}

fn is_number(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}
