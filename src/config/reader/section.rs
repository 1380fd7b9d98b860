//! A section of the tree: who asked for which key, where it stands, and what is left over.
//!
//! serde's derive would stop at the first problem; an operator wants all of them.

use std::{collections::BTreeMap, fmt};

use super::{
    problem::{Place, Report, one_line},
    tree::{Node, Table, Value},
};

pub struct Section<'r> {
    path: String,
    place: Place,
    entries: Table,
    /// Every key asked for so far, and where it stands (the section itself if it does not).
    known: BTreeMap<&'static str, Place>,
    pub report: &'r Report,
}

/// A value of the environment is a string, whatever the key wants.
pub(super) struct Given {
    pub(super) node: Node,
    pub(super) loose: bool,
}

impl<'r> Section<'r> {
    /// Reads a whole tree. Keys that `read` never asked for are reported.
    pub fn read_root<T>(table: Table, report: &'r Report, read: impl FnOnce(&mut Self) -> T) -> T {
        Self::new(String::new(), Place::File, table, report).run(read)
    }

    fn new(path: String, place: Place, entries: Table, report: &'r Report) -> Self {
        Self { path, place, entries, known: BTreeMap::new(), report }
    }

    fn run<T>(mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let value = read(&mut self);
        for (key, node) in &self.entries {
            let near = nearest(key, self.known.keys().copied());
            let hint = near.map_or_else(|| "remove it".to_owned(), |near| format!("did you mean {near}?"));
            let key = one_line(&self.name(key));
            self.report.problem(&node.place, format!("unknown key {key}; {hint}"));
        }
        value
    }

    /// A subsection; an absent one reads as empty, so that every default applies.
    pub fn within<T>(&mut self, key: &'static str, read: impl FnOnce(&mut Self) -> T) -> T {
        let given = self.take(key).map(|given| given.node);
        let (place, table) = match given {
            None => (self.place.clone(), Table::new()),
            Some(Node { value: Value::Table(table), place }) => (place, table),
            Some(node) => {
                self.complain(key, format!("is {}; it must be a section [{}]", node.kind(), self.name(key)));
                (node.place, Table::new())
            }
        };
        Self::new(self.name(key), place, table, self.report).run(read)
    }

    /// The same, where leaving the section out means that it is not wanted.
    pub fn within_if_present<T>(&mut self, key: &'static str, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.holds(key) {
            return Some(self.within(key, read));
        }
        self.known.insert(key, self.place.clone());
        None
    }

    /// `[[key]]` sections in order; None after reporting that the key is something else.
    pub fn each<T>(&mut self, key: &'static str, mut read: impl FnMut(&mut Self) -> T) -> Option<Vec<T>> {
        let name = self.name(key);
        let items = match self.take(key).map(|given| given.node) {
            None => Vec::new(),
            Some(Node { value: Value::List(items), .. }) => items,
            Some(node) => {
                self.complain(key, format!("is {}; write [[{name}]] in double brackets", node.kind()));
                return None;
            }
        };
        let mut values = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            match item.value {
                Value::Table(table) => {
                    let section = Self::new(format!("{name}[{index}]"), item.place, table, self.report);
                    values.push(section.run(&mut read));
                }
                _ => {
                    let text = format!("{name}[{index}] is {}; write [[{name}]] in double brackets", item.kind());
                    self.report.problem(&item.place, text);
                }
            }
        }
        Some(values)
    }

    /// Asks for whatever is left: which keys may stand here is not known.
    pub fn skip_rest(&mut self) {
        self.entries.clear();
    }

    /// Reports `KEY TEXT` at the place of the key, or of the section where the key is absent.
    pub fn complain(&self, key: &str, text: impl fmt::Display) {
        self.report.problem(self.place_of(key), format!("{} {text}", self.name(key)));
    }

    pub fn place_of(&self, key: &str) -> &Place {
        self.known.get(key).unwrap_or(&self.place)
    }

    pub fn name(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Whether the key stands there and was not read yet.
    pub fn holds(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    pub(super) fn peek(&self, key: &str) -> Option<&Node> {
        self.entries.get(key)
    }

    pub(super) fn take(&mut self, key: &'static str) -> Option<Given> {
        let node = self.entries.remove(key);
        self.known.insert(key, node.as_ref().map_or(&self.place, |node| &node.place).clone());
        node.map(|node| Given { loose: matches!(node.place, Place::Env(_)), node })
    }
}

/// The known word closest to what was written, if it could be a slip of it.
pub fn nearest<'w>(written: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    // Longer than any word known: not a slip, and not worth the quadratic comparison.
    if written.len() > 40 {
        return None;
    }
    let scored = known.map(|word| (strsim::jaro_winkler(written, word), word));
    scored.filter(|(score, _)| *score > 0.75).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, word)| word)
}
