//! What a shop would write by hand, beside the daemon: a PHP script and a Node script that capture
//! paid orders, against the same simulator, by turns.
//!
//! ```text
//! cargo bench --bench peers                              all of them, three rounds
//! cargo bench --bench peers -- --in-flight 16            with 16 orders in flight alone
//! cargo bench --bench peers -- --percent 20 --rounds 1   a fifth of the orders, once
//! ```
//!
//! Each process is whole: its own runtime, its own file, its own connections. It is timed from the
//! capture that ends its warming up to its last one, so neither its start nor its first use of
//! everything is in the figures. After each run the bank and the file are counted.

#[path = "../common/mod.rs"]
mod common;
#[allow(dead_code)] // `whole` uses the rest of both.
#[path = "../whole/gateway.rs"]
mod gateway;
#[allow(dead_code)]
#[path = "../whole/house.rs"]
mod house;
mod peer;
mod race;
mod report;

use std::process::ExitCode;
use std::time::Duration;

use common::{argument, measures};
use peer::Peer;
use race::{Course, Spent};

/// What one peer took on one course, once for each round.
pub struct Figures {
    pub peer: Peer,
    pub course: Course,
    pub rounds: Vec<Spent>,
}

const AWAY: Duration = Duration::from_millis(50);

/// In flight, how long the gateway takes, and how many orders: at most ten seconds of the slowest.
/// Each is a multiple of what is in flight: with a gateway that takes its time they move abreast.
const COURSES: [(u32, Duration, u32); 6] = [
    (1, Duration::ZERO, 2_400),
    (16, Duration::ZERO, 3_200),
    (64, Duration::ZERO, 3_200),
    (1, AWAY, 40),
    (16, AWAY, 640),
    (64, AWAY, 1_920),
];

/// Captured before the figures begin: Node compiles what it has seen often.
const WARMING_UP: u32 = 320;

fn main() -> ExitCode {
    let rounds: usize = argument("rounds", if measures() { 3 } else { 1 });
    let percent: u32 = argument("percent", if measures() { 100 } else { 5 });
    let only: u32 = argument("in-flight", 0);
    let warming_up = if measures() { WARMING_UP } else { 16 };
    let scaled = |orders: u32, in_flight: u32| (orders * percent / 100).max(1).next_multiple_of(in_flight);
    let courses = COURSES.iter().filter(|(in_flight, ..)| only == 0 || only == *in_flight);
    let courses: Vec<Course> = courses
        .map(|&(in_flight, away, orders)| Course { in_flight, away, warming_up, orders: scaled(orders, in_flight) })
        .collect();
    let peers = peer::installed();
    let mut all: Vec<Figures> = courses
        .iter()
        .flat_map(|course| peers.iter().map(|peer| Figures { peer: *peer, course: *course, rounds: Vec::new() }))
        .filter(|figures| figures.peer.can_have(figures.course.in_flight))
        .collect();
    for round in 1..=rounds {
        for figures in &mut all {
            match race::run(figures.peer, figures.course) {
                Ok(spent) => {
                    report::line(round, figures, spent);
                    figures.rounds.push(spent);
                }
                Err(why) => {
                    eprintln!("round {round}: {}, {}: {why}", figures.peer.name(), report::course(&figures.course));
                    return ExitCode::FAILURE;
                }
            }
        }
    }
    report::long_table(&all);
    report::short_table(&all);
    ExitCode::SUCCESS
}
