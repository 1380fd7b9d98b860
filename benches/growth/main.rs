//! Whether the daemon's work and people's questions stay as fast as the ledger grows.
//!
//! `cargo bench --bench growth -- [ORDERS...]`; 10000 100000 1000000 unless told otherwise. The
//! ledgers lie side by side, and lookups and passes are measured by turns, so that a disk that becomes
//! slower does so for all of them. Each size prints its figures, its references, and how many
//! times the first size's they are.

#[path = "../common/fill.rs"]
mod fill;
mod people;
mod site;
#[path = "../common/stage.rs"]
mod stage;
mod timing;
mod waking;

use std::process::ExitCode;

use sqlx::Connection as _;

use site::Site;
use waking::{APART, TOGETHER};

/// Rows that are due in a pass.
const DUE: usize = 1000;

/// Flat: no more than this many times what it was in the smallest ledger.
const FLAT: f64 = 1.5;

/// What was measured, in milliseconds.
type Figures = Vec<(&'static str, f64)>;

/// Those that have to be flat.
const GOALS: [&str; 3] = ["due lookup", "due lookup, 1,000 due", "pass, 1,000 routine looks"];

#[tokio::main]
async fn main() -> ExitCode {
    let sizes: Vec<usize> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![10_000, 100_000, 1_000_000] } else { sizes };
    let mut sites = Vec::new();
    for orders in sizes {
        sites.push(Site::fill(orders).await);
    }
    by_turns(&mut sites).await;
    for site in &mut sites {
        site.figures.extend(people::commands(site.folder.path(), &site.stage, site.orders));
        site.figures.extend(people::pages(&site.stage).await);
    }
    let mut missed = false;
    for site in &sites {
        println!("\n{} orders", site.orders);
        for ((what, ms), (_, first)) in site.figures.iter().zip(&sites[0].figures) {
            let times = ms / first;
            println!("  {what:<44} {ms:>12.4} ms {times:>8.2} x");
            missed |= GOALS.contains(what) && times > FLAT;
        }
    }
    for site in sites {
        site.shop.close().await.expect("the ledger");
        stage::close(site.engine).await;
    }
    if missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// In all ledgers by turns: the least of each figure, for what the machine does beside it only ever adds.
async fn by_turns(sites: &mut [Site]) {
    let mut taken: Vec<Figures> = vec![Vec::new(); sites.len()];
    for site in sites.iter_mut() {
        for chosen in [TOGETHER, APART] {
            waking::choose(&mut site.shop, &chosen).await;
        }
        waking::sell_copies(&site.stage, &mut site.shop).await;
    }
    for round in 0..5 {
        for (site, taken) in sites.iter_mut().zip(&mut taken) {
            let now = site.round(round).await;
            if taken.is_empty() {
                *taken = now;
                continue;
            }
            for ((_, least), (_, ms)) in taken.iter_mut().zip(now) {
                *least = least.min(ms);
            }
        }
    }
    for (site, taken) in sites.iter_mut().zip(taken) {
        let wrong = "SELECT count(*) FROM order_state WHERE last_error IS NOT NULL OR state = 'review'";
        let wrong: i64 = sqlx::query_scalar(wrong).fetch_one(&mut site.shop).await.expect("sql");
        assert_eq!(wrong, 0, "looks that were answered");
        site.figures.extend(taken);
    }
}
