//! The page's words in English.

use super::Words;

pub const EN: Words = Words {
    // Around every page
    to_content: "To the content",
    pages: "Pages",
    overview: "Overview",
    orders: "Orders",
    refunds: "Refunds",
    alerts: "Alerts",
    gateway: "Gateway",
    as_of: "as of",
    other_language: "中文",
    to_end_it: "To end it:",
    times_are: "Times are Asia/Taipei; money is New Taiwan dollars.",
    only_shows: "This page only shows; it changes nothing.",
    hold_still: "Refreshes every 60 s: hold still",
    as_a_table: "The same as a table",
    colon: ": ",
    unit: "NT$",
    gap: " ",
    stop: ".",
    quote: "\"",
    unquote: "\"",
    days: "d",
    hours: "h",
    minutes: "min",
    // Banners
    not_well: "Not well",
    restored_name: "Restored ledger",
    restored: |why, waiting, unclaimed| {
        format!(
            "This ledger may be an older copy: {why}. {waiting} unfinished orders wait for a look, on which no money moves until then; {unclaimed} show a refund or a void that nobody has claimed."
        )
    },
    paused_name: "Paused",
    paused: |merchant, by, since, lasts| {
        format!("Merchant {merchant}, by {by}, for {lasts} (since {since}). Captures and refunds wait; queries go on.")
    },
    silent_name: "Silent",
    silent: |merchant, service, until| {
        format!(
            "Merchant {merchant}, {service}: ECPay limits our rate (HTTP 403), so no call until {until}; then it goes on by itself."
        )
    },
    // The three answers
    all_is_well: "All is well",
    things_need_you: |n| if n == 1 { "1 thing needs you".to_owned() } else { format!("{n} things need you") },
    needs_you: "Needs you",
    next: "Next",
    money: "Money",
    no_alert_open: "No alert is open.",
    lost_first: "Sorted by what is lost first.",
    can_wait: |warnings, notices| match (warnings, notices) {
        (n, 0) => format!("Warnings that can wait: {n}."),
        (0, n) => format!("Notices that can wait: {n}."),
        (warnings, notices) => format!("Warnings that can wait: {warnings}; notices: {notices}."),
    },
    nothing_ahead: "No authorized order waits for anything.",
    next_is: |when, what, number, amount| format!("{when}: {what}, {number}, NT${amount}."),
    money_answer: |authorized, refunds, differences| {
        format!(
            "NT${authorized} authorized and not captured; refunds not finished: {refunds}; differences told: {differences}. No statement is read."
        )
    },
    // Things to do
    type_this: "type",
    your_name: "NAME",
    it_is_there: "it is there: done, nothing is sent. Type",
    it_is_not: "it is not: it may be sent again. Type",
    a_pause_keeps: |n| {
        if n == 1 {
            "A pause keeps 1 order from moving".to_owned()
        } else {
            format!("A pause keeps {n} orders from moving")
        }
    },
    paused_sum: |merchant, amount| format!("Money actions of merchant {merchant} are paused; NT${amount} waits."),
    end_the_pause: "End the pause: ecpayd captures and refunds what it still can.",
    alike_sum: |amount, first| format!("NT${amount} in all. The first: {first}."),
    the_orders: "The orders",
    the_ledger: "the ledger",
    merchant: "merchant",
    n_orders: |n| if n == 1 { "1 order".to_owned() } else { format!("{n} orders") },
    since: "since",
    seen_by: "seen by",
    event: "event: stays until it is acknowledged",
    // The wall
    wall_headline: "The wall: authorized, not captured",
    nobody_late: "Nobody stands behind day 21.",
    n_late: |n| {
        if n == 1 { "1 order stands behind day 21.".to_owned() } else { format!("{n} orders stand behind day 21.") }
    },
    wall_intro: "An order stands at the days since its authorization, and moves one step to the right every day until it is captured or voided.",
    wall_part: "Only the oldest 20,000 are shown.",
    wall_title: "The wall: authorized orders by age",
    wall_desc: |orders, amount, [young, late, later, last]| {
        format!(
            "{orders} authorized orders, NT${amount}. {young} are younger than 21 days, {late} are 21 to 59 days old, {later} 60 to 79, {last} 80 or more."
        )
    },
    line_planned: "ecpayd captures",
    line_limit: "capture call ends",
    line_warned: "we start to warn",
    line_written: "ECPay writes",
    zones: [
        ("day 0–20", "in time"),
        ("21–59", "only ECPay's service can capture"),
        ("60–79", "capture or refund"),
        ("80–90", "gone at 90"),
    ],
    one_order: "one order",
    orders_a_brick: "orders to a brick:",
    on_hold: "on hold by the shop",
    past_day_21: "past day 21",
    day: "day",
    orders_count: "orders",
    held: "on hold",
    // What is next
    what_is_next: "What happens next",
    when: "When",
    order: "Order",
    what_and_why: "What and why",
    all_deadlines: "all deadlines",
    deadlines: "Deadlines",
    deadlines_intro: "Authorized orders, the oldest first: what comes next for each.",
    later: "later",
    planned: "planned",
    ecpay_captures: "ECPay captures",
    daily_auto_close: "daily auto close",
    if_resumed: "if resumed by then",
    paused_no_capture: "paused: no capture",
    day_21_ends: "day 21 ends",
    ecpay_abandons: "ECPay abandons it",
    foreseen_title: "Captures foreseen, 21 days",
    foreseen_in: |orders, amount| format!("Captures foreseen in 21 days: {orders}, NT${amount}"),
    foreseen_desc: |orders, amount, most| format!("{orders} captures, NT${amount}; most on one day NT${most}."),
    hollow_paused: "hollow: not while paused",
    // Refunds
    refund: "Refund",
    refunds_not_finished: "Refunds not finished:",
    why_it_waits: "Why it waits",
    asked: "asked",
    asked_for: "Asked for",
    all_left: "all that is left",
    all_refunds: "all refunds",
    no_refund_open: "No refund is under way.",
    n_refunds_open: |n| match n {
        0 => "Every refund has ended".to_owned(),
        1 => "1 refund is not finished".to_owned(),
        n => format!("{n} refunds are not finished"),
    },
    not_finished_oldest: "Not finished, oldest first",
    first_shown: "Shown are the first",
    ended_refunds: "Ended, newest first",
    no_refund_ended: "No such refund.",
    all: "all",
    older: "older",
    outcome: "Outcome",
    // Money
    is_money_right: "Is the money right?",
    money_verdict: |n| match n {
        0 => "No difference is told.".to_owned(),
        1 => "1 difference is told.".to_owned(),
        n => format!("{n} differences are told."),
    },
    money_looked_at: "Each look compares the order's state and amounts at ECPay with the ledger; what differs is an alert.",
    no_statement: "No statement of ECPay is read: this page does not know whether payouts are right.",
    sums_of_ledger: "Sums of the ledger",
    count: "count",
    authorized_now: "authorized now, as on the wall",
    of_it_held: "of these on hold",
    of_it_late: "of these past day 21",
    refunds_open: "refunds not finished",
    and_whole: |amount, whole| {
        if whole == 0 { amount.to_owned() } else { format!("{amount} + {whole} of all that is left") }
    },
    all_by_state: "All orders by state",
    no_orders_yet: "No orders yet.",
    // Orders
    number: "number",
    state: "State",
    show: "show",
    numbers_like: |number| format!("Orders {number}…"),
    no_order_found: "No such order.",
    type_more: "The first 50 are shown: type more of the number.",
    amount: "authorized",
    captured: "captured",
    refunded: "refunded",
    left: "left to refund",
    authorized_at: "authorized at",
    // One order
    ecpay_number: "ECPay number",
    paid_by: "paid by",
    last_look: "last look",
    look_failed: "the last look failed",
    memo: "memo",
    rule: "rule",
    next_step: |step, at| format!("{step} at {at}"),
    nothing_ahead_of_order: "Nothing more is foreseen",
    not_in_settings: |merchant| format!("merchant {merchant} is not in the settings: nobody looks after its orders"),
    life_line: "Life line",
    what: "What",
    not_authorized_yet: "Not authorized yet.",
    now_day: |day| format!("now, day {day}"),
    point_authorized: "authorized",
    point_planned: "capture planned",
    point_captured: "captured",
    point_ended: "ended",
    point_limit: "day 21: the capture call ends",
    point_limit_over: "day 21: the capture call ended",
    point_warned: "first reminder",
    no_refund_asked: "No refund was asked for.",
    vouchers: "Vouchers",
    sold: "sold",
    redeemed: "redeemed",
    refunded_in_tickets: "refunded in tickets",
    refund_confirmed: "confirmed by the bank",
    unused: "unused",
    calls: "Calls that move money",
    call: "Call",
    sent_at: "sent at",
    settled_at: "settled at",
    no_call_sent: "No call that moves money was ever sent for this order.",
    history: "History",
    history_cut: "The newest 200 lines; ecpayd show has all.",
    // Alerts
    n_alerts_open: |alerts, to_do, to_know| format!("Open alerts: {alerts}. To do: {to_do}, to know: {to_know}"),
    alerts_intro: "Alerts with one cause are one entry. They close by themselves when the cause is gone; an event stays until 30 days after it is acknowledged.",
    closed_alerts: "Closed in 30 days",
    none_closed: "None.",
    from: "from",
    to: "to",
    // The gateway
    gateway_quiet: "No failure is known",
    n_services_troubled: |n| {
        if n == 1 { "1 service is silent or fails".to_owned() } else { format!("{n} services are silent or fail") }
    },
    gateway_intro: "What the ledger knows: silence after HTTP 403, open alerts about a service, and orders whose looks fail.",
    merchants_and_services: "Merchants and services",
    now: "Now",
    silence: "Silence",
    until: |until| format!("until {until}"),
    troubled: "fails",
    no_failure: "no failure known",
    failing_looks: "Orders whose looks fail",
    no_look_fails: "No look fails.",
    again_at: "again at",
};
