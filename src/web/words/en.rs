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
    last_pass: |seconds| format!(", last pass {seconds} s ago"),
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
    // Banners
    not_well: "Not well",
    around_unread: |since| {
        format!("Alerts, pauses and counts cannot be read from the ledger, since {since}: the log of ecpayd says why.")
    },
    restored_name: "Restored ledger",
    restored: |noticed_at, waiting, unclaimed| {
        format!(
            "This ledger may be an older copy, as was noticed at {noticed_at}: ecpayd status says why. {waiting} unfinished orders wait for a look, on which no money moves until then; {unclaimed} show a refund or a void that nobody has claimed."
        )
    },
    paused_name: "Paused",
    queries_go_on: " Queries go on.",
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
    money_right: "The money is right",
    not_compared: "Not compared",
    not_balanced: "The ledger does not add up",
    n_differences: |n| if n == 1 { "1 difference".to_owned() } else { format!("{n} differences") },
    adds_up: "The ledger adds up to the dollar.",
    books_differ: |orders, movements, names| {
        format!(
            "Its orders show NT${orders} authorized and not captured, its movements leave NT${movements}. Orders that differ: {names}; ecpayd check has all."
        )
    },
    too_many_to_add: "More is authorized than this page counts: ecpayd check says whether the ledger adds up.",
    reconcile_names: "The alerts say which, and ecpayd reconcile.",
    nothing_captured: "Nothing is captured yet: there is no statement to hold it against.",
    statement_missing: |merchant| {
        format!(
            "No statement of ECPay is read for merchant {merchant}: this page does not know whether its payouts are right."
        )
    },
    statement_old: |merchant, to| {
        format!(
            "ECPay's statements of merchant {merchant} are read up to {to} only: what came later is not held against them."
        )
    },
    statements_agree: |to| format!("ECPay's statements are read up to {to}, and nothing in them differs from it."),
    statements_to: |to| format!("ECPay's statements are read up to {to}."),
    authorized_money: "Authorized money",
    on_morning: |day| format!("on {day}, 00:00"),
    authorized_since: "authorized since",
    voided: "voided",
    expired_at_90: "expired at day 90",
    authorized_now: "authorized now, as on the wall",
    captured_money: "Captured money",
    is_net: "= net",
    ecpays_statement: "ECPay's statement",
    rows: "rows",
    fees: "− fees",
    paid_or_due: "= paid out or due",
    could_not_be_read: |since| {
        format!(
            "This part could not be read, since {since}: the log of ecpayd says why. The others are as they should be."
        )
    },
    daily_title: "Captured and given back, 30 days",
    daily_sum: |captured, back, net| format!("30 days: captured NT${captured}, given back NT${back}, net NT${net}"),
    daily_desc: |from, to, most| format!("{from} to {to}; most captured on one day NT${most}."),
    daily_none: "Nothing was captured or given back in 30 days.",
    daily_back: "refunded or called back",
    called_back: "called back",
    net: "net",
    count: "count",
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
    movements: "Movements of money",
    movement: "Movement",
    by_whom: "by",
    on_day: "day",
    seen_at: "seen at",
    no_movement: "No money of this order has moved yet.",
    history: "History",
    history_cut: "The newest 200 lines; ecpayd show has all.",
    alert_raised: |loud, kind| format!("alert, {loud}: {kind}"),
    alert_seen: |by, kind| format!("{by} has seen the alert: {kind}"),
    alert_closed: |kind| format!("the alert is over: {kind}"),
    allowance_noted: |number, amount, refund| {
        format!("the shop notes allowance {number} of NT${amount} for refund {refund}")
    },
    allowance_canceled: |number, amount, refund| {
        format!("the shop notes allowance {number} of NT${amount} for refund {refund}; it was canceled later")
    },
    // Alerts
    n_alerts_open: |alerts, to_do, to_know| format!("Open alerts: {alerts}. To do: {to_do}, to know: {to_know}"),
    alerts_intro: "Alerts with one cause are one entry. They close by themselves when the cause is gone; an event stays until 30 days after it is acknowledged.",
    closed_alerts: "Closed in 30 days",
    none_closed: "None.",
    from: "from",
    to: "to",
    told_at: |at| format!("told {at}"),
    told_next: "not told yet: in the next message",
    not_reached: |tries, again, why| format!("not reached after {tries} tries, again at {again}: {why}"),
    given_up: |at, why| format!("given up at {at}: {why}"),
    who_is_told: "Who is told",
    nobody_is_told: "Nobody: the settings name no [[alerts.channel]]. Until they do, alerts stand here and in the log alone.",
    channel: "channel",
    told_what: "of what",
    told_from: |severity| format!("alerts, from {severity} on"),
    to_the_shop: "what ends for an order, to the shop",
    last_reached: "last reached",
    reached: "reached",
    never_tried: "nothing was sent yet: try ecpayd alerts test",
    fails_now: |pending, again, why| format!("{pending} not delivered, again at {again}: {why}"),
    // The gateway
    gateway_quiet: "No failure is known",
    n_services_troubled: |n| {
        if n == 1 { "1 service is silent or fails".to_owned() } else { format!("{n} services are silent or fail") }
    },
    gateway_intro: "What the ledger knows: silence after HTTP 403, open alerts about a service, and orders whose looks fail.",
    merchants_and_services: "Merchants and services",
    now: "Now",
    silence: "Silence",
    statement_read_to: "Statement read to",
    until: |until| format!("until {until}"),
    troubled: "fails",
    no_failure: "no failure known",
    ecpay_answers: "ECPay answers",
    answers: "answers",
    last_answer: "last answer",
    clock: "clock",
    no_call_in_48: "No call in 48 hours.",
    all_answered: |calls| format!("{calls} calls in 48 hours, all answered."),
    calls_per_hour: |from, to| format!("calls per hour, {from} – {to}"),
    answered: "answered",
    refused_by_ecpay: "refused by ECPay",
    unusable: "answer not usable",
    unanswered: "not answered",
    limited: "HTTP 403",
    none_in_48: "None in 48 hours:",
    comma: ", ",
    hour: "hour",
    calls_made: "calls",
    failing_looks: "Orders whose looks fail",
    no_look_fails: "No look fails.",
    again_at: "again at",
    // The daemon's look at itself
    doctor: "Self-check",
    doctor_intro: "The daemon looks at itself at its start, every quarter of an hour, and when it reads its settings again: without root, and without a call of its own to ECPay.",
    doctor_does_all: "All of it, and at once:",
    directories_left_out: "Files are named without their directories here, since this page asks nobody for a token.",
    no_daemon_checked: "No daemon runs behind this page, so there is no self-check",
    not_checked_yet: "Not made yet: the daemon has just started",
    check_not_made: "The self-check could not be made",
    check_failing: |since, why| format!("Could not be made, since {since}: {why}."),
    checks_found: |failing, warnings, all| match (failing, warnings) {
        (0, 0) => format!("All {all} checks are well"),
        (0, warnings) => format!("Of {all} checks none fails; warnings: {warnings}"),
        (failing, warnings) => {
            format!("Of {all} checks {failing} {}; warnings: {warnings}", if failing == 1 { "fails" } else { "fail" })
        }
    },
    checked_at: |minutes, at| format!("Last self-check {minutes} min ago, at {at}."),
    looked_at: "Looked at",
    check: "check",
    found: "found",
    to_mend: "to mend",
    not_looked_at: "Not looked at here",
    why_not: "why not",
};
