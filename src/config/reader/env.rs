//! `ECPAYD_SECTION__KEY=value` over what the file says.

use super::{
    problem::{Place, Report},
    tree::{Node, Table, Value},
};

const PREFIX: &str = "ECPAYD_";
/// Names the settings file itself; the command line reads it.
const RESERVED: &str = "ECPAYD_CONFIG";
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

#[derive(Default)]
pub struct Environment {
    overrides: Vec<Override>,
    /// Where systemd puts `LoadCredential=`.
    pub credentials: Option<String>,
}

struct Override {
    name: String,
    path: Vec<String>,
    value: String,
}

impl Override {
    /// Merchants in the order of their index, so that new ones line up after the file's.
    fn rank(&self) -> (usize, &str) {
        (self.merchant().unwrap_or(0), &self.name)
    }

    fn merchant(&self) -> Option<usize> {
        match self.path.as_slice() {
            [first, index, _, ..] if first == "merchant" => index.parse().ok(),
            _ => None,
        }
    }
}

impl Environment {
    pub fn of(variables: impl Iterator<Item = (String, String)>) -> Self {
        let mut env = Self::default();
        for (name, value) in variables {
            if name == CREDENTIALS {
                env.credentials = Some(value);
            } else if let Some(rest) = name.strip_prefix(PREFIX)
                && name != RESERVED
            {
                let path = rest.split("__").map(str::to_ascii_lowercase).collect();
                env.overrides.push(Override { name, path, value });
            }
        }
        env.overrides.sort_by(|a, b| a.rank().cmp(&b.rank()));
        env
    }

    pub fn apply(&mut self, root: &mut Table, report: &Report) {
        for change in self.overrides.drain(..) {
            let place = Place::Env(change.name.clone());
            if let Err(why) = change.apply(root) {
                report.problem(&place, why);
            }
        }
    }
}

impl Override {
    fn apply(self, root: &mut Table) -> Result<(), String> {
        let shaped = self.name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        if !shaped || self.path.len() > 4 || self.path.iter().any(String::is_empty) {
            return Err("no such setting; a variable is named like ECPAYD_CAPTURE__LEAD, in upper case".to_owned());
        }
        if let [first, second, ..] = self.path.as_slice()
            && matches!(first.as_str(), "alerts" | "events")
            && second == "channel"
        {
            return Err(format!("no variable sets a channel; write it in the file, as [[{first}.channel]]"));
        }
        let place = Place::Env(self.name.clone());
        let (mut table, path) = match self.path.as_slice() {
            [first, rest @ ..] if first == "merchant" => {
                let [_, key @ ..] = rest else {
                    return Err(INDEXED.to_owned());
                };
                let index = self.merchant().filter(|_| !key.is_empty()).ok_or(INDEXED)?;
                (merchant(root, index, &place)?, key)
            }
            path => (root, path),
        };
        let Some((last, sections)) = path.split_last() else {
            return Err(INDEXED.to_owned());
        };
        for section in sections {
            let node = table.entry(section.clone()).or_insert_with(|| empty(&place));
            let Value::Table(inner) = &mut node.value else {
                return Err(format!("{section} is not a section in the file"));
            };
            table = inner;
        }
        if table.get(last).is_some_and(|node| matches!(node.value, Value::Table(_))) {
            return Err(format!("{last} is a section; a variable sets one key of it: {}__KEY", self.name));
        }
        table.insert(last.clone(), Node { value: Value::Text(self.value), place });
        Ok(())
    }
}

const INDEXED: &str = "merchants are set by index, from 0: ECPAYD_MERCHANT__0__MERCHANT_ID";

fn merchant<'t>(root: &'t mut Table, index: usize, place: &Place) -> Result<&'t mut Table, String> {
    let list = || Node { value: Value::List(Vec::new()), place: place.clone() };
    let Value::List(merchants) = &mut root.entry("merchant".to_owned()).or_insert_with(list).value else {
        return Err("merchant is not a list of [[merchant]] sections in the file".to_owned());
    };
    let known = merchants.len();
    if index > known {
        return Err(format!("merchants so far: {known}; the next one to add has the index {known}"));
    }
    if index == known {
        merchants.push(empty(place));
    }
    match merchants.get_mut(index).map(|node| &mut node.value) {
        Some(Value::Table(table)) => Ok(table),
        _ => Err(format!("merchant {index} is not a [[merchant]] section in the file")),
    }
}

fn empty(place: &Place) -> Node {
    Node { value: Value::Table(Table::new()), place: place.clone() }
}
