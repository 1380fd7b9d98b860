//! A reason from its JSON object. All of it is read first: the code, which may stand anywhere in the object,
//! says for which subject the arguments are meant.

use std::collections::BTreeMap;

use serde::de::value::MapDeserializer;
use serde::de::{Error, IntoDeserializer, Visitor};
use serde::{Deserialize, Deserializer, forward_to_deserialize_any};

use super::Reason;

/// An argument as it came.
#[derive(Deserialize)]
#[serde(untagged)]
enum Arg {
    Nothing,
    Truth(bool),
    Number(i64),
    Text(String),
    Within(BTreeMap<String, Arg>),
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let args = BTreeMap::<String, Arg>::deserialize(from)?;
        let Some(Arg::Text(code)) = args.get("code") else { return Err(D::Error::missing_field("code")) };
        let code = code.clone();
        Self::of_code(&code, MapDeserializer::new(args.into_iter()))
    }
}

/// With the error of whoever asks.
struct Read<E>(Arg, std::marker::PhantomData<E>);

impl<'de, E: Error> IntoDeserializer<'de, E> for Arg {
    type Deserializer = Read<E>;
    fn into_deserializer(self) -> Read<E> {
        Read(self, std::marker::PhantomData)
    }
}

impl<'de, E: Error> Deserializer<'de> for Read<E> {
    type Error = E;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.0 {
            Arg::Nothing => visitor.visit_unit(),
            Arg::Truth(truth) => visitor.visit_bool(truth),
            Arg::Number(number) => visitor.visit_i64(number),
            Arg::Text(text) => visitor.visit_string(text),
            Arg::Within(args) => visitor.visit_map(MapDeserializer::new(args.into_iter())),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
