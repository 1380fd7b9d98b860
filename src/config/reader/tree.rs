//! The parsed settings as a tree in which every value knows its place.

use std::collections::BTreeMap;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::problem::{Place, Report};

pub type Table = BTreeMap<String, Node>;

// No Debug: the tree holds keys in plain text until the sections are read.
pub struct Node {
    pub(super) value: Value,
    pub(super) place: Place,
}

pub(super) enum Value {
    Text(String),
    Integer(i64),
    Boolean(bool),
    List(Vec<Node>),
    Table(Table),
    /// A kind that no setting has.
    Other(&'static str),
}

impl Node {
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Text(_) => "a string",
            Value::Integer(_) => "an integer",
            Value::Boolean(_) => "a boolean",
            Value::List(_) => "a list",
            Value::Table(_) => "a section",
            Value::Other(kind) => kind,
        }
    }
}

/// The tree of `text`, or None after reporting every error of syntax.
pub fn parse(text: &str, report: &Report) -> Option<Table> {
    let lines = Lines::of(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        // Only the message: the error's own Display quotes the line, and a key may stand there.
        let place = error.span().map_or(Place::File, |span| lines.place(span.start));
        report.problem(&place, format!("not TOML: {}", error.message().to_lowercase()));
    }
    errors.is_empty().then(|| lines.table(table.get_ref()))
}

struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    fn of(text: &str) -> Self {
        Self { starts: text.match_indices('\n').map(|(at, _)| at + 1).collect() }
    }

    fn place(&self, offset: usize) -> Place {
        Place::Line(self.starts.partition_point(|start| *start <= offset) + 1)
    }

    /// A section stands where its heading does: that is the span the parser gives it.
    fn table(&self, table: &DeTable<'_>) -> Table {
        table.iter().map(|(key, value)| (key.get_ref().to_string(), self.node(value))).collect()
    }

    fn node(&self, value: &Spanned<DeValue<'_>>) -> Node {
        let place = self.place(value.span().start);
        let value = match value.get_ref() {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Boolean(yes) => Value::Boolean(*yes),
            DeValue::Integer(digits) => match i64::from_str_radix(digits.as_str(), digits.radix()) {
                Ok(number) => Value::Integer(number),
                Err(_) => Value::Other("an integer of more than 64 bits"),
            },
            DeValue::Float(_) => Value::Other("a number with a fraction"),
            DeValue::Datetime(_) => Value::Other("a bare date or time"),
            DeValue::Array(items) => Value::List(items.iter().map(|item| self.node(item)).collect()),
            DeValue::Table(table) => Value::Table(self.table(table)),
        };
        Node { value, place }
    }
}
