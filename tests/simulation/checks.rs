//! After the run: the ledger's books against the bank's, dollar by dollar, invariant by invariant.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::Duration;
use ecpayd::domain::action::Action;
use ecpayd::domain::policy::CapturePolicy;
use ecpayd::ledger::as_a_shop;
use ecpayd::ledger::audit::{self, Differing};
use ecpayd::rehearsal::MADE_UP_KEYS;
use ecpayd::simulator::bank::{ActionRecord, By, Kind, Truth};

use crate::actors::{has_other_hands, merchant_of, number};
use crate::books::{self, AttemptBook, Lost, OrderBook};
use crate::forms;
use crate::hands::{Shop, names};
use crate::journal;
use crate::story::Story;
use crate::strange;
use crate::subscription_checks;
use crate::subscriptions;
use crate::voucher_checks::{self, Guard, Move};
use crate::world::World;

/// Alerts that say why an order is not captured.
pub const WHY_NOT: [&str; 7] = [
    "capture_ending",
    "capture_failing",
    "capture_overdue",
    "refund_review",
    "unknown_status",
    "amount_mismatch",
    "order_unknown",
];

/// States whose count is not that of their orders.
const MISCOUNTED: &str = "SELECT state FROM (SELECT merchant_id, state, count(*) FROM order_state GROUP BY merchant_id, state
                            EXCEPT SELECT * FROM order_counts)
                          UNION ALL SELECT state FROM order_counts c WHERE count <> 0 AND NOT EXISTS (SELECT 1
                            FROM order_state s WHERE s.merchant_id = c.merchant_id AND s.state = c.state)
                          UNION ALL SELECT 'of vouchers: ' || state FROM (SELECT merchant_id, state, count(*) FROM voucher_state
                            GROUP BY merchant_id, state EXCEPT SELECT * FROM voucher_counts)";

/// One order, as the bank and the ledger have it.
pub struct Case<'a> {
    pub order: usize,
    pub kind: Kind,
    pub truth: Truth,
    pub book: &'a OrderBook,
    /// What was asked of the bank for it, oldest first.
    pub actions: Vec<&'a ActionRecord>,
    /// The vouchers that it paid for.
    pub guard: Option<Guard>,
}

impl Case<'_> {
    fn effects(&self, by: fn(By) -> bool, action: Action) -> Vec<i64> {
        let done = self.actions.iter().filter(|a| a.effect && by(a.by) && a.action == action);
        let mut amounts: Vec<i64> = done.map(|a| a.amount.dollars()).collect();
        amounts.sort_unstable();
        amounts
    }

    fn attempts(&self, action: &str, state: &str) -> Vec<&AttemptBook> {
        self.book.attempts.iter().filter(|a| a.action == action && a.state == state).collect()
    }

    fn in_review(&self) -> usize {
        self.book.attempts.iter().filter(|a| a.state == "review").count()
    }
}

/// What is wrong, in words, and the first order that is.
#[derive(Default)]
struct Findings {
    wrong: Vec<String>,
    differs: Option<String>,
}

impl Findings {
    fn of_order(&mut self, number: &str, what: String) {
        self.wrong.push(what);
        self.differs.get_or_insert_with(|| number.to_owned());
    }
}

