//! A second reading of the contract: does an INSERT add its row?

use super::super::ledger::{OTHER_MERCHANT, Value};
use super::super::scripted::MERCHANT;
use super::books::{Books, Row, is_amount, is_number};
use super::statement::{Conflict, Statement, Table};

/// Nothing where the model does not say.
pub fn adds_a_row(statement: &Statement, before: &Books) -> Option<bool> {
    let Statement::Insert { table, conflict, values } = statement else { return None };
    let given = Given { table: *table, values };
    // OR REPLACE puts the default in the place of a NULL that a column does not take.
    let filled_in = values.iter().any(|(_, value)| *value == Value::Null) && *conflict == Conflict::Replace;
    (!filled_in).then(|| given.fits_its_columns() && given.is_new(before) && given.is_allowed(before))
}

struct Given<'s> {
    table: Table,
    values: &'s [(&'static str, Value)],
}

/// A higher one would leave SQLite none to give out.
pub const LAST_ID: i64 = (1 << 53) - 1;

impl Given<'_> {
    /// As it is stored: nothing for NULL and for a column that is left out.
    fn text(&self, column: &str) -> Option<String> {
        let (_, value) = self.values.iter().find(|(name, _)| *name == column)?;
        if is_integer(column) { as_integer(value)?.map(|n| n.to_string()) } else { as_text(value)? }
    }

    fn is_null(&self, column: &str) -> bool {
        self.values.iter().any(|(name, value)| *name == column && *value == Value::Null)
    }

    fn fits_its_columns(&self) -> bool {
        let fits = |(column, value): &(&str, Value)| {
            if is_integer(column) { as_integer(value).is_some() } else { as_text(value).is_some() }
        };
        self.values.iter().all(fits)
    }

    fn number(&self) -> String {
        self.text("merchant_trade_no").unwrap_or_default()
    }

    fn merchant(&self) -> String {
        self.text("merchant_id").unwrap_or_default()
    }

    fn is_new(&self, before: &Books) -> bool {
        let (rows, states) = match self.table {
            Table::Orders => (&before.orders, &before.states),
            _ => (&before.intents, &before.refunds),
        };
        let id = self.text("id").map(|id| id.parse::<i64>().expect("a whole number"));
        let free = id.is_none_or(|id| id <= LAST_ID && !rows.contains_key(&id) && !states.contains_key(&id));
        let twin = match self.table {
            Table::Orders => {
                let trade_no = self.text("trade_no").unwrap_or_default();
                let name = [self.merchant(), self.number(), trade_no];
                rows.values().any(|order| order[1..4] == name)
            }
            _ => {
                let key = in_hex(&self.text("request_key").unwrap_or_default());
                rows.values().any(|intent| intent[6] == key)
            }
        };
        free && !twin
    }

    fn is_allowed(&self, before: &Books) -> bool {
        let whose = [MERCHANT, OTHER_MERCHANT].contains(&self.merchant().as_str()) && is_number(&self.number());
        let trade_no = self.text("trade_no").is_none_or(|no| is_number(&no));
        let added = self.table == Table::Orders || self.fitting(before).is_empty();
        let amount = |column| self.text(column).is_none_or(|dollars| is_amount(&dollars));
        let dated = !self.is_null("created_at") && self.text("created_at").is_none_or(|at| is_date(&at));
        whose
            && trade_no
            && !(added && self.is_another_orders_authorization(before))
            && dated
            && match self.table {
                Table::Orders => {
                    let capture = self.text("capture").map(|word| ["auto", "now", "hold"].contains(&word.as_str()));
                    amount("expected_amount") && !self.is_null("capture") && capture.unwrap_or(true)
                }
                _ => {
                    let key = self.text("request_key").unwrap_or_default();
                    let cancel = !self.is_null("cancel") && self.text("cancel").is_none_or(|n| n == "0");
                    amount("amount") && is_key(&key) && cancel && self.leaves_enough(before)
                }
            }
    }

    fn orders<'b>(&self, before: &'b Books) -> Vec<&'b Row> {
        let (merchant, number) = (self.merchant(), self.number());
        before.orders.values().filter(|order| order[1] == merchant && order[2] == number).collect()
    }

    /// The orders that a refund goes to: the order itself, or the authorization that is named.
    fn fitting<'b>(&self, before: &'b Books) -> Vec<&'b Row> {
        let trade_no = self.text("trade_no");
        let named = |order: &&Row| {
            let seen = order[3].is_empty() && Some(&state_of(before, order)[9]) == trade_no.as_ref();
            trade_no.as_ref().is_none_or(|no| *no == order[3]) || seen
        };
        self.orders(before).into_iter().filter(named).collect()
    }

    /// It was seen to be that of an order with another number.
    fn is_another_orders_authorization(&self, before: &Books) -> bool {
        let (merchant, number, trade_no) = (self.merchant(), self.number(), self.text("trade_no"));
        let seen = |state: &Row| state[1] == merchant && Some(&state[9]) == trade_no.as_ref();
        before.states.values().any(|state| seen(state) && state[2] != number)
    }

    /// What is left of the order that the refund goes to is enough.
    fn leaves_enough(&self, before: &Books) -> bool {
        let orders = self.orders(before);
        let plain = orders.iter().any(|order| order[3].is_empty());
        if self.text("trade_no").is_none() && !orders.is_empty() && !plain {
            return false;
        }
        let mut fitting = self.fitting(before);
        fitting.sort_by_key(|order| !order[3].is_empty());
        let Some(order) = fitting.first() else { return true };
        match (state_of(before, order)[4].parse::<i64>(), self.text("amount")) {
            (Ok(left), Some(amount)) => {
                before.asked_for(&order[0], left) + amount.parse::<i64>().expect("an amount") <= left
            }
            _ => true,
        }
    }
}

