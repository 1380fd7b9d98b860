//! After the run: no redeemed value went back, and the ledger's vouchers against the bank's.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use ecpayd::domain::action::Action;
use ecpayd::domain::voucher::{IssueStatus, UseStatus};
use ecpayd::simulator::STAGE_VOUCHER_KEYS;
use ecpayd::simulator::bank::{Terms, Truth, Used, VoucherOrder, VoucherTruth};

use crate::hands::{Shop, names};
use crate::ledger::LedgerHandle;
use crate::story::Story;
use crate::vouchers::{self, Part};
use crate::world::World;

/// A look at the vouchers that is older than this decides nothing about money.
const FRESH: Duration = Duration::seconds(60);

/// The bank's week, and a day and a half for the looks to see first that it has begun and then that it is over.
const LONG_UNCONFIRMED: Duration = Duration::hours(7 * 24 + 36);

/// One call of ours that took effect at the bank.
pub struct Move {
    pub action: Action,
    pub amount: i64,
    /// When its attempt was written.
    pub started_at: DateTime<Utc>,
    /// The key of the refund that it was for.
    pub key: Option<usize>,
}

/// What holds back the refunds of one card order.
pub struct Guard {
    vouchers: VoucherOrder,
    /// Since when the shop wants it no more.
    off_at: Option<DateTime<Utc>>,
    /// Another authorization than the order's own has paid for them.
    of_another: bool,
}

impl Guard {
    /// The vouchers with this order's number, whoever paid for them.
    pub fn of(order: usize, truth: &Truth, world: &World, shop: &Shop) -> Option<Self> {
        if vouchers::part(order) != Some(Part::Paid) {
            return None;
        }
        let vouchers = sold(order, world)?;
        let gwsr = truth.authorizations.first()?.gwsr;
        let off_at = shop.unguarded.get(&order).copied();
        let of_another = gwsr != vouchers.credit_trade_id;
        Some(Self { vouchers, off_at, of_another })
    }

    /// Tickets are still being issued: what they come to cannot be told.
    pub fn holds_back(&self, now: DateTime<Utc>) -> bool {
        self.off_at.is_none() && self.vouchers.status(now) == IssueStatus::Issuing
    }

    pub fn redeemed(&self, before: DateTime<Utc>) -> i64 {
        let known = |used: &Used| matches!(used, Used::Redeemed { at, .. } if *at < before);
        self.vouchers.tickets.iter().filter(|t| known(&t.used)).map(|t| t.amount.dollars()).sum()
    }
}

/// No redeemed value goes back to the card.
///
/// The look that decides about a call is made for its refund: after the shop has written it, and
/// at most 60 s before the attempt is written. So what was redeemed before the later of these two
/// was known, and after each R and N of ours, all that ours have given back by then is at most
/// the order's amount less that. What was redeemed later cannot be known: the gateway has no call
/// that would lock a ticket. What somebody refunds at the dashboard is his own doing and left
/// out, and so is every call whose attempt was written after the shop took the guard back.
pub fn nothing_redeemed_goes_back(
    guard: &Guard,
    amount: i64,
    moves: &[Move],
    shop: &Shop,
    check: &mut impl FnMut(bool, &str),
) {
    let mut back = 0;
    for done in moves.iter().filter(|m| matches!(m.action, Action::R | Action::N)) {
        back += done.amount;
        if guard.off_at.is_some_and(|off_at| off_at <= done.started_at) {
            continue;
        }
        check(!guard.of_another, "money went back, and another authorization has paid for its vouchers");
        let written = done.key.map(|key| shop.written[key]);
        let known = (done.started_at - FRESH).max(written.unwrap_or(DateTime::UNIX_EPOCH));
        let redeemed = guard.redeemed(known);
        let what = format!(
            "{back} went back by {} of {}, and {redeemed} were redeemed by {known}",
            done.action, done.started_at
        );
        check(back <= amount - redeemed, &what);
    }
}

/// A voucher order as the ledger shows it.
struct Book {
    state: String,
    voucher_trade_no: Option<String>,
    /// Sold for, redeemed, refunded, unused.
    amounts: [Option<i64>; 4],
    confirmed: Option<i64>,
    looked_at: Option<DateTime<Utc>>,
    asked_at: Option<DateTime<Utc>>,
    /// QueryRefundInfo told nothing when it was asked last.
    untold: bool,
    next_at: Option<DateTime<Utc>>,
    /// By number: its status, its face value.
    tickets: Vec<(String, String, i64)>,
    /// Kinds of the open ones.
    alerts: Vec<String>,
}