/// The story, or every difference in words.
pub fn all(mut world: World) -> Result<Story, Vec<String>> {
    let mut shop = world.hands.shop();
    let (books, followed) = (books::read(&shop.ledger), books::followed(&shop.ledger));
    let actions: Vec<ActionRecord> = world.hands.bank.with_bank(|bank, _| bank.actions().to_vec());
    world.steered = std::mem::take(&mut shop.steered);
    world.odd_ones = std::mem::take(&mut shop.odd_ones);
    world.in_trouble = shop.in_trouble.union(&shop.misnamed).copied().collect();
    let mut findings = Findings { wrong: std::mem::take(&mut world.wire.state().wrong), differs: None };
    findings.wrong.append(&mut shop.wrong);
    for (order, what) in std::mem::take(&mut world.morning.silent) {
        findings.of_order(&number(order), format!("{}: {what}", number(order)));
    }
    let mut digest = DefaultHasher::new();
    let mut story = std::mem::take(&mut world.story);
    let charges = subscription_checks::charges(&world, &shop, &followed, &actions, &mut story);
    for (number, what) in charges.wrong {
        findings.of_order(&number, format!("{number}: {what}"));
    }
    let once = cases(&world, &shop, &books, &actions, &mut findings.wrong);
    for case in once.into_iter().chain(charges.cases) {
        judge(&case, &world, &shop, &mut findings);
        count(&case, &mut story);
        let redeemed = case.guard.as_ref().map(|guard| guard.redeemed(world.now));
        let Case { order, truth, book, .. } = case;
        (order, format!("{truth:?}"), &book.state, book.captured, book.refunded, redeemed).hash(&mut digest);
    }
    voucher_checks::all(&shop, &world, &mut story, &mut findings.wrong);
    refunds(&shop, &books, &mut findings);
    ledger(&shop, &mut findings.wrong);
    let Findings { mut wrong, differs } = findings;
    if let Some(number) = differs {
        wrong.extend(books::history(&shop.ledger, &number));
        let lost = world.lost.iter().filter(|lost| lost.number == number);
        wrong.extend(lost.map(|lost| format!("{number} lost with a restore: {:?} for {:?}", lost.attempt, lost.key)));
        let asked = actions.iter().filter(|a| a.merchant_trade_no.as_str() == number);
        wrong.extend(asked.map(|a| {
            format!("{number} at the bank: {} {} by {:?} at {}, {:?}", a.action, a.amount, a.by, a.at, a.refused)
        }));
    }
    let wire = world.wire.state();
    story.days = u64::try_from(crate::actors::RUN_DAYS).expect("days");
    (story.calls, story.money_calls) = (wire.calls, wire.money_calls);
    story.faults = wire.faults.iter().map(|(kind, n)| ((*kind).to_owned(), *n)).collect();
    story.strange = shop.strange.iter().map(|(kind, n)| ((*kind).to_owned(), *n)).collect();
    (story.refused_rows, story.meddled, story.by_hand) = (shop.refused, shop.meddled, shop.by_hand);
    (wire.calls, &wire.faults, &story.deaths).hash(&mut digest);
    story.digest = digest.finish();
    if wrong.is_empty() { Ok(story) } else { Err(wrong) }
}

/// Each order that was sold, with the bank's truth and the ledger's book of it.
fn cases<'a>(
    world: &World,
    shop: &Shop,
    books: &'a HashMap<String, OrderBook>,
    actions: &'a [ActionRecord],
    wrong: &mut Vec<String>,
) -> Vec<Case<'a>> {
    let mut of_order: HashMap<&str, Vec<&ActionRecord>> = HashMap::new();
    for action in actions {
        of_order.entry(action.merchant_trade_no.as_str()).or_default().push(action);
    }
    let mut cases = Vec::new();
    for &order in &shop.orders {
        let (id, no) = names(order);
        let Some(book) = books.get(no.as_str()) else {
            wrong.push(format!("{no}: the ledger has lost its row"));
            continue;
        };
        let sold = world.hands.bank.with_bank(|bank, _| bank.order(&id, &no).map(|o| (o.truth(), o.kind)));
        let Some((truth, kind)) = sold else {
            let moved = book.refunds.iter().any(|r| r.state == "done") || !book.attempts.is_empty();
            if moved || !world.odd.is_unknown(order) {
                wrong.push(format!("{no}: the bank does not know it, and the ledger has money calls for it"));
            }
            continue;
        };
        let actions = of_order.remove(no.as_str()).unwrap_or_default();
        let guard = Guard::of(order, &truth, world, shop);
        cases.push(Case { order, kind, truth, book, actions, guard });
    }
    cases
}

