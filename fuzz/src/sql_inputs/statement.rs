//! A shop's statement, read off the fuzzer's bytes.

use super::super::dice::Dice;
use super::super::ledger::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    Orders,
    Refunds,
    Events,
    Attempts,
}

impl Table {
    fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Refunds => "refund_intents",
            Self::Events => "events",
            Self::Attempts => "attempts",
        }
    }

    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Orders => &ORDERS,
            _ => &REFUNDS,
        }
    }
}

const ORDERS: [&str; 8] =
    ["merchant_id", "merchant_trade_no", "trade_no", "expected_amount", "capture", "memo", "id", "created_at"];
const REFUNDS: [&str; 9] =
    ["merchant_id", "merchant_trade_no", "trade_no", "amount", "request_key", "reason", "cancel", "id", "created_at"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    Plain,
    Abort,
    Fail,
    Ignore,
    Replace,
    Rollback,
    /// `ON CONFLICT DO NOTHING`, of an INSERT.
    DoNothing,
    /// `ON CONFLICT DO UPDATE`, of an INSERT.
    DoUpdate,
}

impl Conflict {
    /// Behind the verb; those of an INSERT's end have none there.
    pub fn clause(self) -> &'static str {
        match self {
            Self::Abort => " OR ABORT",
            Self::Fail => " OR FAIL",
            Self::Ignore => " OR IGNORE",
            Self::Replace => " OR REPLACE",
            Self::Rollback => " OR ROLLBACK",
            Self::Plain | Self::DoNothing | Self::DoUpdate => "",
        }
    }
}

