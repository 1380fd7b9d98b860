//! The rules of the comparison, as tables.