fn judge(case: &Case, world: &World, shop: &Shop, findings: &mut Findings) {
    let (no, kind, state, truth) = (&case.truth.merchant_trade_no, case.kind, &case.book.state, &case.truth);
    let mut check = |right: bool, what: &str| {
        if !right {
            findings.of_order(no.as_str(), format!("{no} ({kind:?}, {state}): {what}; bank {truth:?}"));
        }
    };
    let of_it =
        |l: &&Lost| l.number == no.as_str() && (kind != Kind::Recurring || l.attempt.trade_no == truth.trade_no);
    let lost: Vec<&Lost> = world.lost.iter().filter(of_it).collect();
    let moves = moved_once(case, &lost, world, &mut check);
    if let Some(guard) = &case.guard {
        voucher_checks::nothing_redeemed_goes_back(guard, truth.amount.dollars(), &moves, shop, &mut check);
    }
    // What no look shows as it is, the ledger cannot know.
    if !world.in_trouble.contains(&case.order) && !case.lost_capture_was_undone(&lost) {
        same_books(case, &mut check);
    }
    strange::all(case, world, &mut check);
    journal::adds_up(case, &mut check);
    journal::by_whom(case, &mut check);
    let plain = !world.in_trouble.contains(&case.order) && lost.is_empty();
    journal::dates(case, plain, &mut check);
    forms::all(case, plain && !has_other_hands(case.order), world, shop, &mut check);
    ends(case, world, &mut check);
    deadlines(case, &lost, world, &mut check);
    if kind == Kind::Recurring {
        subscription_checks::captured_once(case, world, &mut check);
    }
}

/// What a shop has committed is there, and what it has taken back is not done.
fn refunds(shop: &Shop, books: &HashMap<String, OrderBook>, findings: &mut Findings) {
    let once = |(_, (order, _)): &(usize, &(usize, Option<i64>))| subscriptions::place(*order).is_none();
    for (key, (order, _)) in shop.refunds.iter().enumerate().filter(once) {
        let no = number(*order);
        let kept = books.get(&no).and_then(|b| b.refunds.iter().find(|r| r.key == key.to_string()));
        match kept {
            None if shop.given_up.contains(&key) => {}
            None => findings.wrong.push(format!("refund {key} of {no} was committed and is lost")),
            Some(refund) if shop.canceled.contains(&key) && refund.state != "canceled" => {
                findings.of_order(&no, format!("refund {key} of {no} was canceled and is {}", refund.state));
            }
            Some(_) => {}
        }
    }
}

/// The file as a whole: no secret stands in it, its counts are right, and SQLite finds no damage.
fn ledger(shop: &Shop, wrong: &mut Vec<String>) {
    let secrets = "SELECT count(*) FROM (SELECT detail AS text FROM events UNION ALL SELECT message FROM alerts
                     UNION ALL SELECT text FROM attempts UNION ALL SELECT last_error FROM order_state)
                    WHERE instr(text, ?) OR instr(text, ?)";
    if shop.ledger.value::<i64>(secrets, [MADE_UP_KEYS.0, MADE_UP_KEYS.1]) > 0 {
        wrong.push("a key stands in the ledger".to_owned());
    }
    if let Some(state) = shop.ledger.first(MISCOUNTED, (), |row| row.get::<String>(0)) {
        wrong.push(format!("the orders in state {state} are miscounted"));
    }
    let inspected = as_a_shop(shop.ledger.path()).expect("a ledger");
    let differ = |order: Differing| format!("{}: {:?}", order.merchant_trade_no, order.finding);
    audit::orders(&inspected, |_, found| wrong.extend(found.into_iter().map(differ))).expect("it can be read");
    let days = audit::days(&inspected).expect("it can be read");
    wrong.extend(days.into_iter().map(|day| format!("{day:?}")));
    let whole: String = shop.ledger.value("PRAGMA integrity_check", ());
    if whole != "ok" {
        wrong.push(format!("the ledger's file is damaged: {whole}"));
    }
}

fn count(case: &Case, story: &mut Story) {
    story.orders += u64::from(case.kind != Kind::Recurring);
    story.moves += u64::try_from(case.actions.iter().filter(|a| a.effect).count()).expect("few");
    let by_form = || case.actions.iter().filter(|a| a.effect && a.by == By::Form);
    story.by_form += u64::try_from(by_form().count()).expect("few");
    story.copies += u64::try_from(by_form().filter(|a| case.is_copy(a)).count()).expect("few");
    story.captured_twd += case.truth.captured;
    story.refunded_twd += case.truth.refunded;
    story.in_review += u64::try_from(case.in_review()).expect("few");
    let by_guard =
        case.book.refunds.iter().filter(|r| r.state == "rejected" && r.detail.contains("redeemed in vouchers"));
    story.held_back += u64::try_from(by_guard.count()).expect("few");
    story.alerts += u64::try_from(case.book.alerts.len()).expect("few");
}

