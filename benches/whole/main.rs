//! The whole daemon: how fast, how soon, and whether the disk was asked before the gateway.
//!
//! ```text
//! cargo bench --bench whole                   all four
//! cargo bench --bench whole -- engine         polls and money steps a second, beside a bare prototype
//! cargo bench --bench whole -- latency        from a shop's row to the first byte at the gateway
//! cargo bench --bench whole -- beside         money steps while every channel hangs and clients ask for pages
//! cargo bench --bench whole -- durability     synced between an attempt's row and its POST, or it fails
//! ```

mod beside;
#[path = "../common/mod.rs"]
mod common;
mod durability;
mod engine;
mod gateway;
mod house;
mod latency;
mod prototype;
mod trace;

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// The daemon's own, for the prototype too.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let named: Vec<String> = std::env::args().skip(1).take_while(|argument| !argument.starts_with('-')).collect();
    let all = ["durability", "engine", "beside", "latency"];
    if let Some(strange) = named.iter().find(|name| !all.contains(&name.as_str())) {
        eprintln!("there is no '{strange}': engine, beside, latency or durability");
        return ExitCode::from(2);
    }
    let wanted = |name: &str| named.is_empty() || named.iter().any(|n| n == name);
    if wanted("durability")
        && let Err(why) = durability::check()
    {
        eprintln!("durability: {why}");
        return ExitCode::FAILURE;
    }
    if wanted("engine") {
        engine::measure();
    }
    if wanted("beside") {
        beside::measure();
    }
    if wanted("latency") {
        latency::measure();
    }
    ExitCode::SUCCESS
}
