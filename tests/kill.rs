//! Invariants 1, 2 and 7 from outside: the real binary over real HTTP, killed again and again.
//!
//! `ECPAYD_KILLS=300 cargo test --test kill -- --nocapture` kills it more often.

#[path = "kill/by_form.rs"]
mod by_form;
#[path = "kill/restored.rs"]
mod restored;
mod support;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ecpayd::domain::action::Action;
use ecpayd::simulator::bank::ActionRecord;
use ecpayd::simulator::{Fault, FaultKind, OnCall, SimHandle};
use support::{Daemon, House, LedgerHandle, gateway, paid, truth};

const SETTINGS: &str = r#"
[capture]
policy = "immediate"
[gateway]
timeout = "2s"
min_interval = "2ms"
settle_gap = "200ms"
# The least that the settings allow: how long an unanswered call may still take effect.
request_validity = "1m"
max_skew = "2s"
[poll]
foreign_writes = "20ms"
[log]
level = "info"
"#;

/// After so many milliseconds a daemon is killed: before it has opened the ledger, in the middle
/// of its start, and at work.
const DELAYS_MS: [u64; 10] = [60, 5, 140, 25, 90, 45, 250, 15, 180, 110];

fn kills() -> usize {
    std::env::var("ECPAYD_KILLS").map_or(44, |n| n.parse().expect("a number"))
}

/// The faults end before the kills do, so that what they leave unanswered is settled by the end.
const UNHARMED: usize = 14;

/// What an unanswered call may need: its validity, the skew, and two looks.
const SETTLED_WITHIN: Duration = Duration::from_secs(180);

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_is_killed_at_any_instant_moves_all_money_exactly_once() {
    let bank = gateway().await;
    let house = House::new(&bank.url(), SETTINGS);
    house.done(&["run", "--once"]);
    let sql = house.sql().await;
    let kills = kills();
    for round in 0..kills {
        write_like_a_shop(&sql, &bank.handle, round);
        if round + UNHARMED < kills {
            strike(&bank.handle, round);
        }
        let daemon = house.start();
        live_a_while(&bank.handle, round).await;
        daemon.kill();
        every_call_is_in_the_ledger(&sql, &bank.handle);
    }
    let mut daemon = house.start();
    everything_ends(&sql, &mut daemon).await;
    assert!(daemon.stop().await.success());
    assert!(calls(&bank.handle) > kills, "{} calls", calls(&bank.handle));
    ledger_and_bank_agree(&sql, &bank.handle, kills);
    assert_eq!(sql.ask("SELECT count(*) FROM restores"), "0", "the ledger was never an older one");
    tell("kills", kills, &sql, &bank.handle);
    assert_eq!(sql.ask("PRAGMA integrity_check"), "ok");
    assert!(!std::fs::read_to_string(house.path("daemon.log")).expect("a log").contains("panicked"));
}

/// What has happened, in figures.
fn tell(what: &str, kills: usize, sql: &LedgerHandle, bank: &SimHandle) {
    let figures = "SELECT (SELECT count(*) FROM orders) || ' orders, ' || (SELECT count(*) FROM refunds) || ' refunds, '
        || (SELECT count(*) FROM events WHERE kind = 'attempt_started') || ' money calls written down, '
        || (SELECT count(*) FROM events WHERE kind = 'attempt_unknown') || ' without an answer, '
        || (SELECT count(*) FROM events WHERE kind = 'attempt_unknown' AND detail LIKE '%found open at start-up%') || ' of these cut short by a kill'";
    let effects = bank.with_bank(|bank, _| bank.actions().iter().filter(|a| a.effect).count());
    let ledger = sql.ask(figures);
    eprintln!("{what}: {kills}; {ledger}; {} reached the bank, {effects} took effect", calls(bank));
}

/// The file may be empty, half migrated, or not yet marked as ours.
#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_whose_creation_was_cut_short_is_finished_by_the_next_start() {
    for delay_ms in [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 24, 28, 32, 36, 40, 50, 60] {
        let house = House::without_gateway(SETTINGS);
        let daemon = house.start();
        tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        daemon.kill();
        let told = house.tell(&["run", "--once"]);
        assert_eq!(told.code, Some(0), "after {delay_ms} ms: {told:?}");
        let sql = house.sql().await;
        sql.add_order("A1");
        assert_eq!(sql.ask("PRAGMA integrity_check"), "ok");
    }
}

/// A new order each round, and a refund of this one or of one that is older.
fn write_like_a_shop(sql: &LedgerHandle, bank: &SimHandle, round: usize) {
    let no = format!("K{round}");
    paid(bank, &no, 1000);
    sql.add_order(&no);
    let older = format!("K{}", round.saturating_sub(4));
    match round % 5 {
        // Before the capture or after it, as it comes.
        0 => sql.add_refund(&no, None, &format!("all-{round}")),
        1 if round > 4 => sql.add_refund(&older, None, &format!("all-late-{round}")),
        2 => {
            sql.add_refund(&no, Some(300), &format!("part-{round}"));
            sql.add_refund(&no, Some(300), &format!("same-again-{round}"));
        }
        3 => sql.add_refund(&no, Some(1000), &format!("whole-{round}")),
        _ => {}
    }
}

