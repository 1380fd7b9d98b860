//! An answer of ECPay as it may be shown to others: its fields, its shape and its words, and no number.

#[cfg(test)]
mod tests;
mod tree;

use std::collections::BTreeSet;

use self::tree::Node;

/// Kept as they came, as long as they are codes: what an answer means hangs on them.
const CODES: [&str; 3] = ["RtnCode", "TransCode", "TradeStatus"];
const LONGEST_CODE: usize = 8;

/// Fields whose letters are ECPay's words. Those of any other field may belong to a number that is written with
/// letters, as order numbers and authorization codes are.
const WORDS: [&str; 7] = ["RtnMsg", "TransMsg", "Status", "ExecStatus", "Action", "PaymentType", "PeriodType"];

/// Parts of the names of fields that hold a time, in which 上午 and 下午 may stand.
const TIMES: [&str; 2] = ["date", "time"];

const SIGNATURE: &str = "CheckMacValue";

/// So many digits in a row are no part of a field's name.
const NUMBER_IN_A_NAME: usize = 3;

/// Masks answers about what some numbers name: a merchant, an order.
pub(super) struct Mask {
    /// In small letters.
    hidden: BTreeSet<String>,
}

impl Mask {
    pub fn of<'n>(numbers: impl IntoIterator<Item = &'n str>) -> Self {
        Self { hidden: numbers.into_iter().map(str::to_ascii_lowercase).collect() }
    }

    /// None: it is no JSON.
    pub fn answer(&self, json: &str) -> Option<String> {
        Some(self.whole(Node::read(json.trim_start().trim_start_matches('\u{feff}'))?))
    }

    /// An answer of pairs, as JSON. None: it has none. Its values are not escaped, so what follows a `&` and has no
    /// name of ECPay's kind is of the value before.
    pub fn form(&self, text: &str) -> Option<String> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for piece in text.trim().split('&') {
            match (piece.split_once('=').filter(|(name, _)| is_name(name)), pairs.last_mut()) {
                (Some((name, value)), _) => pairs.push((name.to_owned(), value.to_owned())),
                (None, Some((_, value))) => *value += &format!("&{piece}"),
                (None, None) => return None,
            }
        }
        let members = pairs.into_iter().map(|(name, value)| (name, Node::Text(value)));
        Some(self.whole(Node::Object(members.collect())))
    }

    fn whole(&self, answer: Node) -> String {
        let mut all = Self { hidden: self.hidden.clone() };
        all.note("", &answer);
        let mut masked = String::new();
        all.node("", answer).write(&mut masked);
        masked
    }

    /// Words without digits, nor any of the numbers as a whole word.
    pub fn words(&self, text: &str) -> String {
        let mut masked = String::new();
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
            let (word, behind) = rest.split_at(end);
            let is_hidden = self.hidden.contains(&word.to_ascii_lowercase());
            masked.extend(word.chars().map(if is_hidden { without_letter } else { without_digit }));
            let other = behind.find(|c: char| c.is_ascii_alphanumeric()).unwrap_or(behind.len());
            masked.extend(behind[..other].chars().map(without_digit));
            rest = &behind[other..];
        }
        masked
    }

    /// What stands in a field that is no word and has a digit in it: ECPay's words may repeat it.
    fn note(&mut self, field: &str, node: &Node) {
        match node {
            Node::Text(text) if !has_words(field) => {
                let numbers = text.split(|c: char| !c.is_ascii_alphanumeric());
                // One digit names nothing, and a code may be one.
                let numbers = numbers.filter(|word| word.len() > 1 && word.bytes().any(|b| b.is_ascii_digit()));
                self.hidden.extend(numbers.map(str::to_ascii_lowercase));
            }
            Node::List(items) => items.iter().for_each(|item| self.note(field, item)),
            Node::Object(members) => members.iter().for_each(|(name, value)| self.note(name, value)),
            Node::Text(_) | Node::Bare(_) | Node::Number(_) => {}
        }
    }

    fn node(&self, field: &str, node: Node) -> Node {
        match node {
            Node::Number(text) if self.is_code(field, &text) => Node::Number(text),
            Node::Text(text) if self.is_code(field, &text) => Node::Text(text),
            Node::Number(text) => Node::Number(number(&text)),
            // Its digits are a key's work.
            Node::Text(text) if is_one_of(&[SIGNATURE], field) => Node::Text("*".repeat(text.chars().count())),
            Node::Text(text) if has_words(field) => Node::Text(self.words(&text)),
            Node::Text(text) => Node::Text(text.chars().map(without_letter).collect()),
            Node::List(items) => {
                // A list of codes is none of ECPay's.
                let field = if is_one_of(&CODES, field) { "" } else { field };
                Node::List(items.into_iter().map(|item| self.node(field, item)).collect())
            }
            Node::Object(members) => {
                let masked = |(name, value): (String, Node)| (self.name(&name), self.node(&name, value));
                Node::Object(members.into_iter().map(masked).collect())
            }
            bare @ Node::Bare(_) => bare,
        }
    }

    fn is_code(&self, field: &str, text: &str) -> bool {
        let number = text.strip_prefix('-').unwrap_or(text);
        is_one_of(&CODES, field)
            && (1..=LONGEST_CODE).contains(&number.len())
            && number.bytes().all(|b| b.is_ascii_digit())
            && !self.hidden.contains(number)
    }

    /// A field that is named by a number is as telling as its value.
    fn name(&self, name: &str) -> String {
        let longest = name.split(|c: char| !c.is_numeric()).map(|run| run.chars().count()).max();
        if longest >= Some(NUMBER_IN_A_NAME) || self.hidden.contains(&name.to_ascii_lowercase()) {
            return name.chars().map(without_letter).collect();
        }
        name.to_owned()
    }
}

fn is_name(text: &str) -> bool {
    (1..=30).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn is_one_of(names: &[&str], field: &str) -> bool {
    names.iter().any(|name| name.eq_ignore_ascii_case(field))
}

fn has_words(field: &str) -> bool {
    let small = field.to_ascii_lowercase();
    is_one_of(&WORDS, field) || is_one_of(&CODES, field) || TIMES.iter().any(|part| small.contains(part))
}

/// As long as it was; but a greater exponent than it had could make it a number that nobody reads.
fn number(text: &str) -> String {
    let (digits, exponent) = text.split_once(['e', 'E']).map_or((text, ""), |(digits, _)| (digits, "e9"));
    digits.chars().map(without_digit).chain(exponent.chars()).collect()
}

fn without_digit(c: char) -> char {
    if c.is_numeric() { '9' } else { c }
}

fn without_letter(c: char) -> char {
    match c {
        c if c.is_numeric() => '9',
        'A'..='Z' => 'A',
        'a'..='z' => 'a',
        c if c.is_alphabetic() => '字',
        c => c,
    }
}
