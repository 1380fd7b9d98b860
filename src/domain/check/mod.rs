//! What was looked at of the machine and the settings, what was found, and how it is mended.

mod code;
mod found;
mod itself;

pub use self::code::Code;
pub use self::found::{Check, Findings, LeftOut, Level};
pub use self::itself::{Made, NotMade, SelfCheck};
