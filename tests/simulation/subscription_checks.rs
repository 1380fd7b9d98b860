//! After the run: each charge of a subscription is followed by one row or told of, and is captured once.

use chrono::Duration;
use ecpayd::domain::action::Action;
use ecpayd::domain::policy::CapturePolicy;
use ecpayd::domain::status::CardStatus;
use ecpayd::simulator::bank::{ActionRecord, AuthorizationTruth, Kind, Truth};

use crate::actors::{merchant_of, number};
use crate::books::{AlertBook, Followed};
use crate::checks::{Case, WHY_NOT};
use crate::forms::Sells;
use crate::hands::{Shop, names};
use crate::oddity::Oddity;
use crate::story::Story;
use crate::subscriptions;
use crate::world::World;

/// Looks for the next charge are a week apart at most; a merchant may be missing for a month, but not so late.
const LONG: Duration = Duration::days(30);

/// Looks are a week apart at most, and one of them may tell nothing; long before the limit of a capture.
const SOON: Duration = Duration::days(15);

/// What is written so late before the limit of a capture need not be captured.
const AT_LAST: Duration = Duration::days(2);

/// What is known of the charges.
#[derive(Default)]
pub struct Charges<'a> {
    /// Each charge with its row, as if it were an order of its own.
    pub cases: Vec<Case<'a>>,
    /// By the number of the order, in words.
    pub wrong: Vec<(String, String)>,
}

impl Followed {
    fn follows(&self, no: &str, charge: &AuthorizationTruth, is_first: bool) -> bool {
        let asked = self.asked.as_deref();
        self.number == no && (asked == Some(&*charge.trade_no) || (is_first && asked.is_none()))
    }

    fn has_open(&self, kind: &str) -> bool {
        self.book.alerts.iter().any(|a| a.open && a.kind == kind)
    }
}

pub fn charges<'a>(
    world: &World,
    shop: &Shop,
    followed: &'a [Followed],
    actions: &'a [ActionRecord],
    story: &mut Story,
) -> Charges<'a> {
    let mut found = Charges::default();
    for &order in &shop.subscriptions {
        let (id, no) = names(order);
        let sold = world.hands.bank.with_bank(|bank, _| bank.order(&id, &no).map(|o| o.truth()));
        let truth = sold.expect("a subscription that was sold");
        story.subscriptions += 1;
        story.charges += u64::try_from(truth.authorizations.len() - 1).expect("few");
        let mut tell = |what| found.wrong.push((no.as_str().to_owned(), what));
        let own = followed.iter().filter(|row| row.number == no.as_str()).collect::<Vec<_>>();
        let mut silent = false;
        // Also in what a restored ledger has lost.
        let then = world.told_then.iter().filter(|(number, _)| *number == no.as_str()).map(|(_, alert)| alert);
        let alerts = own.iter().flat_map(|row| &row.book.alerts).chain(then);
        let alerts: Vec<_> = alerts.filter(|a| a.kind == "unregistered").collect();
        let followed_then = |charge: &AuthorizationTruth, by| {
            let since = shop.followed_then.get(&(no.as_str().to_owned(), charge.trade_no.clone()));
            since.is_some_and(|at| *at <= by)
        };
        let first = own.iter().find(|row| row.asked.is_none()).map(|row| row.book.registered_at);
        for (place, charge) in truth.authorizations.iter().enumerate() {
            let moved = |a: &&ActionRecord| a.merchant_trade_no == no && a.trade_no == charge.trade_no;
            let asked: Vec<&ActionRecord> = actions.iter().filter(moved).collect();
            let rows: Vec<_> = own.iter().filter(|row| row.follows(no.as_str(), charge, place == 0)).collect();
            let by = charge.authorized_at.max(first.unwrap_or(world.now)) + SOON;
            let stage = |a: &AlertBook| a.stage.strip_prefix("charge ").and_then(|n| n.parse().ok());
            let told = |a: &&AlertBook| a.raised_at <= by && stage(a).is_some_and(|charges: usize| charges > place);
            let is_followed = rows.iter().any(|row| row.book.registered_at <= by) || followed_then(charge, by);
            let is_found = is_followed || alerts.iter().any(told);
            if !is_found && place > 0 && by < world.now && is_calm(world, order) {
                tell(format!("{} is neither followed nor told of until {by}", charge.trade_no));
            }
            match rows[..] {
                [row] => {
                    story.followed += u64::from(place > 0);
                    let truth = of_charge(&truth, charge);
                    let book = &row.book;
                    found.cases.push(Case { order, kind: Kind::Recurring, truth, book, actions: asked, guard: None });
                }
                [] => {
                    silent |= world.now - charge.authorized_at > LONG;
                    let lost = |a: &ActionRecord| world.lost.iter().any(|l| l.attempt.asked_for(a));
                    if let Some(a) = asked.iter().find(|a| a.effect && a.by.is_call() && !lost(a)) {
                        tell(format!("{} of {} at {}, and no row follows it", a.action, charge.trade_no, a.at));
                    }
                }
                _ => tell(format!("{} is followed by {} rows", charge.trade_no, rows.len())),
            }
        }
        let told = own.iter().any(|row| row.has_open("unregistered"));
        let by_form = world.sells[merchant_of(order)] == Sells::ByForm;
        if silent && (by_form || !told) {
            tell(format!("a charge of {:?} has no row, and no alert says so", truth.authorizations));
        }
        let complete = own.len() == truth.authorizations.len();
        if told && complete && own.iter().all(|row| world.now - row.book.registered_at > LONG) {
            tell("all its charges have rows, and an alert says otherwise".to_owned());
        }
        if own.len() > truth.authorizations.len() {
            tell(format!("{} rows follow {} charges", own.len(), truth.authorizations.len()));
        }
    }
    refunds(shop, followed, &mut found.wrong);
    found
}