/// Invariants 1 and 2: what the bank did for a refund, it did once, and never more than there was.
fn moved_once(case: &Case, lost: &[&Lost], world: &World, check: &mut impl FnMut(bool, &str)) -> Vec<Move> {
    let Case { truth, book, .. } = case;
    check(truth.refunded <= truth.amount.dollars(), "more was refunded than the order was worth");
    let mut moves: HashMap<Option<&str>, (usize, i64)> = HashMap::new();
    let mut overdue: HashMap<Option<&str>, usize> = HashMap::new();
    let (mut taken, mut made) = (Vec::new(), Vec::new());
    for done in case.actions.iter().filter(|a| a.effect && a.by.is_call() && !case.is_copy(a)) {
        // Of those that fit and were not counted yet the one that took effect, as the ledger says, or else
        // the newest: of one order there is one call at a time, but one that was answered and the one
        // after it may begin within a moment. Were there more moves than the ledger has, one is left over.
        let fits = |a: &AttemptBook| a.asked_for(done) && !taken.contains(&(a.id, a.started_at));
        let fitting = || book.attempts.iter().rev().filter(|a| fits(a));
        let known = fitting().find(|a| a.state == "applied");
        let known = known.or_else(|| case.counted_for(done)).or_else(|| fitting().next());
        let of_the_lost = lost.iter().rev().find(|l| fits(&l.attempt));
        let (key, id, started_at) = match (known, of_the_lost) {
            (Some(attempt), _) => {
                let ended = match (attempt.state.as_str(), done.action) {
                    ("applied" | "review", _) => true,
                    // Refused in words, and yet done: the state that a look shows decides; no refund counts it.
                    ("refused", Action::C | Action::E) => true,
                    _ => {
                        has_other_hands(case.order)
                            || world.in_trouble.contains(&case.order)
                            || case.ended_too_early(attempt, done)
                            || case.was_undone_unseen(attempt, done)
                            || case.was_crossed_unseen(attempt, done)
                    }
                };
                check(ended, &format!("attempt {} took effect and is {}", attempt.id, attempt.state));
                let key = book.refunds.iter().find(|r| Some(r.id) == attempt.refund).map(|r| r.key.as_str());
                *overdue.entry(key).or_default() += usize::from(case.landed_past_its_validity(attempt, done));
                let refund = book.refunds.iter().find(|r| Some(r.id) == attempt.refund);
                (refund.map(|r| r.key.as_str()), attempt.id, attempt.started_at)
            }
            (None, Some(lost)) => (lost.key.as_deref(), lost.attempt.id, lost.attempt.started_at),
            (None, None) => {
                let what =
                    format!("{} {} at {} moved without an attempt in the ledger", done.action, done.amount, done.at);
                check(false, &what);
                continue;
            }
        };
        taken.push((id, started_at));
        let (action, amount) = (done.action, done.amount.dollars());
        made.push(Move { action, amount, started_at, key: key.and_then(|key| key.parse().ok()) });
        if matches!(done.action, Action::R | Action::N) {
            let (times, of) = moves.entry(key).or_default();
            (*times, *of) = (*times + 1, amount);
        }
    }
    for (key, (times, amount)) in moves {
        // One that the bank took back before a look had shown it may be made again.
        let undone = case.times_undone(amount).min(times - 1);
        // One that lands when nothing of its request should any more is told, and nobody can keep another from it.
        let overdue = overdue.get(&key).copied().unwrap_or(0).min(times - 1 - undone);
        check(times - undone - overdue == 1, &format!("refund {key:?} moved its amount {times} times"));
    }
    let voids = case.actions.iter().filter(|a| a.effect && a.action == Action::N).count();
    check(voids <= 1, "abandoned twice");
    made
}

