//! What `resolve` takes.

use clap::{ArgGroup, Args};

use super::values::name;

#[derive(Args)]
#[command(group = ArgGroup::new("verdict").required(true))]
pub(in crate::cli) struct ResolveArgs {
    pub attempt: i64,
    /// The money moved
    #[arg(long, group = "verdict")]
    pub applied: bool,
    /// The money did not move; the plan may act again
    #[arg(long, group = "verdict")]
    pub not_applied: bool,
    /// Who has looked
    #[arg(long, value_parser = name)]
    pub by: String,
}
