//! The same with the ledger restored from a copy in between.

use std::time::Duration;

use super::{SETTINGS, UNHARMED, every_call_is_in_the_ledger, kills, live_a_while, sent, strike, tell};
use crate::support::ledger::{AddOrder, AddRefund, Refused};
use crate::support::{self, Daemon, House, LedgerHandle, MERCHANT, gateway, paid, truth};

/// A copy is put in place so many kills after it was made.
const AGE: usize = 7;

/// After so many kills there is another one.
const EVERY: usize = 60;

/// What is under way when a copy is put in place is waited for, what is unanswered settled, and a person asked.
const ENDED_WITHIN: Duration = Duration::from_secs(400);

/// What the shop itself remembers of a refund. No two of an order have the same amount, so that
/// the bank's books tell which of them was made.
struct Asked {
    no: String,
    amount: Option<i64>,
    key: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_restored_between_kills_moves_all_money_exactly_once() {
    let bank = gateway().await;
    let house = House::new(&bank.url(), SETTINGS);
    house.done(&["run", "--once"]);
    let mut sql = house.sql().await;
    let kills = kills();
    let (mut asked, mut copies) = (Vec::new(), 0);
    for round in 0..kills {
        let no = format!("K{round}");
        paid(&bank.handle, &no, 1000);
        asked.extend(wishes(&no, round));
        write_what_is_not_there(&sql, round + 1, &asked);
        if round + UNHARMED < kills {
            strike(&bank.handle, round);
        }
        let daemon = house.start();
        live_a_while(&bank.handle, round).await;
        daemon.kill();
        if copies == 0 {
            every_call_is_in_the_ledger(&sql, &bank.handle);
        }
        if round % EVERY == AGE {
            sql.copy(&house.path("copy.db"));
        }
        if round % EVERY == 2 * AGE {
            sql.put_in_place(&house.path("copy.db"));
            copies += 1;
        }
    }
    let mut daemon = house.start();
    write_until_all_is_there(&sql, kills, &asked).await;
    let answers = everything_ends(&sql, &house, &mut daemon, &bank.handle).await;
    assert!(daemon.stop().await.success());
    assert_ne!(sql.ask("SELECT count(*) FROM restores"), "0", "the copy was noticed");
    each_moved_once(&sql, &bank.handle, kills, &asked);
    assert_eq!(sql.ask("PRAGMA integrity_check"), "ok");
    assert!(!std::fs::read_to_string(house.path("daemon.log")).expect("a log").contains("panicked"));
    tell(&format!("{copies} older copies, {answers} answers of a person, kills"), kills, &sql, &bank.handle);
}

fn wishes(no: &str, round: usize) -> Vec<Asked> {
    let wish = |amount: Option<i64>, name: &str| Asked { no: no.to_owned(), amount, key: format!("{name}-{round}") };
    match round % 4 {
        0 => vec![wish(None, "all")],
        1 => vec![wish(Some(300), "first"), wish(Some(200), "second")],
        2 => vec![wish(Some(400), "part")],
        _ => Vec::new(),
    }
}

/// Everything that the shop knows of, as after a loss: what is there already is refused.
/// How many rows the ledger has no room for yet.
fn write_what_is_not_there(sql: &LedgerHandle, orders: usize, asked: &[Asked]) -> usize {
    let mut later = 0;
    for round in 0..orders {
        let no = format!("K{round}");
        let done = sql.order(&AddOrder { merchant: MERCHANT, no: &no, ..AddOrder::default() });
        later += usize::from(is_to_be_repeated(done));
    }
    for refund in asked {
        let Asked { no, amount, key } = refund;
        let done = sql.refund(&AddRefund { merchant: MERCHANT, no, amount: *amount, key, ..AddRefund::default() });
        later += usize::from(is_to_be_repeated(done));
    }
    later
}

fn is_to_be_repeated(done: Result<(), Refused>) -> bool {
    let Err(error) = done else { return false };
    let said = error.to_string();
    assert!(said.contains("already") || said.contains("more than what is left"), "{said}");
    said.contains("more than what is left")
}

async fn write_until_all_is_there(sql: &LedgerHandle, orders: usize, asked: &[Asked]) {
    support::until_within(ENDED_WITHIN, "the ledger takes every row of the shop", async || {
        write_what_is_not_there(sql, orders, asked) == 0
    })
    .await;
}

/// A person answers each question from ECPay's dashboard. How many there were.
pub async fn everything_ends(
    sql: &LedgerHandle,
    house: &House,
    daemon: &mut Daemon,
    bank: &ecpayd::simulator::SimHandle,
) -> usize {
    let open = "SELECT (SELECT count(*) FROM refunds WHERE state IN ('queued', 'running', 'waiting', 'review'))
                     + (SELECT count(*) FROM attempts WHERE state IN ('started', 'accepted', 'unknown', 'review'))
                     + (SELECT count(*) FROM order_state WHERE state IN ('registered', 'authorized'))";
    let mut answers = 0;
    support::until_within(ENDED_WITHIN, "every row has ended", async || {
        assert!(daemon.is_running(), "{}", daemon.log());
        answers += answer(sql, house, bank);
        sql.value::<i64>(open, ()) == 0
    })
    .await;
    answers
}

fn answer(sql: &LedgerHandle, house: &House, bank: &ecpayd::simulator::SimHandle) -> usize {
    let questions = "SELECT a.id, o.merchant_trade_no, a.action, a.amount,
                            (SELECT count(*) FROM attempts b WHERE b.order_id = a.order_id AND b.action = a.action
                                AND b.amount = a.amount AND b.state = 'applied')
                       FROM attempts a JOIN orders o ON o.id = a.order_id WHERE a.state = 'review'";
    let questions: Vec<(i64, String, String, i64, i64)> = sql.rows(questions, (), |row| row.all());
    let count = questions.len();
    for (id, no, action, amount, applied) in questions {
        let made = sent(bank, |a| a.effect).get(&(no, action, amount)).copied().unwrap_or(0);
        let known = usize::try_from(applied).expect("a count");
        let verdict = if made > known { "--applied" } else { "--not-applied" };
        house.done(&["resolve", &id.to_string(), verdict, "--by", "Mei"]);
    }
    count
}

fn each_moved_once(sql: &LedgerHandle, bank: &ecpayd::simulator::SimHandle, orders: usize, asked: &[Asked]) {
    for (call, times) in sent(bank, |a| a.effect) {
        // A capture that was called back is made again where the day has closed meanwhile.
        let moves = matches!(call.1.as_str(), "R" | "N");
        assert!(!moves || times == 1, "{call:?} took effect {times} times");
    }
    for round in 0..orders {
        let no = format!("K{round}");
        let wanted: i64 = asked.iter().filter(|a| a.no == no).map(|a| a.amount.unwrap_or(1000)).sum();
        let real = truth(bank, &no);
        let gone = if real.void { 1000 } else { real.refunded };
        assert_eq!(gone, wanted, "{no}: {real:?}");
        // Nothing is lost: the row is there.
        let shown = "SELECT captured_amount, refunded_amount FROM order_status WHERE merchant_trade_no = ?";
        let shown: (i64, i64) = sql.row(shown, [&no], |row| row.all());
        assert_eq!(shown, (real.captured, real.refunded), "{no}: {real:?}");
    }
    for refund in asked {
        let shown = "SELECT state, refunded_amount FROM refund_status WHERE request_key = ?";
        let (state, amount): (String, i64) = sql.row(shown, [&refund.key], |row| row.all());
        assert_eq!((state.as_str(), amount), ("done", refund.amount.unwrap_or(1000)), "{}", refund.key);
    }
}