/// What the ledger says of the money is what the bank has.
fn same_books(case: &Case, check: &mut impl FnMut(bool, &str)) {
    let Case { truth, book, .. } = case;
    let by = |methods: &[&str]| -> i64 {
        let done = book.refunds.iter().filter(|r| r.method.as_deref().is_some_and(|m| methods.contains(&m)));
        done.map(|r| r.refunded).sum()
    };
    let (by_r, by_n) = (by(&["R"]), by(&["N", "E+N"]));
    let is_card = case.kind != Kind::Atm;
    check(!is_card || book.state != "not_card", "it was paid by card, and the ledger says otherwise");
    check(by_n == 0 || truth.void, "a refund says the order was abandoned, and it was not");
    check(by_n == 0 || by_n == truth.amount.dollars(), "refunds by N do not come to the whole order");
    if has_other_hands(case.order) {
        // A lost R and the same amount given back by hand look alike; neither may be counted twice.
        let all: i64 = case.effects(|by| by.is_call() || by == By::Dashboard, Action::R).iter().sum();
        check(by_r <= all, "a refund is done that nobody made");
        return;
    }
    if case.in_review() > 0 {
        return;
    }
    let mut applied: Vec<i64> = case.attempts("R", "applied").iter().map(|a| a.amount).collect();
    applied.sort_unstable();
    let sent = case.effects(By::is_call, Action::R);
    let (late, undone) = (case.late_twd(), case.undone_twd());
    if book.unclaimed > 0 {
        // Lost with a ledger that was restored, and its refund was canceled meanwhile; or a person
        // has said of a question of before the copy that it was this, which leaves it to be asked about again.
        let right = match late {
            // What the bank takes back later of what nobody claims is looked for by no later look.
            0 => (truth.refunded..=truth.refunded + undone).contains(&(by_r + book.unclaimed)),
            _ => by_r.max(book.unclaimed) <= truth.refunded + undone,
        };
        check(right, &format!("{by_r} went back, and {} is unclaimed", book.unclaimed));
        return;
    }
    if late > 0 || undone > 0 {
        let all: i64 = sent.iter().sum();
        let right = by_r <= all && by_r + late >= all - undone;
        check(right, &format!("{by_r} went back by refunds and {late} late, of {all} less {undone} taken back"));
        let shown = (truth.refunded..=truth.refunded + undone).contains(&book.refunded);
        check(shown, &format!("the ledger says {} refunded", book.refunded));
        check(book.captured == truth.captured, &format!("the ledger says {} captured", book.captured));
        return;
    }
    check(sent == applied, &format!("R took effect as {sent:?}, the ledger holds {applied:?}"));
    check(by_r == truth.refunded, &format!("refunds say {by_r} went back"));
    check(book.captured == truth.captured, &format!("the ledger says {} captured", book.captured));
    check(book.refunded == truth.refunded, &format!("the ledger says {} refunded", book.refunded));
    check(book.amount.is_none_or(|a| a == truth.amount.dollars()), "the ledger has another amount");
}

/// Invariant 7: every row is done, rejected with a reason, in review with an alert, or waits for a stated time.
fn ends(case: &Case, world: &World, check: &mut impl FnMut(bool, &str)) {
    let book = case.book;
    let has_alert = |kind: &str| book.alerts.iter().any(|a| a.open && a.kind == kind);
    if world.in_trouble.contains(&case.order) {
        let open = book.refunds.iter().any(|r| ["queued", "running", "waiting", "review"].contains(&r.state.as_str()));
        let told = ["refund_waiting", "refund_review"].into_iter().any(has_alert);
        return check(!open || told, "a refund waits for looks that show nothing, and no alert says so");
    }
    for attempt in &book.attempts {
        let settled = ["applied", "not_applied", "refused", "not_sent"].contains(&attempt.state.as_str());
        check(settled || attempt.state == "review", &format!("attempt {} is still {}", attempt.id, attempt.state));
        if attempt.state == "review" {
            let kind = if attempt.action == "C" { "capture_failing" } else { "refund_review" };
            check(has_alert(kind), &format!("attempt {} is in review without an alert", attempt.id));
        }
    }
    let waits_for_vouchers = |detail: &str| {
        detail.contains("being issued") && case.guard.as_ref().is_some_and(|guard| guard.holds_back(world.now))
    };
    let first = book.refunds.iter().find(|r| ["queued", "waiting", "review"].contains(&r.state.as_str()));
    let held = first.filter(|r| r.state == "review" || waits_for_vouchers(&r.detail)).map(|r| r.id);
    let authorized_at = case.truth.authorizations.first().map(|a| a.authorized_at);
    let is_young = authorized_at.is_some_and(|at| world.now - at < Duration::days(91));
    let uncaptured = case.kind == Kind::Recurring && book.state == "authorized" && is_young;
    for refund in &book.refunds {
        let applied = book.attempts.iter().filter(|a| a.refund == Some(refund.id) && a.state == "applied");
        let moved = applied.filter(|a| a.action == "R" || a.action == "N").count();
        let right = match refund.state.as_str() {
            "done" => match refund.led_by {
                None => moved == 1,
                // Together they have asked for the whole order, which one N gave back; or it went on alone in the end.
                Some(lead) => {
                    moved == 1 || moved == 0 && book.refunds.iter().any(|r| r.id == lead && r.state == "done")
                }
            },
            "rejected" | "canceled" => moved == 0 && !refund.detail.is_empty(),
            "review" => moved == 0 && has_alert("refund_review"),
            "waiting" if held == Some(refund.id) => moved == 0,
            // A part waits for a capture that nobody makes, till its charge is void.
            _ if uncaptured => moved == 0 && has_alert("refund_waiting"),
            // Behind one that a person has to settle, or that waits for its tickets.
            "queued" | "waiting" => held.is_some_and(|held| held < refund.id),
            _ => false,
        };
        let by_guard = refund.state == "rejected" && refund.detail.contains("redeemed in vouchers");
        let redeemed = case.guard.as_ref().map_or(0, |guard| guard.redeemed(world.now));
        check(!by_guard || redeemed > 0, &format!("refund {} is rejected, and nothing was redeemed", refund.key));
        check(right, &format!("refund {} is {} ({}) with {moved} moves", refund.key, refund.state, refund.detail));
    }
    let waits = book.next_at.is_none_or(|at| at > world.now - Duration::minutes(1) && !book.rule.is_empty());
    check(waits, &format!("it was due at {:?} and nothing was done", book.next_at));
}

