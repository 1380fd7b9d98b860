//! ecpayd takes over what happens to an ECPay card order after it is paid.
//!
//! **The one idea: decide in pure functions, act somewhere else.** Two of them, one the mirror of
//! the other:
//!
//! - [`domain::plan`] looks at what the ledger knows about an order, at what the gateway last said,
//!   at the open refunds, at the policy and at the time, and answers with exactly one next step and
//!   the reason for it.
//! - [`domain::record`] looks at the situation before and after, at the plan and at what became of
//!   it, and answers with exactly one change: the order's row, the steps of attempts and refunds,
//!   the events, the alerts and the next visit.
//!
//! Neither reads a clock, a socket or a row. The engine only carries; the ledger only keeps, and
//! guards. So every rule is a test of a few lines, `explain` prints what the daemon will do, and
//! ninety days run in seconds.
//!
//! # The way of the data
//!
//! ```text
//!  shop: INSERT       gateway: query          the plan            the money step            the record      the ledger
//!  order / refund ──▶ facts, with their ──▶ one next step ──▶ attempt written, synced ──▶ one change ──▶ one transaction
//!     ▲               time                    │ wait until T     sent once                                    │
//!     └──────── views: order_status, refund_status, open_alerts ◀───────────────────────────────────────────────┘
//! ```
//!
//! A money step is three commits: the attempt with the look it was planned from; the outcome, with the
//! order read again in its transaction; what the next look settles, with the wait after it.
//!
//! Voucher orders go the same way without the money step ([`domain::voucher`]): looked at, recorded,
//! reported. The plan of a card order that paid for vouchers asks for a look at them before it gives
//! anything back.
//!
//! # Rooms, and who may enter whom
//!
//! | room | holds | may import |
//! |---|---|---|
//! | [`domain`] | money, order, facts, situation, deadlines, refunds, attempts, **plan**, **record**, vouchers, calendar, alerts, reasons and words in two languages | nothing of this crate |
//! | [`gateway`] | ECPay's protocol: the wire, the card calls, the voucher calls, transport; its statements | domain |
//! | [`ledger`] | one SQLite file: what was asked, seen, sent, and what became of it; its guards | domain |
//! | [`engine`] | one pass: load what is due, look, plan, execute, record; `lane` for pace, health and turns, `cards`, `vouchers` | domain, gateway, ledger |
//! | [`deliver`] | alerts and events on their way to people and shops: `channel` | domain, ledger, config |
//! | [`web`] | the status page: what the ledger holds, for a browser; read-only | domain, ledger |
//! | [`metrics`] | figures for Prometheus: calls, money calls, waits, commits, what the ledger holds | domain, gateway, ledger, engine |
//! | [`simulator`] | a bank's truth behind the same protocol, and its faults | domain, [`gateway::wire`] |
//! | [`daemon`] | the loop around the engine: clock, ticks, wake-ups, systemd | domain, gateway, ledger, engine, deliver, metrics, web, config, telemetry |
//! | [`rehearsal`] | simulator, ledger and engine on one clock, for the demo, tests and benches | domain, gateway, ledger, engine, simulator, daemon, config |
//! | [`doctor`] | what is well and what is not: looks, judges, packs; it only reads | domain, gateway, ledger, config |
//! | [`cli`] | the commands | all |
//! | [`config`] | settings | domain |
//! | [`telemetry`] | logs | domain, config |
//!
//! Gateway and ledger never see each other. Nothing below `daemon` and `cli` reads the clock.
//!
//! # What always holds
//!
//! 1. A refund moves its amount at most once, whatever times out, crashes, restarts, or is written into
//!    the ledger beside its contract.
//! 2. The refunds of an order never add up to more than its amount.
//! 3. No money call is sent inside the closing window, nor one whose answer or second step
//!    could fall into it.
//! 4. No money call is made from a stale observation, an unknown status, or an answer with
//!    another order's number.
//! 5. Every authorized order that is not held back is captured before day 21 as long as the
//!    gateway answers at all in the day before, or an alert says why not.
//! 6. No order comes near day 21, 80 or 90 without alerts that grew louder, whatever its looks show.
//! 7. Nothing that was committed is lost by a kill at any instant, and nothing is dropped in
//!    silence: every row ends done, rejected with a reason, canceled, or before a person with an
//!    alert, and what has not ended is told by its age.
//! 8. Keys, card digits and customer data never reach a log, an event or an error; long digits in
//!    the vendor's own words are masked.
//!
//! Read on in [`domain::plan`], then [`domain::record`], then `engine/cards/execute.rs`, then `tests/kill.rs`.

#[cfg(not(feature = "deliberate-faults"))]
#[macro_use]
mod deliberate;
#[cfg(feature = "deliberate-faults")]
#[macro_use]
pub mod deliberate;

pub mod cli;
pub mod config;
pub mod daemon;
pub mod deliver;
pub mod doctor;
pub mod domain;
pub mod engine;
pub mod gateway;
pub mod ledger;
pub mod metrics;
pub mod rehearsal;
pub mod simulator;
pub mod telemetry;
pub mod web;