fn state_of<'b>(before: &'b Books, order: &Row) -> &'b Row {
    &before.states[&order[0].parse::<i64>().expect("an id")]
}

/// Readable by everybody, on one line.
fn is_key(key: &str) -> bool {
    let plain = |c: char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    !key.trim_matches(' ').is_empty() && key.chars().count() <= 200 && key.chars().all(plain)
}

/// From the year 2000 to 9999, in milliseconds.
pub fn is_date(at: &str) -> bool {
    at.parse().is_ok_and(|at: i64| (946_684_800_000..=253_402_300_799_999).contains(&at))
}

fn is_integer(column: &str) -> bool {
    matches!(column, "expected_amount" | "amount" | "cancel" | "id" | "created_at")
}

/// What a TEXT column of a STRICT table makes of a value; nothing where it is refused.
pub fn as_text(value: &Value) -> Option<Option<String>> {
    match value {
        Value::Null => Some(None),
        Value::Integer(number) => Some(Some(number.to_string())),
        Value::Real(number) if number.is_infinite() => Some(Some("Inf".to_owned())),
        Value::Real(number) if *number > 1e17 => Some(Some("1.0e+300".to_owned())),
        Value::Real(number) => Some(Some(format!("{number:?}"))),
        Value::Text(text) => Some(Some(text.clone())),
        Value::Blob(_) => None,
    }
}

/// And an INTEGER column.
pub fn as_integer(value: &Value) -> Option<Option<i64>> {
    let whole = |number: f64| (number.trunc() == number && number.abs() < 9.0e15).then(|| format!("{number:.0}"));
    match value {
        Value::Null => Some(None),
        Value::Integer(number) => Some(Some(*number)),
        Value::Real(number) => whole(*number)?.parse().ok().map(Some),
        Value::Text(text) => {
            let digits = text.trim_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
            let numeric = digits.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
            let exact = digits.parse::<i64>().ok();
            let number = exact.or_else(|| whole(digits.parse().ok()?)?.parse().ok());
            number.filter(|_| numeric).map(Some)
        }
        Value::Blob(_) => None,
    }
}

fn in_hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02X}")).collect()
}
