//! JSON with every number as it was written, its fields in their order and none of them lost.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Far deeper than any answer.
const DEEPEST: usize = 32;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// `null`, `true`, `false`.
    Bare(String),
    Number(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Node {
    /// None: it is no JSON, or nested deeper than answers are.
    pub fn read(json: &str) -> Option<Self> {
        Self::of(serde_json::from_str(json).ok()?, DEEPEST)
    }

    fn of(raw: &RawValue, depth: usize) -> Option<Self> {
        let (text, below) = (raw.get(), depth.checked_sub(1)?);
        Some(match text.as_bytes().first()? {
            b'{' => {
                let Members(members) = serde_json::from_str(text).ok()?;
                let members = members.into_iter().map(|(name, raw)| Some((name, Self::of(raw, below)?)));
                Self::Object(members.collect::<Option<_>>()?)
            }
            b'[' => {
                let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
                Self::List(items.into_iter().map(|raw| Self::of(raw, below)).collect::<Option<_>>()?)
            }
            b'"' => Self::Text(serde_json::from_str(text).ok()?),
            b't' | b'f' | b'n' => Self::Bare(text.to_owned()),
            _ => Self::Number(text.to_owned()),
        })
    }

    pub fn write(&self, json: &mut String) {
        match self {
            Self::Bare(text) | Self::Number(text) => json.push_str(text),
            Self::Text(text) => write_text(text, json),
            Self::List(items) => {
                json.push('[');
                for (at, item) in items.iter().enumerate() {
                    comma(at, json);
                    item.write(json);
                }
                json.push(']');
            }
            Self::Object(members) => {
                json.push('{');
                for (at, (name, value)) in members.iter().enumerate() {
                    comma(at, json);
                    write_text(name, json);
                    json.push(':');
                    value.write(json);
                }
                json.push('}');
            }
        }
    }
}

fn comma(at: usize, json: &mut String) {
    if at > 0 {
        json.push(',');
    }
}

fn write_text(text: &str, json: &mut String) {
    json.push_str(&serde_json::Value::from(text).to_string());
}

struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        from.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_as_it_was() {
        for json in [
            r#"{"z":1,"a":4.980,"z":-0,"n":null,"e":"","l":[],"o":{},"x":1e400,"t":[true,false]}"#,
            r#"["\"\\","中文",123456789012345678901234567890]"#,
            "\"\"",
        ] {
            let mut written = String::new();
            Node::read(json).expect("json").write(&mut written);
            assert_eq!(written, json);
        }
    }

    #[test]
    fn what_is_no_answer_is_not_read() {
        for other in
            ["", "{", "{\"a\":1}x", "<html>", &"[".repeat(100_000), &format!("{}{}", "[".repeat(40), "]".repeat(40))]
        {
            assert_eq!(Node::read(other), None);
        }
    }
}