/// Invariants 5 and 6: captured in time, and louder and louder where not.
fn deadlines(case: &Case, of_then: &[&Lost], world: &World, check: &mut impl FnMut(bool, &str)) {
    let (Some(first), true) = (case.truth.authorizations.first(), case.kind != Kind::UnionPay) else { return };
    if case.truth.status == Some(ecpayd::domain::status::CardStatus::Unauthorized) {
        return;
    }
    let book = case.book;
    let captured = case.actions.iter().find(|a| a.effect && a.action == Action::C && a.by.is_call()).map(|a| a.at);
    check(captured.is_none_or(|at| at <= first.authorized_at + Duration::days(21)), "captured after day 21");
    let lost = book.state == "expired" && book.capture == "auto" && world.policy.capture != CapturePolicy::Manual;
    // What the shop did itself, perhaps after day 21, needs no alert.
    let own_doing = has_other_hands(case.order) || world.steered.contains(&case.order);
    let limit = first.authorized_at + Duration::days(21);
    // What a restored ledger does not know of was tried and told all the same.
    let mut attempts = book.attempts.iter().chain(of_then.iter().map(|lost| &lost.attempt));
    let tried = attempts.any(|a| a.action == "C" && a.started_at < limit);
    let told_then = world.told_then.iter().filter(|(number, _)| *number == case.truth.merchant_trade_no.as_str());
    let mut alerts = book.alerts.iter().chain(told_then.map(|(_, alert)| alert));
    let in_time = alerts.any(|a| a.raised_at < limit && WHY_NOT.contains(&a.kind.as_str()));
    // Its merchant was not in the settings, which is told of the merchant, every morning.
    let merchant = merchant_of(case.order);
    let missing = world.was_missing.iter().any(|(place, since, back)| {
        *place == merchant && *since < limit && back.is_none_or(|back| back > first.authorized_at)
    });
    // A charge whose row the shop has written late.
    let found_late = case.kind == Kind::Recurring && book.registered_at > limit - Duration::days(2);
    // Captured in time, and called back after the limit.
    let called_back = case.actions.iter().any(|a| a.effect && a.action == Action::E && a.at >= limit);
    check(
        !lost || own_doing || tried || in_time || missing || called_back || found_late,
        "not on hold, not captured, not tried, and no alert said why",
    );
    if book.state == "expired" {
        let told = |day: i64| book.alerts.iter().any(|a| a.kind == "expiring" && a.stage == format!("day {day}"));
        let silent: Vec<&i64> = world.policy.expiry_days.iter().filter(|day| !told(**day)).collect();
        check(silent.is_empty(), &format!("came near day 80 without the alerts of days {silent:?}"));
    }
}