/// Nothing puts looks off for long.
fn is_calm(world: &World, order: usize) -> bool {
    let missing = world.was_missing.iter().any(|(merchant, _, _)| *merchant == merchant_of(order));
    world.wire.faulty_looks <= 100 && !missing && !world.odd.has(Oddity::SetClocks)
}

fn of_charge(order: &Truth, charge: &AuthorizationTruth) -> Truth {
    Truth {
        trade_no: charge.trade_no.clone(),
        status: Some(charge.status),
        captured: charge.captured,
        refunded: charge.refunded,
        net: charge.captured - charge.refunded,
        void: charge.status == CardStatus::Canceled,
        authorizations: vec![charge.clone()],
        ..order.clone()
    }
}

/// What a shop has committed is there, at the row that it was meant for, and what it has taken back is not done.
fn refunds(shop: &Shop, followed: &[Followed], wrong: &mut Vec<(String, String)>) {
    let of_subscriptions =
        shop.refunds.iter().enumerate().filter(|(_, (order, _))| subscriptions::place(*order).is_some());
    for (key, (order, _)) in of_subscriptions {
        let (no, name) = (number(*order), key.to_string());
        let meant = |row: &&Followed| row.number == no && row.asked.as_ref() == shop.charges.get(&key);
        let kept = followed.iter().find(meant).and_then(|row| row.book.refunds.iter().find(|r| r.key == name));
        match kept {
            None if shop.given_up.contains(&key) => {}
            None => wrong.push((no, format!("refund {key} was committed and is lost"))),
            Some(refund) if shop.canceled.contains(&key) && refund.state != "canceled" => {
                wrong.push((no, format!("refund {key} was canceled and is {}", refund.state)));
            }
            Some(_) => {}
        }
    }
}

/// Nothing is captured a second time unless it was called back; and what was due was captured, or it was told why not.
pub fn captured_once(case: &Case, world: &World, check: &mut impl FnMut(bool, &str)) {
    let times = |action: Action| case.actions.iter().filter(|a| a.effect && a.action == action).count();
    let (captured, called_back) = (times(Action::C), times(Action::E));
    check(captured <= 1 + called_back, &format!("captured {captured} times, called back {called_back} times"));
    let authorized_at = case.truth.authorizations[0].authorized_at;
    let limit = authorized_at + Duration::days(21);
    let book = case.book;
    let disturbed = [Oddity::SetClocks, Oddity::Pauses, Oddity::MissingMerchants];
    let is_due = book.capture != "hold"
        && !world.steered.contains(&case.order)
        && world.policy.capture != CapturePolicy::Manual
        && book.registered_at < limit - AT_LAST
        && book.refunds.is_empty()
        && world.lost.is_empty()
        && !disturbed.into_iter().any(|oddity| world.odd.has(oddity));
    let why_not = || book.alerts.iter().any(|a| a.raised_at < limit && WHY_NOT.contains(&a.kind.as_str()));
    check(!is_due || case.truth.captured > 0 || why_not(), "due by the policy and not captured, and no alert said why");
}
