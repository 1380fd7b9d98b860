//! `demo`: ninety days of a shop, played on the embedded simulator with a clock of its own.
//!
//! Everything is real but the bank and the time: HTTP on loopback, the ledger on disk, and a
//! shop that writes its rows by SQL from outside.

mod books;
mod news;
mod page;
mod report;
mod script;
mod stage;
mod vouchers;

use chrono::{DateTime, Duration, NaiveTime, Utc};

use self::news::{News, stamp};
use self::script::{Event, story};
use self::stage::Stage;
use super::Failure;
use super::args::DemoArgs;
use crate::domain::calendar::{from_taipei, taipei_date};

/// The last order runs into day 90, and a day more to see it end.
const DAYS: i64 = 92;

pub(super) async fn demo(args: DemoArgs) -> Result<(), Failure> {
    let started = std::time::Instant::now();
    let listener = match args.listen {
        Some(on) => Some(page::listen(on).await?),
        None => None,
    };
    let midnight = taipei_date(super::now()) + Duration::days(1);
    let start = from_taipei(midnight.and_time(NaiveTime::MIN));
    let mut stage = Stage::open(start, args.keep.clone()).await?;
    say!(
        "Ninety days of a shop: a stand-in for ECPay on {}, a ledger in {}\n",
        stage.gateway_url(),
        stage.directory().display()
    );
    let mut news = News::default();
    let mut events = story(start);
    events.reverse();
    let end = start + Duration::days(DAYS);
    let mut morning = start + Duration::hours(9);
    let mut now = start;
    while now < end {
        now = next_time(&stage, events.last().map(|e| e.at), morning, now).await?.min(end);
        stage.advance_to(now);
        while let Some(event) = events.pop_if(|e| e.at <= now) {
            tell(start, &event);
            stage.play(&event)?;
        }
        if now >= morning {
            stage.raise_stages().await?;
            morning += Duration::days(1);
        }
        stage.settle().await?;
        news.tell(start, now, stage.shop())?;
    }
    let orders_agree = report::print(&stage, started.elapsed())?;
    let vouchers_agree = report::print_vouchers(&stage)?;
    let agreed = books::print_months(&stage)? && vouchers_agree && orders_agree;
    stage.keep_traffic().await?;
    if let Some(listener) = listener {
        page::serve(&stage, listener).await?;
    }
    stage.close(args.keep.is_some()).await?;
    if agreed {
        Ok(())
    } else {
        Err(Failure::Problem("the ledger differs from the simulator's truth: see the table".to_owned()))
    }
}

/// The next moment at which anything happens; at least a second on, so that time passes.
async fn next_time(
    stage: &Stage,
    event: Option<DateTime<Utc>>,
    morning: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, Failure> {
    let due = stage.next_step_at().await?;
    let next = [event, due, Some(morning)].into_iter().flatten().min().unwrap_or(morning);
    Ok(next.max(now + Duration::seconds(1)))
}

fn tell(start: DateTime<Utc>, event: &Event) {
    if let Some(words) = &event.words {
        say!("{}  shop      {words}", stamp(start, event.at));
    }
}
