//! Whole quarters of several shops at random, with crashes: the engine, the plan, the protocol
//! code and the ledger are the real ones, the bank is the simulator in the same process, the
//! time is virtual. A failure names its seed; the same seed plays the same life.
//!
//! `cargo run --release --example simulation` plays as much of it as one likes.

mod actors;
mod books;
mod checks;
mod due;
mod forms;
mod hands;
mod journal;
#[path = "../support/ledger/mod.rs"]
mod ledger;
mod obligations;
mod oddity;
mod reaper;
mod story;
mod strange;
mod subscription_checks;
mod subscriptions;
mod trespass;
mod voucher_checks;
mod vouchers;
mod wire;
mod world;

use world::{Drive, Play, play};

const ORDERS: usize = 40;

async fn plays_well(seed: u64, drive: Drive) -> story::Story {
    match play(&Play::usual(seed, ORDERS, drive)).await {
        Ok(story) => story,
        Err(wrong) => panic!("seed {seed}, {ORDERS} orders, {drive:?}:\n{}", wrong.join("\n")),
    }
}

#[tokio::test]
async fn money_moves_exactly_once_in_whole_lives_of_shops() {
    let mut whole = story::Story::default();
    for seed in 1..=4 {
        whole.add(&plays_well(seed, Drive::InTurn).await);
    }
    eprintln!("{whole}");
    assert!(whole.deaths.len() > 3 && whole.faults.len() > 10, "too calm to show anything:\n{whole}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_moves_exactly_once_with_all_merchants_at_work_at_once() {
    eprintln!("{}", plays_well(5, Drive::Together).await);
}

#[tokio::test]
async fn a_seed_plays_the_same_life_again_to_the_letter() {
    let digest = plays_well(6, Drive::InTurn).await.digest;
    assert_eq!(plays_well(6, Drive::InTurn).await.digest, digest);
}