/// By number.
fn read(ledger: &LedgerHandle) -> HashMap<String, Book> {
    let orders = "SELECT s.number, s.last_checked_at AS looked, s.refunds_asked_at, s.refunds_error IS NOT NULL AS untold, s.next_at, v.*
                    FROM voucher_state s JOIN voucher_status v
                      ON v.merchant_id = s.merchant_id AND ifnull(v.merchant_trade_no, v.free_trade_no) = s.number";
    let amounts = ["trade_amount", "redeemed_amount", "refunded_amount", "unused_amount"];
    let books = ledger.rows(orders, (), |row| {
        let mut sums = [None; 4];
        for (sum, column) in sums.iter_mut().zip(amounts) {
            *sum = row.get(column);
        }
        let book = Book {
            state: row.get("state"),
            voucher_trade_no: row.get("voucher_trade_no"),
            amounts: sums,
            confirmed: row.get("refund_confirmed_amount"),
            looked_at: row.get("looked"),
            asked_at: row.get("refunds_asked_at"),
            untold: row.get("untold"),
            next_at: row.get("next_at"),
            tickets: Vec::new(),
            alerts: Vec::new(),
        };
        (row.get::<String>("number"), book)
    });
    let mut books: HashMap<String, Book> = books.into_iter().collect();
    let tickets = "SELECT ifnull(merchant_trade_no, free_trade_no) AS number, ticket_no, use_status, amount
                     FROM voucher_tickets ORDER BY number, ticket_no";
    let tickets = ledger.rows(tickets, (), |row| (row.get(0), (row.get(1), row.get(2), row.get(3))));
    for (number, ticket) in tickets {
        let number: String = number;
        books.get_mut(&number).expect("a voucher order").tickets.push(ticket);
    }
    let alerts = "SELECT s.number, a.kind FROM alerts a JOIN voucher_state s ON s.voucher_id = a.voucher_id WHERE a.closed_at IS NULL";
    for (number, kind) in ledger.rows(alerts, (), |row| row.all::<(String, String)>()) {
        books.get_mut(&number).expect("a voucher order").alerts.push(kind);
    }
    books
}

fn sold(order: usize, world: &World) -> Option<VoucherOrder> {
    let (id, number) = (names(order).0, vouchers::number(order)?);
    world.hands.bank.with_bank(|bank, _| bank.voucher(&id, &number).cloned())
}

/// All voucher orders that the ledger took.
pub fn all(shop: &Shop, world: &World, story: &mut Story, wrong: &mut Vec<String>) {
    let mut books = read(&shop.ledger);
    for order in shop.vouchers.clone() {
        let number = vouchers::number(order).expect("an order with vouchers");
        let Some(book) = books.remove(number.as_str()) else {
            wrong.push(format!("voucher order {number}: the ledger has lost its row"));
            continue;
        };
        // Calls about its card order's number are struck till the end, and it has the same.
        if world.in_trouble.contains(&order) && vouchers::part(order) == Some(Part::Paid) {
            continue;
        }
        let sold = sold(order, world);
        let mut check = |right: bool, what: &str| {
            if !right {
                wrong.push(format!("voucher order {number} ({}): {what}; bank {sold:?}", book.state));
            }
        };
        story.voucher_orders += 1;
        let waits = book.next_at.is_none_or(|at| at > world.now - Duration::minutes(1));
        check(waits, &format!("it was due at {:?} and nothing was done", book.next_at));
        // What the bank does not know has neither been sold nor may be shown.
        let known = sold.as_ref().filter(|s| book.looked_at.is_none_or(|at| s.created_at <= at));
        match (known, book.looked_at) {
            (_, None) => check(false, "it was never looked at"),
            (None, Some(_)) => check(book.state == "not_found", "the bank does not know it"),
            (Some(order), Some(at)) => {
                let id = &order.merchant_id;
                let terms = world.hands.bank.with_bank(|bank, _| bank.terms(id).cloned()).expect("a merchant");
                let then = as_it_was(order, at);
                story.redeemed += u64::try_from(order.sum(UseStatus::Redeemed, world.now).0).expect("a few");
                same_tickets(&book, &then, &mut check);
                confirmed(&book, order, &terms, &mut check);
                alerts(&book, order, &terms, world.now, &mut check);
            }
        }
    }
    leaks(shop, wrong);
}