fn strike(bank: &SimHandle, round: usize) {
    let kinds = [
        FaultKind::LostAfter,
        FaultKind::LostBefore,
        FaultKind::Cut,
        FaultKind::Late { ms: 120 },
        FaultKind::StatusAfter { code: 502 },
        FaultKind::Delayed { s: 3 },
        FaultKind::Html,
        FaultKind::WrongOrderNumber,
        FaultKind::Status { code: 503 },
        FaultKind::Slow { ms: 1 },
        FaultKind::WrongKey,
    ];
    let actions = [Action::C, Action::R, Action::N, Action::E];
    bank.strike(Fault::on(actions[round % actions.len()], kinds[round % kinds.len()]));
    if round % 8 == 5 {
        let looks = [OnCall::CardDetail, OnCall::QueryOrder];
        bank.strike(Fault { call: looks[round % 2], ..Fault::any(kinds[round / 8 % kinds.len()]) });
    }
}

/// Until the bank has been asked for so much more, or for so long; in turns.
async fn live_a_while(bank: &SimHandle, round: usize) {
    let delay = Duration::from_millis(DELAYS_MS[round % DELAYS_MS.len()]);
    if round.is_multiple_of(2) {
        let wanted = calls(bank) + 1 + round % 3;
        let start = Instant::now();
        while calls(bank) < wanted && start.elapsed() < Duration::from_secs(1) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // With an answer under way, and a little after it.
        tokio::time::sleep(delay / 40).await;
    } else {
        tokio::time::sleep(delay).await;
    }
}

fn calls(bank: &SimHandle) -> usize {
    bank.with_bank(|bank, _| bank.actions().len())
}

/// Order, action and amount, counted.
type Tally = BTreeMap<(String, String, i64), usize>;

fn attempts(sql: &LedgerHandle, states: &str) -> Tally {
    let calls = "SELECT merchant_trade_no, action, amount FROM attempts a JOIN orders o ON o.id = a.order_id
                  WHERE ?1 = '' OR instr(?1, a.state)";
    tally(sql.rows(calls, [states], |row| row.all()).into_iter())
}

fn sent(bank: &SimHandle, which: impl Fn(&ActionRecord) -> bool) -> Tally {
    bank.with_bank(|bank, _| {
        let by_call = bank.actions().iter().filter(|a| a.by.is_call() && which(a) && !is_copy(bank.actions(), a));
        tally(by_call.map(|a| (a.merchant_trade_no.to_string(), a.action.letter().to_owned(), a.amount.dollars())))
    })
}

/// It came once more, which is none of the daemon's doing.
fn is_copy(all: &[ActionRecord], action: &ActionRecord) -> bool {
    let first = |a: &&ActionRecord| a.asked_at.is_none() && a.merchant_trade_no == action.merchant_trade_no;
    all.iter().filter(first).any(|a| Some(a.at) == action.asked_at && a.action == action.action)
}

fn tally(all: impl Iterator<Item = (String, String, i64)>) -> Tally {
    let mut tally = Tally::new();
    for key in all {
        *tally.entry(key).or_default() += 1;
    }
    tally
}

fn every_call_is_in_the_ledger(sql: &LedgerHandle, bank: &SimHandle) {
    let sent = sent(bank, |_| true);
    let written = attempts(sql, "");
    for (call, times) in &sent {
        let written = written.get(call).copied().unwrap_or(0);
        assert!(written >= *times, "{call:?} reached the bank {times} times and is written down {written} times");
    }
}

async fn everything_ends(sql: &LedgerHandle, daemon: &mut Daemon) {
    let open = "SELECT (SELECT count(*) FROM refunds WHERE state IN ('queued', 'running', 'waiting'))
                     + (SELECT count(*) FROM attempts WHERE state IN ('started', 'accepted', 'unknown'))
                     + (SELECT count(*) FROM order_state WHERE state IN ('registered', 'authorized'))";
    support::until_within(SETTLED_WITHIN, "every row has ended", async || {
        assert!(daemon.is_running(), "{}", daemon.log());
        sql.value::<i64>(open, ()) == 0
    })
    .await;
}

fn ledger_and_bank_agree(sql: &LedgerHandle, bank: &SimHandle, kills: usize) {
    assert_eq!(attempts(sql, "applied"), sent(bank, |a| a.effect), "what took effect is what the ledger says");
    let twice = "SELECT group_concat(refund_id) FROM (SELECT refund_id FROM attempts
                  WHERE state = 'applied' AND action IN ('R', 'N') GROUP BY refund_id HAVING count(*) > 1)";
    assert_eq!(sql.ask(twice), "", "refunds that moved twice");

    let orders = "SELECT merchant_trade_no, state, captured_amount, refunded_amount,
                         (SELECT ifnull(sum(r.refunded_amount), 0) FROM refund_status r WHERE r.merchant_trade_no = o.merchant_trade_no)
                    FROM order_status o";
    let orders: Vec<(String, String, i64, i64, i64)> = sql.rows(orders, (), |row| row.all());
    assert_eq!(orders.len(), kills, "nothing is lost");
    for (no, state, captured, refunded, done) in orders {
        let told = (captured, refunded, done);
        let real = truth(bank, &no);
        let expected = match state.as_str() {
            "voided" => (0, 0, 1000),
            "to_be_captured" | "captured" | "refunded" => (real.captured, real.refunded, real.refunded),
            other => panic!("{no} ended {other}: {real:?}"),
        };
        assert_eq!(told, expected, "{no} {state}: {real:?}");
        assert_eq!(real.void, state == "voided", "{no}");
    }
    let refunds = "SELECT group_concat(id || ' ' || state || ': ' || detail, '; ') FROM refund_status
                    WHERE NOT (state = 'done' AND refunded_amount = ifnull(amount, refunded_amount)) AND NOT (state = 'rejected' AND detail <> '')";
    assert_eq!(sql.ask(refunds), "", "refunds that ended neither done nor rejected with a reason");
    assert!(sql.ask("SELECT count(*) FROM refunds WHERE state = 'done'").len() > 1);
}
