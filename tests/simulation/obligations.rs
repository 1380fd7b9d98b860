//! Each morning: nothing that is not finished is older than its limit without an open alert.
//!
//! A second reading of the promise, from the bank's truth and the rows of the ledger alone: it asks
//! nothing of what the daemon computes but the step that it foresees.

use std::collections::{HashMap, HashSet};

use crate::actors::{AUTO_CLOSING, MERCHANTS, merchant_of};
use crate::hands::names;
use crate::ledger::{LedgerHandle, Row};
use crate::vouchers::order_of;
use crate::world::World;
use chrono::{DateTime, Duration, Utc};
use ecpayd::domain::action::Action;
use ecpayd::domain::calendar::taipei_date;
use ecpayd::domain::policy::{CapturePolicy, Policy};
use ecpayd::domain::status::CardStatus;
use ecpayd::simulator::bank::{ActionRecord, Authorization, Bank, Order};

/// Whether lives are looked at so unless something else is asked for.
pub const USUAL: bool = true;

/// What follows only from a look may be a look later.
const A_LOOK: Duration = Duration::days(1);

const CAPTURE_LIMIT: Duration = Duration::days(21);
const ABANDONED: Duration = Duration::days(90);

/// What has been found in the mornings so far.
pub struct Mornings {
    looks: bool,
    /// Waiting refunds by id, and the last time for which their next step was foreseen.
    dated: HashMap<i64, DateTime<Utc>>,
    /// The first morning on which the ledger showed an order to be captured.
    closing: HashMap<usize, DateTime<Utc>>,
    /// Each kind of silence of an order once.
    told: HashSet<(usize, &'static str)>,
    pub silent: Vec<(usize, String)>,
}

impl Mornings {
    pub fn new(looks: bool) -> Self {
        Self { looks, dated: HashMap::new(), closing: HashMap::new(), told: HashSet::new(), silent: Vec::new() }
    }

    /// What the ledger showed in the part that is lost.
    pub fn restored(&mut self) {
        self.closing.clear();
    }
}

/// An order of the ledger that nothing has ended.
struct Open {
    order: usize,
    id: i64,
    capture: String,
    expected: Option<i64>,
    registered_at: DateTime<Utc>,
    authorized_at: Option<DateTime<Utc>>,
    next_step: Option<(String, DateTime<Utc>)>,
    state: String,
    /// A capture was tried, and came to nothing.
    failed: bool,
    /// When a capture was tried last whose outcome is not known.
    tried_at: Option<DateTime<Utc>>,
    unfinished: bool,
    paused: bool,
    /// A pause that ends in time puts its capture off until then.
    resumes_at: Option<DateTime<Utc>>,
    /// A look has shown it authorized, or what follows from that.
    seen_open: bool,
    /// What was read last showed it captured.
    shown_captured: bool,
}

struct Refund {
    id: i64,
    created_at: DateTime<Utc>,
}

struct Alert {
    kind: String,
    stage: String,
    severity: u8,
}

const NOTICE: u8 = 0;
const WARNING: u8 = 1;
const CRITICAL: u8 = 2;

/// What one morning shows of the ledger.
struct Ledger {
    orders: Vec<Open>,
    refunds: HashMap<i64, Vec<Refund>>,
    alerts: HashMap<i64, Vec<Alert>>,
    /// Of a merchant as a whole.
    of_merchants: HashMap<String, Vec<Alert>>,
}

pub fn look(world: &mut World) {
    if !world.morning.looks || !world.clock.ahead().is_zero() {
        return;
    }
    let shop = world.hands.shop();
    let (ledger, missing) = (read(&shop.ledger), shop.missing);
    drop(shop);
    let mut silent = Vec::new();
    let Mornings { dated, closing, .. } = &mut world.morning;
    let lost = &world.lost;
    world.hands.bank.with_bank(|bank, _| {
        for open in &ledger.orders {
            foresee(&ledger, open, &world.policy, dated, world.now);
            if open.state == "to_be_captured" {
                closing.entry(open.order).or_insert(world.now);
            } else {
                closing.remove(&open.order);
            }
            let known = of_bank(bank, open.order);
            let given_up = || {
                let (id, no) = names(open.order);
                // A capture that a restored ledger knows nothing of was finished in its eyes, and is not looked at again.
                let captured = |a: &ActionRecord| {
                    a.effect
                        && a.action == Action::C
                        && lost.iter().any(|l| l.number == no.as_str() && l.attempt.asked_for(a))
                };
                !bank.actions_of(&id, &no).any(|a| a.effect && a.action == Action::N || captured(a))
            };
            let morning = Morning { ledger: &ledger, policy: &world.policy, now: world.now, dated, closing, missing };
            morning.judge(open, known, given_up, &mut silent);
        }
    });
    for (order, kind, what) in silent {
        if world.morning.told.insert((order, kind)) {
            world.morning.silent.push((order, format!("{} on the morning of {}", what, world.now)));
        }
    }
}

fn of_bank(bank: &Bank, order: usize) -> Option<&Order> {
    let (id, no) = names(order);
    bank.order(&id, &no)
}

/// When the settings have an order captured that nothing else is asked of.
fn by_settings(open: &Open, policy: &Policy) -> Option<DateTime<Utc>> {
    // At once, once a pause ends that ends in time.
    if open.capture == "now" && open.state == "authorized" {
        return open.resumes_at;
    }
    let authorized_at = open.authorized_at.filter(|_| open.capture == "auto" && open.state == "authorized")?;
    match policy.capture {
        CapturePolicy::Deadline => Some(authorized_at + Duration::days(policy.deadline_days) - policy.lead),
        // The bank's own closing comes first; ecpayd captures what that left out.
        CapturePolicy::Immediate if merchant_of(open.order) == AUTO_CLOSING => {
            Some(policy.window.next_closing_end(authorized_at) + policy.window.guard)
        }
        CapturePolicy::Immediate => open.resumes_at,
        CapturePolicy::Manual => None,
    }
}

/// A refund that waits for a capture whose time is known is not late before.
fn foresee(ledger: &Ledger, open: &Open, policy: &Policy, dated: &mut HashMap<i64, DateTime<Utc>>, now: DateTime<Utc>) {
    // What the settings say needs no morning on which it was ahead.
    let foreseen = open.next_step.as_ref().filter(|(step, at)| step != "look" && *at > now).map(|(_, at)| *at);
    let Some(at) = by_settings(open, policy).max(foreseen) else { return };
    for refund in ledger.refunds.get(&open.id).into_iter().flatten() {
        dated.insert(refund.id, at);
    }
}

struct Morning<'a> {
    ledger: &'a Ledger,
    policy: &'a Policy,
    now: DateTime<Utc>,
    dated: &'a HashMap<i64, DateTime<Utc>>,
    closing: &'a HashMap<usize, DateTime<Utc>>,
    missing: Option<usize>,
}

