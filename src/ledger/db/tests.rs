//! Every statement of `ledger/sql`: it is in the list, it can be prepared, and it reads no table as a whole that grows.

mod allowed;

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::Connection;

use self::allowed::{ALLOWED, SMALL};

macro_rules! statements {
    ($($name:ident)+) => {
        &[$((stringify!($name), include_str!(concat!("../sql/", stringify!($name), ".sql")))),+]
    };
}

const STATEMENTS: &[(&str, &str)] = statements![
    add_order
    add_statement
    add_up_days
    add_unclaimed
    add_voucher
    alerts
    ask_about_refund
    attempt_answered
    attempt_ended
    attempt_in_review
    attempt_settled
    attempts_of
    book_movement
    channel_rest
    check_counts
    check_days
    check_events
    check_movements
    claim
    claim_movement
    close_delivery_alert
    close_merchant_alert
    close_missing_merchant
    close_storage_alert
    compare_numbers
    compare_orders
    compare_rows
    count_deliveries
    count_messages
    count_orders
    count_vouchers
    digest_counts
    digest_differences
    digest_money
    digest_paused
    digest_raised
    digest_uncaptured
    due_messages
    due_on_resume
    due_orders
    due_since
    due_vouchers
    effect_of_refund
    end_refund
    entries
    events_of
    find_orders
    find_vouchers
    follow_charge
    forget_calls
    full_minutes
    inspect_services
    inspect_troubles
    is_storage_told
    keep_answer
    keep_calls
    keep_statement_fetch
    keep_statement_row
    list_open_refunds
    list_days
    list_orders
    list_orders_in_state
    list_orders_of_merchant
    list_refunds_scanned
    list_tickets
    list_vouchers
    list_vouchers_in_state
    list_vouchers_of_merchant
    load_order
    load_voucher
    look_anew
    looks_awaited
    lost_answers
    lost_attempts
    lost_refunds
    lost_wishes
    merchants
    message_failed
    missing_merchants
    moved_by_others
    movements_of
    new_message
    next_deadlines
    next_due_order
    next_look
    next_step_at
    notice_restore
    open_alerts_of_row
    open_counts
    open_refunds
    note_statement_call
    open_unregistered
    order_event
    order_is_followed
    order_is_there
    owners_of_number
    page_ahead
    page_alert_counts
    page_alerts_of_order
    page_allowances_of
    page_authorized
    page_calls
    page_channels
    page_closed_alerts
    page_ended_refunds
    page_events_of
    page_failing
    page_last_answer
    page_merchants
    page_money_before
    page_money_days
    page_open_alerts
    page_orders
    page_orders_by_number
    page_orders_by_trade_no
    page_orders_in_state
    page_orders_of_merchant
    page_orders_of_merchant_in_state
    page_orders_scanned
    page_refunds_scanned
    page_settled
    page_statement
    page_told
    page_unbalanced
    pause
    pauses
    payout_rows
    plan_orders_anew
    plan_vouchers_anew
    queue_refund
    raise_alert
    record_look
    record_same_look
    record_trade_no
    record_voucher
    refunds_of
    remember_tickets
    renew_merchant_alert
    repeat_critical
    restore
    report_counts
    report_days
    report_days_moved
    report_given_back
    report_movements
    report_open_orders
    report_open_refunds
    report_opening
    report_refunds_asked
    report_vouchers
    resume
    same_authorization
    set_refund
    shown_orders
    start_attempt
    start_attempt_check
    start_attempt_order
    statement_row_place
    take_channel
    take_slot
    ticket_changes
    tickets_of
    undo_refunds
    undo_refunds_order
    unfinished_in_state
    unfinished_refunds
    unfinished_shown
    unfinished_uncaptured
    unlist_tickets
    vitals
    voucher_event
    voucher_events
    voucher_is_there
    voucher_of_order
    voucher_status
    vouchers_not_served
    vouchers_served_again
    waiting_alerts
    waiting_events
    wake_for_statement
];

fn ledger() -> Connection {
    let memory = Connection::open_in_memory().expect("memory");
    for statements in crate::ledger::sqlite::open::migrations() {
        memory.execute_batch(statements).expect("a migration");
    }
    memory
}

/// The steps that SQLite takes, as it says itself.
fn plan(ledger: &Connection, statement: &str) -> rusqlite::Result<Vec<String>> {
    let mut explained = ledger.prepare(&format!("EXPLAIN QUERY PLAN {statement}"))?;
    // Without values: the plan is made before there are any.
    explained.raw_query().mapped(|row| row.get("detail")).collect()
}

#[test]
fn every_file_is_in_the_list_and_the_list_names_no_other() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ledger/sql");
    let files = std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
    let files = files.filter(|path| path.extension().is_some_and(|e| e == "sql"));
    let files: BTreeSet<String> =
        files.map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned()).collect();
    let listed: BTreeSet<String> = STATEMENTS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(files, listed);
}

#[test]
fn no_statement_reads_a_table_as_a_whole_that_grows() {
    let ledger = ledger();
    let (mut refused, mut used) = (Vec::new(), Vec::new());
    for (name, statement) in STATEMENTS {
        let plan = plan(&ledger, statement).expect(name);
        for scan in plan.iter().filter_map(|step| step.strip_prefix("SCAN ")) {
            let allowed = ALLOWED.iter().find(|(of, what, _)| of == name && *what == scan);
            used.extend(allowed);
            let is_small = SMALL.iter().any(|(what, _)| *what == scan);
            if allowed.is_none() && !is_small {
                refused.push(format!("{name}: {scan}"));
            }
        }
    }
    assert!(refused.is_empty(), "read as a whole: {refused:#?}");
    let unused: Vec<_> = ALLOWED.iter().filter(|allowed| !used.contains(allowed)).collect();
    assert!(unused.is_empty(), "no longer needed: {unused:#?}");
}

/// By the other number, which is NULL in all that were sold, all of the merchant would be read.
#[test]
fn a_voucher_order_is_found_by_the_number_that_it_has() {
    let ledger = ledger();
    let by_number = STATEMENTS.iter().filter(|(_, statement)| statement.contains("free_trade_no = "));
    let mut found = 0;
    for (name, statement) in by_number {
        let plan = plan(&ledger, statement).expect(name).join("\n");
        for index in
            ["voucher_orders_sold (merchant_id=? AND merchant_trade_no=?)", "voucher_orders_free (merchant_id=?"]
        {
            assert!(plan.contains(index), "{name}: {plan}");
        }
        found += 1;
    }
    assert_eq!(found, 5);
}
