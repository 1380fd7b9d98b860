//! The kinds of values: each reader takes its key, reports what does not fit,
//! and goes on with the default.

use std::{ops::RangeInclusive, time::Duration};

use chrono::{NaiveTime, TimeDelta};

use super::{
    section::{Section, nearest},
    tree::{Node, Value},
};

/// In which order a list of durations has to stand.
#[derive(Clone, Copy)]
pub enum SpanOrder {
    Ascending,
    Descending,
}

impl SpanOrder {
    fn holds(self, pair: &[Duration]) -> bool {
        match self {
            Self::Ascending => pair[0] < pair[1],
            Self::Descending => pair[0] > pair[1],
        }
    }

    fn wanted(self, count: &str) -> String {
        let (order, example) = match self {
            Self::Ascending => ("shortest first", "[\"1h\", \"1d\"]"),
            Self::Descending => ("longest first", "[\"3d\", \"1d\"]"),
        };
        format!("must be a list of {count} in quotes, each once and {order}, such as {example}")
    }
}

impl Section<'_> {
    pub fn text(&mut self, key: &'static str) -> Option<String> {
        let given = self.take(key)?;
        match given.node.value {
            Value::Text(text) => Some(text),
            _ => {
                self.complain(key, format!("is {}; it must be a string in quotes", given.node.kind()));
                None
            }
        }
    }

    /// The same for a key that has no default; `missing` says what belongs there.
    pub fn required(&mut self, key: &'static str, missing: &str) -> Option<String> {
        if !self.holds(key) {
            self.complain(key, format!("is missing; {missing}"));
        }
        self.text(key)
    }

    /// A text that consists of a number may stand without quotes.
    pub fn text_or_integer(&mut self, key: &'static str) -> Option<String> {
        let given = self.take(key)?;
        match given.node.value {
            Value::Text(text) => Some(text),
            Value::Integer(number) => Some(number.to_string()),
            _ => {
                self.complain(key, format!("is {}; it must be a string in quotes or a number", given.node.kind()));
                None
            }
        }
    }

    /// A list of strings; `a, b` in the environment.
    pub fn texts(&mut self, key: &'static str) -> Option<Vec<String>> {
        let given = self.take(key)?;
        let texts: Option<Vec<String>> = match &given.node.value {
            Value::List(items) => items.iter().map(|item| item.text().map(str::to_owned)).collect(),
            Value::Text(text) if given.loose => Some(listed(text).map(str::to_owned).collect()),
            _ => None,
        };
        if texts.is_none() {
            self.complain(key, "must be a list of strings in quotes such as [\"a\", \"b\"]");
        }
        texts
    }

    /// The same for a list that must not be left out; `missing` says what belongs there.
    pub fn required_texts(&mut self, key: &'static str, missing: &str) -> Option<Vec<String>> {
        if !self.holds(key) {
            self.complain(key, format!("is missing; {missing}"));
        }
        self.texts(key)
    }

    pub fn boolean(&mut self, key: &'static str, default: bool) -> bool {
        let Some(given) = self.take(key) else { return default };
        let loose = given.loose;
        match given.node.value {
            Value::Boolean(yes) => yes,
            Value::Text(text) if loose && text == "true" => true,
            Value::Text(text) if loose && text == "false" => false,
            _ => {
                self.complain(key, "must be true or false, without quotes");
                default
            }
        }
    }

    pub fn integer(&mut self, key: &'static str, default: i64, range: RangeInclusive<i64>) -> i64 {
        let Some(given) = self.take(key) else { return default };
        match whole(&given.node, given.loose) {
            Some(number) => self.bounded(key, number, default, range, |number| number.to_string()),
            None => {
                self.complain(key, format!("must be a whole number from {} to {}", range.start(), range.end()));
                default
            }
        }
    }

    /// A list of whole numbers; `60, 70` in the environment.
    pub fn integers(&mut self, key: &'static str, default: Vec<i64>) -> Vec<i64> {
        let Some(given) = self.take(key) else { return default };
        let numbers: Option<Vec<i64>> = match &given.node.value {
            Value::List(items) => items.iter().map(|item| whole(item, false)).collect(),
            Value::Text(text) if given.loose => {
                let bare = text.trim().trim_start_matches('[').trim_end_matches(']').trim();
                bare.split(',').filter(|_| !bare.is_empty()).map(|part| part.trim().parse().ok()).collect()
            }
            _ => None,
        };
        numbers.unwrap_or_else(|| {
            self.complain(key, "must be a list of whole numbers such as [60, 70]");
            default
        })
    }

    pub fn duration(&mut self, key: &'static str, default: Duration, range: RangeInclusive<Duration>) -> Duration {
        let Some(text) = self.take(key) else { return default };
        let parsed = match &text.node.value {
            Value::Text(text) => humantime::parse_duration(text.trim()).ok(),
            _ => None,
        };
        match parsed {
            Some(duration) => self.bounded(key, duration, default, range, |duration| show(*duration)),
            None => {
                self.complain(key, "must be a duration in quotes such as \"30s\", \"10m\" or \"24h\"");
                default
            }
        }
    }

    /// The same for the domain, which counts in chrono's durations.
    pub fn span(&mut self, key: &'static str, default: TimeDelta, range: RangeInclusive<Duration>) -> TimeDelta {
        let duration = self.duration(key, default.to_std().unwrap_or_default(), range);
        TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
    }

    /// A list of such durations, each once and in order; `15m, 1d` in the environment.
    pub fn spans(
        &mut self,
        key: &'static str,
        default: Vec<TimeDelta>,
        range: RangeInclusive<Duration>,
        order: SpanOrder,
    ) -> Vec<TimeDelta> {
        self.ordered(key, range, order, "one or more durations").unwrap_or(default)
    }

    /// The same, of a certain length.
    pub fn steps<const N: usize>(
        &mut self,
        key: &'static str,
        default: [TimeDelta; N],
        range: RangeInclusive<Duration>,
        order: SpanOrder,
    ) -> [TimeDelta; N] {
        let count = format!("{N} durations");
        let Some(given) = self.ordered(key, range, order, &count) else { return default };
        given.try_into().unwrap_or_else(|_| {
            self.complain(key, order.wanted(&count));
            default
        })
    }

    fn ordered(
        &mut self,
        key: &'static str,
        range: RangeInclusive<Duration>,
        order: SpanOrder,
        count: &str,
    ) -> Option<Vec<TimeDelta>> {
        let given = self.take(key)?;
        let texts: Option<Vec<&str>> = match &given.node.value {
            Value::List(items) => items.iter().map(Node::text).collect(),
            Value::Text(text) if given.loose => Some(listed(text).collect()),
            _ => None,
        };
        let parsed = texts
            .and_then(|texts| texts.into_iter().map(|text| humantime::parse_duration(text.trim()).ok()).collect())
            .filter(|spans: &Vec<Duration>| !spans.is_empty() && spans.windows(2).all(|pair| order.holds(pair)));
        let Some(spans) = parsed else {
            self.complain(key, order.wanted(count));
            return None;
        };
        if let Some(outside) = spans.iter().find(|span| !range.contains(span)) {
            let (low, high) = (show(*range.start()), show(*range.end()));
            self.complain(key, format!("holds {}; each must lie between {low} and {high}", show(*outside)));
            return None;
        }
        Some(spans.into_iter().map(|span| TimeDelta::from_std(span).unwrap_or(TimeDelta::MAX)).collect())
    }

    /// A time of day, or `""` for none.
    pub fn time_or_none(&mut self, key: &'static str, default: Option<NaiveTime>) -> Option<NaiveTime> {
        let none = self.peek(key).is_some_and(|node| node.text() == Some(""));
        if none || !self.holds(key) {
            self.take(key);
            return if none { None } else { default };
        }
        Some(self.time(key, default.unwrap_or_default()))
    }

    /// A time of day, `HH:MM`.
    pub fn time(&mut self, key: &'static str, default: NaiveTime) -> NaiveTime {
        let Some(given) = self.take(key) else { return default };
        let parsed = match &given.node.value {
            Value::Text(text) if text.len() == 5 => NaiveTime::parse_from_str(text, "%H:%M").ok(),
            _ => None,
        };
        parsed.unwrap_or_else(|| {
            self.complain(key, "must be a time of day in quotes such as \"20:15\"");
            default
        })
    }

    /// One of a few words.
    pub fn choice<T: Copy>(&mut self, key: &'static str, default: T, words: &[(&'static str, T)]) -> T {
        let Some(text) = self.text(key) else { return default };
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return *value;
        }
        let all: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        let hint = nearest(&text, words.iter().map(|(word, _)| *word));
        let hint = hint.map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"));
        self.complain(key, format!("must be one of {}{hint}", all.join(", ")));
        default
    }

    fn bounded<T: PartialOrd>(
        &self,
        key: &str,
        value: T,
        default: T,
        range: RangeInclusive<T>,
        show: impl Fn(&T) -> String,
    ) -> T {
        if range.contains(&value) {
            return value;
        }
        let (low, high) = (show(range.start()), show(range.end()));
        self.complain(key, format!("is {}; it must lie between {low} and {high}", show(&value)));
        default
    }
}

/// The parts of a list in a variable, with or without brackets and quotes.
fn listed(text: &str) -> impl Iterator<Item = &str> {
    let bare = text.trim().trim_start_matches('[').trim_end_matches(']').trim();
    bare.split(',').filter(move |_| !bare.is_empty()).map(|part| part.trim().trim_matches('"'))
}

fn whole(node: &Node, loose: bool) -> Option<i64> {
    match &node.value {
        Value::Integer(number) => Some(*number),
        Value::Text(text) if loose => text.trim().parse().ok(),
        _ => None,
    }
}

/// In the largest unit that leaves nothing over: humantime would make months of days.
fn show(duration: Duration) -> String {
    let s = duration.as_secs();
    for (unit, length_s) in [("d", 86_400), ("h", 3_600), ("m", 60)] {
        if duration.subsec_nanos() == 0 && s > 0 && s.is_multiple_of(length_s) {
            return format!("{}{unit}", s / length_s);
        }
    }
    humantime::format_duration(duration).to_string()
}
