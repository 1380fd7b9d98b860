//! The report: what the accountant gets, judged by what accountants and their programs open it with.

#[path = "report/books.rs"]
mod books;
#[path = "report/golden.rs"]
mod golden;
#[path = "report/judges.rs"]
mod judges;
#[path = "report/refused.rs"]
mod refused;
mod support;
#[path = "report/truth.rs"]
mod truth;