#[derive(Clone, Debug)]
pub enum Statement {
    Insert { table: Table, conflict: Conflict, values: Vec<(&'static str, Value)> },
    Update { table: Table, conflict: Conflict, column: &'static str, value: Value, of: Option<&'static str> },
    Delete { table: Table, of: Option<&'static str> },
}

impl Statement {
    pub fn read(choice: usize, dice: &mut Dice<'_>) -> Self {
        let table = if dice.below(2) == 0 { Table::Orders } else { Table::Refunds };
        match choice {
            5..=10 => {
                let conflict = conflict(dice, true);
                let mut values = Vec::new();
                // The first two name the order; the others come or not.
                for (index, column) in table.columns().iter().enumerate() {
                    let wanted = index < 2 || *column == "request_key";
                    if wanted != (dice.below(8) == 7) {
                        values.push((*column, value(column, dice)));
                    }
                }
                Self::Insert { table, conflict, values }
            }
            11..=14 => {
                let column = dice.one_of(table.columns());
                let value = value(column, dice);
                Self::Update { table, conflict: conflict(dice, false), column, value, of: of(dice) }
            }
            _ => {
                let table = dice.one_of(&[Table::Orders, Table::Refunds, Table::Events, Table::Attempts]);
                let named = matches!(table, Table::Orders | Table::Refunds);
                Self::Delete { table, of: of(dice).filter(|_| named) }
            }
        }
    }

    pub fn table(&self) -> Table {
        match self {
            Self::Insert { table, .. } | Self::Update { table, .. } | Self::Delete { table, .. } => *table,
        }
    }

    pub fn conflict(&self) -> Conflict {
        match self {
            Self::Insert { conflict, .. } | Self::Update { conflict, .. } => *conflict,
            Self::Delete { .. } => Conflict::Plain,
        }
    }

    /// An UPDATE of what an order's plan goes by.
    pub fn is_wish(&self) -> bool {
        matches!(self, Self::Update { table: Table::Orders, column: "capture" | "expected_amount" | "memo", .. })
    }

    pub fn sql(&self) -> (String, Vec<Value>) {
        let or = self.conflict().clause();
        let name = self.table().name();
        let only = |of: &Option<&str>| of.map_or(String::new(), |no| format!(" WHERE merchant_trade_no = '{no}'"));
        match self {
            Self::Insert { table, conflict, values } => {
                let columns: Vec<_> = values.iter().map(|(column, _)| *column).collect();
                let marks = vec!["?"; values.len()].join(", ");
                let upsert = match (conflict, table) {
                    (Conflict::DoNothing, _) => " ON CONFLICT DO NOTHING",
                    (Conflict::DoUpdate, Table::Orders) => " ON CONFLICT DO UPDATE SET capture = excluded.capture",
                    (Conflict::DoUpdate, _) => " ON CONFLICT DO UPDATE SET cancel = 1",
                    _ => "",
                };
                let text = if columns.is_empty() {
                    format!("INSERT{or} INTO {name} DEFAULT VALUES")
                } else {
                    format!("INSERT{or} INTO {name} ({}) VALUES ({marks}){upsert}", columns.join(", "))
                };
                (text, values.iter().map(|(_, value)| value.clone()).collect())
            }
            Self::Update { column, value, of, .. } => {
                (format!("UPDATE{or} {name} SET {column} = ?{}", only(of)), vec![value.clone()])
            }
            Self::Delete { of, .. } => (format!("DELETE FROM {name}{}", only(of)), Vec::new()),
        }
    }
}

pub fn conflict(dice: &mut Dice<'_>, insert: bool) -> Conflict {
    match dice.below(16) {
        0 => Conflict::Abort,
        1 => Conflict::Fail,
        2 | 3 => Conflict::Ignore,
        4 | 5 => Conflict::Replace,
        6 => Conflict::Rollback,
        7 if insert => Conflict::DoNothing,
        8 if insert => Conflict::DoUpdate,
        _ => Conflict::Plain,
    }
}

fn of(dice: &mut Dice<'_>) -> Option<&'static str> {
    dice.one_of(&[None, Some("P1"), Some("P2"), Some("Q1"), Some("N1"), Some("nothing")])
}

/// Mostly what belongs into the column, and now and then anything.
fn value(column: &str, dice: &mut Dice<'_>) -> Value {
    let text = |text: &str| Value::Text(text.to_owned());
    if dice.below(5) == 4 {
        return anything(dice);
    }
    match column {
        "merchant_id" => text(dice.one_of(&["3002607", "3002607", "2000132", "9"])),
        "merchant_trade_no" => text(dice.one_of(&["P1", "P2", "Q1", "N1", "N2", "N3"])),
        "trade_no" => text(dice.one_of(&["T1", "T2", "T9", "T3", ""])),
        "capture" => text(dice.one_of(&["auto", "now", "hold", "Now"])),
        "request_key" => text(dice.one_of(&["k0", "k1", "k2", "k3", "k4", "k5", "k6"])),
        "memo" | "reason" => text(dice.one_of(&["", "broken lid"])),
        "cancel" => Value::Integer(dice.one_of(&[1, 1, 0, 2])),
        "id" => Value::Integer(dice.one_of(&[1, 2, 5, -1, 0, 77])),
        "created_at" => Value::Integer(dice.one_of(&[1_785_556_800_000, 0, i64::MAX, i64::MIN])),
        _ => match dice.one_of(&[None, Some(1), Some(300), Some(700), Some(701), Some(1001), Some(0), Some(1 << 31)]) {
            None => Value::Null,
            Some(dollars) => Value::Integer(dollars),
        },
    }
}

pub fn anything(dice: &mut Dice<'_>) -> Value {
    match dice.below(8) {
        0 | 1 => Value::Null,
        2 => Value::Integer(dice.number()),
        3 => Value::Integer(i64::from(dice.byte())),
        4 => Value::Real(dice.one_of(&[0.5, 5.0, -1.0, 1e300, f64::INFINITY, 1.0])),
        5 => Value::Blob(dice.some(40).to_vec()),
        6 => Value::Text(dice.one_of(&["1", " 7 ", "1e2", "0x10", "+5", "-3", "2147483648", "auto\0"]).to_owned()),
        _ => Value::Text(String::from_utf8_lossy(dice.some(255)).into_owned()),
    }
}