type Silent = Vec<(usize, &'static str, String)>;

impl Morning<'_> {
    /// `given_up`: whether it was ECPay that abandoned an order that is void.
    fn judge(&self, open: &Open, known: Option<&Order>, given_up: impl FnOnce() -> bool, silent: &mut Silent) {
        let mut tell = |kind: &'static str, told: bool, what: String| {
            if !told {
                silent.push((open.order, kind, what));
            }
        };
        self.merchant_is_missing(open, &mut tell);
        self.refund_waits(open, &mut tell);
        match known.and_then(|order| order.authorizations.first()) {
            None if known.is_none() => self.unknown(open, &mut tell),
            None => {}
            // Seen unauthorized and never anything else: for the ledger it is not paid.
            Some(a) if a.status.is_open() && open.state == "unpaid" && !open.seen_open => {}
            // Called back since the last look: how soon that is seen is not a question of age.
            Some(a) if a.status.is_open() && ["to_be_captured", "captured"].contains(&open.state.as_str()) => {}
            // Nor is it where no look since can be read, which has its own alert.
            Some(a)
                if a.status.is_open() && open.shown_captured && self.is_told(open, &["unknown_status"], WARNING) => {}
            Some(a) if a.status.is_open() => self.uncaptured(open, a, &mut tell),
            Some(a) if a.status == CardStatus::ToBeCaptured => self.unclaimed(open, a, &mut tell),
            Some(a) if a.status == CardStatus::Canceled && open.seen_open && given_up() => {
                let told = self.is_told(open, &["expired"], CRITICAL);
                let since = a.authorized_at + ABANDONED;
                tell("expired", told || self.now < since + A_LOOK, "abandoned, and no alert says so".to_owned());
            }
            Some(_) => {}
        }
    }

    fn alerts(&self, open: &Open) -> &[Alert] {
        self.ledger.alerts.get(&open.id).map_or(&[], Vec::as_slice)
    }

    /// One of these kinds is open, and loud enough.
    fn is_told(&self, open: &Open, kinds: &[&str], severity: u8) -> bool {
        self.alerts(open).iter().any(|a| kinds.contains(&a.kind.as_str()) && a.severity >= severity)
    }

    fn merchant_is_missing(&self, open: &Open, tell: &mut impl FnMut(&'static str, bool, String)) {
        let merchant = merchant_of(open.order);
        if self.missing == Some(merchant) && open.unfinished {
            let alerts = self.ledger.of_merchants.get(MERCHANTS[merchant]).map_or(&[][..], Vec::as_slice);
            let told = alerts.iter().any(|a| a.kind == "merchant_missing" && a.severity == CRITICAL);
            tell("missing", told, "its merchant is not in the settings, and no alert says so".to_owned());
        }
    }

    fn uncaptured(&self, open: &Open, a: &Authorization, tell: &mut impl FnMut(&'static str, bool, String)) {
        let Some(authorized_at) = open.authorized_at else {
            let of_merchant = self.ledger.of_merchants.get(MERCHANTS[merchant_of(open.order)]);
            let told = !self.alerts(open).is_empty() || of_merchant.is_some_and(|alerts| !alerts.is_empty());
            let age = self.now - a.authorized_at.max(open.registered_at);
            let what = format!("authorized at {} and never seen, and no alert says so", a.authorized_at);
            tell("never seen", told || age < Duration::days(1) + A_LOOK, what);
            return;
        };
        let limit = authorized_at + CAPTURE_LIMIT;
        let [first, last] = self.policy.capture_ends.map(|before| limit - before);
        let merchant = merchant_of(open.order);
        let planned = open.next_step.as_ref().filter(|(step, _)| step == "capture").map(|(_, at)| *at);
        // Where looks fail, the settings still say when.
        let captures_at = planned.max(by_settings(open, self.policy));
        let foreseen = captures_at.is_some_and(|at| at > self.now && at <= limit && !open.failed && !open.paused);
        // Due, and made within the hour: a silence after 403 lasts for half of that.
        let is_due = captures_at
            .is_some_and(|at| at <= self.now && self.now - at < Duration::hours(1) && !open.failed && !open.paused);
        // What became of one that is under way is known within the hour.
        let trying = open.tried_at.is_some_and(|at| self.now - at < Duration::hours(1));
        let foreseen = trying || (foreseen && self.missing != Some(merchant));
        let what = |what: &str| format!("authorized at {authorized_at} and not captured, {what}");
        if self.now >= limit {
            let told = self.is_told(open, &["capture_overdue"], CRITICAL);
            tell("overdue", told, what("past the limit, and capture_overdue is not open"));
        } else if self.now >= last && !foreseen {
            let kinds = ["capture_ending", "capture_failing", "capture_overdue"];
            tell(
                "ends now",
                self.is_told(open, &kinds, CRITICAL),
                what("in its last day, and nothing critical says so"),
            );
        } else if self.now >= first && !foreseen && !is_due {
            // Where a refund comes first, its own alert tells that the order stands still.
            let kinds = ["capture_ending", "capture_failing", "capture_overdue", "refund_waiting"];
            tell("ends soon", self.is_told(open, &kinds, WARNING), what("near its limit, and nothing says so"));
        }
        let days = (taipei_date(self.now) - taipei_date(authorized_at)).num_days();
        if let Some(day) = self.policy.expiry_days.iter().rfind(|day| **day <= days) {
            let stage = format!("day {day}");
            let told = self.alerts(open).iter().any(|a| a.kind == "expiring" && a.stage == stage);
            tell("expiring", told, what(&format!("and the alert of {stage} is not open")));
        }
    }

    fn unclaimed(&self, open: &Open, a: &Authorization, tell: &mut impl FnMut(&'static str, bool, String)) {
        let since = a.rows.iter().filter(|r| r.amount > 0 && r.status == CardStatus::ToBeCaptured).map(|r| r.at).max();
        let Some(since) = since.zip(self.closing.get(&open.order)).map(|(at, seen)| at.max(*seen)) else { return };
        let late = self.now - since >= self.policy.unclaimed_after + A_LOOK;
        let told = self.is_told(open, &["capture_unclaimed"], NOTICE);
        tell("unclaimed", told || !late, format!("to be captured since {since}, and no alert says so"));
    }

    fn refund_waits(&self, open: &Open, tell: &mut impl FnMut(&'static str, bool, String)) {
        let refunds = self.ledger.refunds.get(&open.id).into_iter().flatten();
        let since = |r: &Refund| self.dated.get(&r.id).map_or(r.created_at, |at| r.created_at.max(*at));
        let Some(since) = refunds.map(since).min() else { return };
        let age = self.now - since;
        let reached = self.policy.refund_waits.iter().rposition(|limit| age >= *limit);
        let Some(reached) = reached.and_then(|place| u8::try_from(place).ok()) else { return };
        // A person who is asked, and a balance that is short, are reported as such.
        let told = self.is_told(open, &["refund_waiting"], reached)
            || self.is_told(open, &["refund_review", "balance_short"], WARNING);
        let kind = ["refund waits", "refund waits a day", "refund waits for days"][usize::from(reached)];
        tell(kind, told, format!("a refund waits since {since}, and nothing of severity {reached} says so"));
    }

    fn unknown(&self, open: &Open, tell: &mut impl FnMut(&'static str, bool, String)) {
        let urgent = open.expected.is_some() || open.capture == "now" || self.ledger.refunds.contains_key(&open.id);
        let limit = self.policy.order_unknown[usize::from(!urgent)];
        let late = self.now - open.registered_at >= limit + A_LOOK;
        let told = self.is_told(open, &["order_unknown"], NOTICE);
        tell(
            "unknown",
            told || !late,
            format!("not known at ECPay since {}, and no alert says so", open.registered_at),
        );
    }
}

/// Of the orders that are paid once.
fn read(ledger: &LedgerHandle) -> Ledger {
    let select =
        "SELECT o.id, o.merchant_trade_no, o.capture, o.expected_amount, o.created_at, s.authorized_at, s.next_step, s.next_step_at,
                         s.state, s.next_at IS NOT NULL AS unfinished, EXISTS (SELECT 1 FROM pauses p
                                  WHERE p.merchant_id = o.merchant_id AND p.action = 'capture'
                                    -- One that ends in time puts the capture off: it is foreseen all the same.
                                    AND (p.until IS NULL OR p.until >= s.authorized_at + 1728000000)) AS paused,
                         (SELECT max(p.until) FROM pauses p WHERE p.merchant_id = o.merchant_id AND p.action = 'capture') AS resumes_at,
                         EXISTS (SELECT 1 FROM events e WHERE e.order_id = o.id AND e.kind = 'observed'
                                    AND json_extract(e.detail, '$.card.status') <> 'unauthorized') AS seen_open, s.captured_amount > 0 AS shown_captured,
                         (SELECT max(started_at) FROM attempts a WHERE a.order_id = o.id AND a.action = 'C'
                             AND a.state IN ('started', 'accepted', 'unknown')) AS tried_at,
                         EXISTS (SELECT 1 FROM attempts a WHERE a.order_id = o.id AND a.action = 'C'
                                    AND a.state IN ('refused', 'not_applied', 'not_sent')
                                    AND a.id > s.changed_after) AS failed
                    FROM orders o JOIN order_state s ON s.order_id = o.id WHERE o.merchant_trade_no LIKE 'L%'";
    let open = |row: &Row<'_>| {
        let next_at = row.get("next_step_at");
        Open {
            order: order_of(&row.get::<String>("merchant_trade_no")),
            id: row.get("id"),
            capture: row.get("capture"),
            expected: row.get("expected_amount"),
            registered_at: row.get("created_at"),
            authorized_at: row.get("authorized_at"),
            next_step: row.get::<Option<String>>("next_step").zip(next_at),
            state: row.get("state"),
            failed: row.get("failed"),
            tried_at: row.get("tried_at"),
            unfinished: row.get("unfinished"),
            paused: row.get("paused"),
            resumes_at: row.get("resumes_at"),
            seen_open: row.get("seen_open"),
            shown_captured: row.get("shown_captured"),
        }
    };
    let orders = ledger.rows(select, (), open);
    let select = "SELECT r.order_id, i.id, i.created_at FROM refunds r JOIN refund_intents i ON i.id = r.intent_id
                   WHERE r.state IN ('queued', 'running', 'waiting', 'review')";
    let refund = |row: &Row<'_>| {
        let created_at = row.get("created_at");
        (row.get("order_id"), Refund { id: row.get("id"), created_at })
    };
    let mut refunds: HashMap<i64, Vec<Refund>> = HashMap::new();
    for (order, refund) in ledger.rows(select, (), refund) {
        refunds.entry(order).or_default().push(refund);
    }
    let select = "SELECT order_id, merchant_id, kind, stage, severity FROM alerts WHERE closed_at IS NULL";
    let alert = |row: &Row<'_>| {
        let severity = match row.get::<String>("severity").as_str() {
            "notice" => NOTICE,
            "warning" => WARNING,
            _ => CRITICAL,
        };
        let alert = Alert { kind: row.get("kind"), stage: row.get("stage"), severity };
        (row.get::<Option<i64>>("order_id"), row.get("merchant_id"), alert)
    };
    let (mut alerts, mut of_merchants) = (HashMap::<i64, Vec<Alert>>::new(), HashMap::<String, Vec<Alert>>::new());
    for (order, merchant, alert) in ledger.rows(select, (), alert) {
        match order {
            Some(order) => alerts.entry(order).or_default().push(alert),
            None => of_merchants.entry(merchant).or_default().push(alert),
        }
    }
    Ledger { orders, refunds, alerts, of_merchants }
}
