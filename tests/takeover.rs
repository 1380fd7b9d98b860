//! A shop's existing orders, taken over from its own list and from ECPay's statements.

#[path = "takeover/adopt.rs"]
mod adopt;
#[path = "takeover/beside.rs"]
mod beside;
#[path = "takeover/import.rs"]
mod import;
#[path = "takeover/many.rs"]
mod many;
mod support;

use serde_json::Value;
use support::{House, Told};

/// A ledger that the daemon has made.
fn house() -> House {
    let house = House::without_gateway(support::BRISK);
    house.done(&["run", "--once"]);
    house
}

fn write(house: &House, name: &str, bytes: impl AsRef<[u8]>) {
    std::fs::write(house.path(name), bytes).expect("a file");
}

fn read(house: &House, name: &str) -> String {
    std::fs::read_to_string(house.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn json(told: &Told) -> Value {
    serde_json::from_str(&told.out).unwrap_or_else(|error| panic!("{error}: {told:?}"))
}

/// Rows, new, there, refused.
fn counts(value: &Value) -> [u64; 4] {
    ["rows", "new", "already_there", "refused"].map(|name| value[name].as_u64().expect("a count"))
}
