//! What a shop may write: statements read off the bytes, each judged by its effect.

mod books;
mod model;
mod statement;
mod vouchers;

use self::books::Books;
use self::statement::{Conflict, Statement, Table};
use super::dice::Dice;
use super::ledger::{self, Shop};

/// Enough for a life of an order, and a bound for one input.
const MOST_STEPS: usize = 24;

/// From this byte on a step is about voucher orders.
const OF_VOUCHERS: u8 = 192;

/// The daemon has seen everything: whatever is due afterwards, the shop has made due.
const SEEN: &str = "UPDATE order_state SET next_at = 4102444800000, rank = 2 WHERE next_at IS NOT NULL";

/// What the daemon does between a shop's writes.
const DAEMON: [&str; 5] = [
    "UPDATE order_state SET state = 'captured', amount = 1000, captured_amount = 1000, left_amount = 1000
      WHERE left_amount IS NULL AND order_id = (SELECT max(order_id) FROM order_state WHERE left_amount IS NULL)",
    "UPDATE refunds SET state = 'running' WHERE intent_id = (SELECT min(intent_id) FROM refunds WHERE state = 'queued')",
    "UPDATE refunds SET state = 'rejected', detail = 'refused' WHERE state = 'running'",
    "UPDATE refunds SET state = 'waiting' WHERE intent_id = (SELECT max(intent_id) FROM refunds WHERE state = 'queued')",
    "UPDATE refunds SET state = 'review' WHERE state = 'waiting'",
];

/// Every sentence that a shop may read, by a part of it. SQLite's own are told for a value of
/// the wrong kind, a column left NULL, and the names of the indexes.
const SENTENCES: [&str; 37] = [
    "merchant_id is not in the settings",
    "merchant_trade_no must be 1 to 20 letters and digits",
    "trade_no must be 1 to 20 letters and digits",
    "must be a whole number of New Taiwan dollars",
    "capture must be one of auto, now, hold",
    "the order is in the ledger already and is never replaced",
    "only capture, expected_amount, installments and memo of an order may be changed",
    "orders are never deleted",
    "request_key must be a text of 1 to 200 characters",
    "request_key must be text in UTF-8, neither blank nor with control characters",
    "created_at is the time of the INSERT",
    "trade_no is the authorization of another order",
    "cancel is set by an UPDATE of a refund",
    "the order is registered by trade_no",
    "amount is more than what is left of the order",
    "request_key was used already",
    "a refund is never changed",
    "cancel can only be set to 1",
    "the refund has ended already",
    "the refund has begun",
    "refunds are never deleted",
    "are append-only",
    "never deleted: they are the record",
    "_in_the_ledger_already",
    "UNIQUE constraint failed: ",
    "cannot store ",
    "NOT NULL constraint failed",
    "datatype mismatch",
    "a voucher order has a merchant_trade_no or a free_trade_no",
    "merchant_trade_no of a voucher order must be 1 to 25 letters and digits",
    "free_trade_no must be 1 to 20 letters and digits",
    "guard must be 0 or 1",
    "the voucher order is in the ledger already and is never replaced",
    "only guard and memo of a voucher order may be changed",
    "voucher orders are never deleted",
    "id is given by the ledger",
    // After the last id there is, given by hand.
    "database or disk is full",
];

pub fn check(data: &[u8]) {
    let mut dice = Dice::new(data);
    ledger::with(|shop| {
        let recursive = dice.below(2);
        shop.run(&format!("PRAGMA recursive_triggers = {recursive}"), &[]).expect("a pragma");
        let mut books = Books::of(shop);
        for _ in 0..MOST_STEPS {
            if dice.is_empty() {
                break;
            }
            let Some(after) = step(shop, books, &mut dice) else { break };
            books = after;
        }
    });
}

/// What stands there afterwards; nothing when the transaction is gone.
fn step(shop: &mut Shop, mut before: Books, dice: &mut Dice<'_>) -> Option<Books> {
    let byte = dice.byte();
    if byte >= OF_VOUCHERS {
        return vouchers::step(shop, &before, dice);
    }
    let choice = usize::from(byte % 16);
    if let Some(daemon) = DAEMON.get(choice) {
        shop.run(daemon, &[]).expect("the daemon's own write");
        return Some(Books::of(shop));
    }
    let statement = Statement::read(choice, dice);
    shop.run(SEEN, &[]).expect("the daemon's own write");
    before.are_seen();
    let (text, values) = statement.sql();
    let done = shop.run(&text, &values);
    let after = Books::of(shop);
    let context = || format!("{text} {values:?}: {done:?}");
    match &done {
        Ok(rows) => taken(&statement, &before, &after, *rows, &context),
        Err(said) => {
            assert_ne!(model::adds_a_row(&statement, &before), Some(true), "the model takes it: {}", context());
            assert!(SENTENCES.iter().any(|known| said.contains(known)), "no sentence: {}", context());
            match statement.conflict() {
                // Rolled back to where the ledger stood before this input.
                Conflict::Rollback if after != before => return None,
                // Rows before the refused one stay, by the shop's own wish.
                Conflict::Fail => after.follows(&before, &context),
                _ => assert_eq!(after, before, "a refused write has changed something: {}", context()),
            }
        }
    }
    Some(after)
}

fn taken(statement: &Statement, before: &Books, after: &Books, rows: u64, context: &dyn Fn() -> String) {
    after.follows(before, context);
    if let Some(added) = model::adds_a_row(statement, before) {
        let table = |books: &Books| match statement.table() {
            Table::Orders => books.orders.len(),
            _ => books.intents.len(),
        };
        assert_eq!(table(after) > table(before), added, "the model says otherwise: {}", context());
    }
    if statement.is_wish() && statement.conflict() == Conflict::Plain {
        assert_eq!(after.due(), usize::try_from(rows).expect("few"), "not every order is due: {}", context());
    }
}
