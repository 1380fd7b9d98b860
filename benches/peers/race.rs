//! One peer on one course: started as a process, timed between two captures, counted at the end.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::process::{Child, Command};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use chrono::Utc;
use ecpayd::domain::action::Action;
use ecpayd::simulator::{Fault, FaultKind, Options, SimHandle, Simulator};

use crate::gateway::{own_thread, sell};
use crate::peer::Peer;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    pub in_flight: u32,
    /// How long each answer takes.
    pub away: Duration,
    /// Orders before those that are measured.
    pub warming_up: u32,
    pub orders: u32,
}

#[derive(Clone, Copy, Debug)]
pub struct Spent {
    /// Orders a second.
    pub rate: f64,
    /// Microseconds of the processors, by the peer's process, for an order.
    pub processors_us: f64,
    /// Orders that the bank has captured exactly once, and that the peer's file has as such.
    pub counted: u32,
}

/// No run may take longer: a bound for a peer that hangs.
const PATIENCE: Duration = Duration::from_secs(180);

/// How exactly a capture is noticed.
const GLANCE: Duration = Duration::from_millis(1);

pub fn run(peer: Peer, course: Course) -> Result<Spent, String> {
    let server = own_thread();
    let options = Options::new(Arc::new(Utc::now));
    let running = server.block_on(Simulator::start(([127, 0, 0, 1], 0).into(), options));
    let running = running.map_err(|e| format!("no simulator: {e}"))?;
    let bank = &running.handle;
    // With a delay the orders in flight fall into step first.
    let before = course.warming_up + course.in_flight;
    let all = before + course.orders;
    sell(bank, 1, all.into(), Utc::now() - chrono::Duration::hours(1));
    let ready = peer.ready(&running.url(), all, course.in_flight);
    let mut ready = ready.map_err(|e| format!("its file cannot be made: {e}"))?;
    let mut process = Process::start(&mut ready.command)?;
    process.until(bank, course.warming_up)?;
    if !course.away.is_zero() {
        let ms = u64::try_from(course.away.as_millis()).expect("a moment");
        bank.strike(Fault { times: Fault::ENDLESS, ..Fault::any(FaultKind::Late { ms }) });
    }
    let start = process.until(bank, before)?;
    let end = process.until(bank, all)?;
    process.end()?;
    captured_once(bank, all)?;
    let recorded = ready.recorded().map_err(|e| format!("its file cannot be read: {e}"))?;
    if recorded != all {
        return Err(format!("all {all} orders are captured, and {recorded} are in its file as such"));
    }
    let orders = end.captured - start.captured;
    Ok(Spent {
        rate: f64::from(orders) / (end.at - start.at).as_secs_f64(),
        processors_us: (end.processors - start.processors).as_secs_f64() * 1e6 / f64::from(orders),
        counted: recorded,
    })
}

/// By the bank's own truth, whatever it answered.
fn captured_once(bank: &SimHandle, all: u32) -> Result<(), String> {
    bank.with_bank(|bank, _| {
        let once = bank.orders().filter(|order| {
            let truth = order.truth();
            let mut actions = bank.actions_of(&truth.merchant_id, &truth.merchant_trade_no);
            let first = actions.next().is_some_and(|action| action.action == Action::C && action.effect);
            first && actions.next().is_none() && truth.captured == truth.amount.dollars()
        });
        let once = once.count();
        if once == all as usize { Ok(()) } else { Err(format!("{once} of {all} orders were captured exactly once")) }
    })
}

/// A peer that does not outlive the bench.
struct Process {
    child: Child,
    /// Processor time of each thread, as it was last seen: one that has ended is still of the process.
    threads: HashMap<OsString, Duration>,
}

struct Moment {
    at: Instant,
    captured: u32,
    processors: Duration,
}

impl Process {
    fn start(command: &mut Command) -> Result<Self, String> {
        let child = command.spawn().map_err(|e| format!("it cannot be started: {e}"))?;
        Ok(Self { child, threads: HashMap::new() })
    }

    /// The moment at which so many captures have reached the bank.
    fn until(&mut self, bank: &SimHandle, captures: u32) -> Result<Moment, String> {
        let (start, mut glances) = (Instant::now(), 0_u32);
        loop {
            let captured = bank.with_bank(|bank, _| bank.actions().len());
            let captured = u32::try_from(captured).expect("some thousands");
            if captured >= captures {
                return Ok(Moment { at: Instant::now(), captured, processors: self.processors() });
            }
            let ended = self.child.try_wait().map_err(|e| format!("it cannot be waited for: {e}"))?;
            if let Some(status) = ended {
                return Err(format!("it ended after {captured} captures, with {status}"));
            }
            if start.elapsed() > PATIENCE {
                return Err(format!("it does not get beyond {captured} captures"));
            }
            glances += 1;
            if glances.is_multiple_of(64) {
                self.processors();
            }
            sleep(GLANCE);
        }
    }

    /// User and system time of all its threads so far.
    fn processors(&mut self) -> Duration {
        let threads = fs::read_dir(format!("/proc/{}/task", self.child.id())).into_iter().flatten().flatten();
        for thread in threads {
            // It may end while it is looked at.
            let times = fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
            if let Some(nanos) = times.split(' ').next().and_then(|nanos| nanos.parse().ok()) {
                self.threads.insert(thread.file_name(), Duration::from_nanos(nanos));
            }
        }
        self.threads.values().sum()
    }

    fn end(&mut self) -> Result<(), String> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => return Err(format!("it ended with {status}")),
                Ok(None) => sleep(GLANCE),
                Err(error) => return Err(format!("it cannot be waited for: {error}")),
            }
        }
        Err("it does not end".to_owned())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended already, unless something went wrong.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
