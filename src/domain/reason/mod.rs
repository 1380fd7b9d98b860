//! Why, as values: each reason has a stable code and typed arguments, so that programs can read it. Its
//! sentence is made from it in one room for each language (`english`, `chinese`), with nothing left to be forgotten there:
//! a reason without a sentence does not compile.
//!
//! As JSON a reason is one flat object, `{"code":"capture_ahead","at":"2026-08-20 10:00:00","deadline_days":21}`.
//! Codes and the names of arguments stay as they are once they are out; one that needs other arguments gets
//! another code. `then` and `why` hold a reason of their own: what follows, and what is behind it. Amounts are
//! whole New Taiwan dollars; `text`, `error`, `raw` and `what` are words as they came, and are not translated.

mod age;
mod args;
mod calling;
mod capturing;
mod chinese;
mod codes;
mod condition;
mod elsewhere;
mod english;
mod fetching;
mod flat;
mod gate;
mod looking;
mod refunding;
mod restoring;
mod settling;
mod told;
mod unexplained;
mod upkeep;
mod vouchers;

use serde::{Deserialize, Serialize, Serializer};

use super::language::Language;

pub use age::Age;
pub use args::{At, Ended, Shown};
pub use calling::Calling;
pub use capturing::Capturing;
pub use chinese::retold;
pub use codes::{Code, Subject};
pub use condition::Condition;
pub use elsewhere::{By, Elsewhere};
pub use fetching::Fetching;
pub use gate::Gate;
pub use looking::Looking;
pub use refunding::Refunding;
pub use restoring::Restoring;
pub use settling::Settling;
pub use told::Told;
pub use unexplained::Unexplained;
pub use upkeep::Upkeep;
pub use vouchers::Vouchers;

macro_rules! subjects {
    ($($name:ident),+ $(,)?) => {
        /// Why something is as it is, is done, or is told. Each subject has an enum of its own.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Reason { $($name($name)),+ }

        impl Reason {
            /// Every code there is.
            pub const CODES: &'static [Subject] =
                &[$(Subject { about: $name::ABOUT, codes: $name::CODES }),+];

            /// Stable, in snake case.
            pub fn code(&self) -> &'static str {
                match self { $(Self::$name(reason) => reason.code()),+ }
            }

            /// Reads the arguments of the one subject that has the code.
            fn of_code<'de, D: serde::Deserializer<'de>>(code: &str, from: D) -> Result<Self, D::Error> {
                $(
                    if $name::CODES.iter().any(|known| known.code == code) {
                        return $name::deserialize(from).map(Self::$name);
                    }
                )+
                Err(serde::de::Error::custom(format_args!("there is no reason '{code}'")))
            }

            #[cfg(test)]
            fn samples() -> Vec<Self> {
                let all = [$($name::samples()),+];
                all.into_iter().flatten().collect()
            }
        }

        impl Serialize for Reason {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                match self { $(Self::$name(reason) => reason.serialize(to)),+ }
            }
        }
    };
}

subjects! {
    Looking, Gate, Capturing, Refunding, Calling, Settling, Restoring, Unexplained, Vouchers, Told, Age, Elsewhere, By, Upkeep, Condition,
    Fetching,
}

impl Reason {
    pub fn sentence(&self, language: Language) -> String {
        match language {
            Language::English => self.english(),
            Language::Chinese => self.chinese(),
        }
    }
}

/// A sentence that goes behind one that has `told` something already, with the joint before it: nothing is said twice.
fn besides(told: &str, why: &str, joint: &str) -> String {
    let rest = why.replace(told, "");
    let parts = rest.split(joint).filter(|part| !part.trim().is_empty());
    // What stands in brackets is of the sentence before it.
    parts.fold(String::new(), |all, part| match part.starts_with([' ', '（']) {
        true => format!("{all}{part}"),
        false => format!("{all}{joint}{part}"),
    })
}

#[cfg(test)]
mod tests;
