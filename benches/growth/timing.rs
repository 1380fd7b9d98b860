//! How long something takes, in milliseconds.

use std::time::{Duration, Instant};

pub async fn least<F: Future<Output = ()>>(times: usize, mut run: impl FnMut() -> F) -> f64 {
    let mut least = f64::INFINITY;
    for _ in 0..times {
        let started = Instant::now();
        run().await;
        least = least.min(ms(started.elapsed()));
    }
    least
}

pub async fn median<F: Future<Output = ()>>(times: usize, mut run: impl FnMut() -> F) -> f64 {
    let mut all = Vec::new();
    for _ in 0..times {
        let started = Instant::now();
        run().await;
        all.push(ms(started.elapsed()));
    }
    all.sort_by(f64::total_cmp);
    all[times / 2]
}

pub fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
