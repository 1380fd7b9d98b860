//! Whole quarters of several shops at random, with crashes: the engine, the plan, the protocol
//! code and the ledger are the real ones, the bank is the simulator in the same process, the
//! time is virtual. A failure names its seed; the same seed plays the same life.
//!
//! `ECPAYD_SIMULATION="SEED ORDERS RUNS" cargo test --release --test simulation` plays more of it.

mod actors;
mod checks;
mod transport;
mod world;

use world::World;

/// Runs, each with its own seed; longer ones by the environment.
fn runs() -> (u64, usize, u64) {
    let given = std::env::var("ECPAYD_SIMULATION").unwrap_or_default();
    let numbers: Vec<u64> =
        given.split_whitespace().map(|n| n.parse().expect("SEED ORDERS RUNS, whole numbers")).collect();
    match numbers.as_slice() {
        [] => (1, 60, 2),
        [seed, orders, runs] => (*seed, usize::try_from(*orders).expect("a number of orders"), *runs),
        _ => panic!("ECPAYD_SIMULATION takes SEED ORDERS RUNS"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_moves_exactly_once_in_whole_lives_of_shops() {
    let (first, orders, runs) = runs();
    for seed in first..first + runs {
        let world = World::play(seed, orders).await;
        let story = world.story.clone();
        let faults = checks::all(world).await;
        assert!(faults.is_empty(), "seed {seed}, {orders} orders:\n{}", faults.join("\n"));
        eprintln!("seed {seed}: {story}");
    }
}