/// The order at a time that is past: what has happened since is taken back.
fn as_it_was(order: &VoucherOrder, at: DateTime<Utc>) -> VoucherTruth {
    let mut then = order.clone();
    for ticket in &mut then.tickets {
        if matches!(ticket.used, Used::Redeemed { at: used, .. } | Used::Refunded { at: used } if used > at) {
            ticket.used = Used::No;
        }
    }
    then.refunds.retain(|refund| refund.at <= at);
    then.truth(at)
}

/// Ticket by ticket and dollar by dollar what the bank had at the last look.
fn same_tickets(book: &Book, then: &VoucherTruth, check: &mut impl FnMut(bool, &str)) {
    check(book.state == then.status.word(), "the bank says otherwise");
    check(book.voucher_trade_no.as_deref() == Some(&then.ticket_trade_no), "it has another number at ECTicket");
    let amounts = [then.trade_amount, then.redeemed_amount, then.refunded_amount, then.unused_amount];
    check(book.amounts == amounts.map(Some), &format!("the ledger holds {:?}, the bank had {amounts:?}", book.amounts));
    let ticket = |t: &ecpayd::simulator::bank::TicketTruth| {
        (t.ticket_no.clone(), t.status.word().to_owned(), t.amount.dollars())
    };
    let mut tickets: Vec<_> = then.tickets.iter().map(ticket).collect();
    tickets.sort();
    check(book.tickets == tickets, &format!("the ledger holds {:?}, the bank had {tickets:?}", book.tickets));
}

/// What the bank had confirmed when it was asked last.
fn confirmed(book: &Book, order: &VoucherOrder, terms: &Terms, check: &mut impl FnMut(bool, &str)) {
    let then = book.asked_at.map_or(0, |at| order.confirmed(at));
    let told = book.confirmed.unwrap_or(0);
    let right = if book.untold || !terms.voucher_refund_info { told <= then } else { told == then };
    check(right, &format!("the ledger says {told} confirmed, the bank had {then} at {:?}", book.asked_at));
}

fn alerts(book: &Book, order: &VoucherOrder, terms: &Terms, now: DateTime<Utc>, check: &mut impl FnMut(bool, &str)) {
    let open = |kind: &str| book.alerts.iter().any(|k| k == kind);
    let failed = book.state == "issue_failed";
    check(failed == open("voucher_issue_failed"), "a failed issuing and its alert do not go together");
    // The call answers for money in trust alone.
    let told = terms.voucher_refund_info;
    let missing = |at: Option<DateTime<Utc>>| !told || at.is_none_or(|at| at > now);
    let since = order.refunds.iter().filter(|r| missing(r.confirmed_at)).map(|r| r.at).min();
    // What is missing after a part was confirmed may be younger than that part.
    let heard = order.refunds.iter().filter_map(|r| r.confirmed_at).filter(|at| told && *at <= now).max();
    let long = since.max(heard.filter(|_| since.is_some())).is_some_and(|since| now - since > LONG_UNCONFIRMED);
    let untold = long && order.has_pickup() && !order.number.is_free() && !open("voucher_refund_unconfirmed");
    check(!untold, &format!("not confirmed since {since:?}, and no alert says so"));
    let nothing_refunded = order.refunds.is_empty() && open("voucher_refund_unconfirmed");
    check(!nothing_refunded, "an alert tells of a refund that nobody made");
    let senseless = book.alerts.iter().find(|kind| ["voucher_mismatch", "unknown_status"].contains(&kind.as_str()));
    check(senseless.is_none(), &format!("an alert says that it makes no sense: {senseless:?}"));
}

fn leaks(shop: &Shop, wrong: &mut Vec<String>) {
    let secrets = "SELECT count(*) FROM (SELECT detail AS text FROM events UNION ALL SELECT message FROM alerts
                     UNION ALL SELECT last_error FROM voucher_state UNION ALL SELECT refunds_error FROM voucher_state)
                    WHERE instr(text, ?) OR instr(text, ?)";
    if shop.ledger.value::<i64>(secrets, [STAGE_VOUCHER_KEYS.0, STAGE_VOUCHER_KEYS.1]) > 0 {
        wrong.push("a key of the voucher service stands in the ledger".to_owned());
    }
}
