//! The frame in which settings are read: a tree, sections that know who asked for what, kinds of
//! values, and a report of all that is wrong. Which settings there are, and their bounds, stand outside.

mod env;
mod problem;
mod section;
mod tree;
mod value;

pub(super) use env::Environment;
pub use problem::Problems;
pub(super) use problem::{Place, Report};
pub(super) use section::Section;
pub use section::nearest;
pub(super) use tree::parse;
pub(super) use value::SpanOrder;
