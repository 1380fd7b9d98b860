//! What each sheet says of one thing, in the order of its columns.

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::request::Request;
use crate::domain::calendar::{show, taipei_date};
use crate::domain::language::Language;
use crate::domain::movement::{Hand, MovementKind};
use crate::domain::order::{CaptureMode, OrderState};
use crate::domain::reconcile::{Compared, Payout};
use crate::domain::refund::{Method, RefundState};
use crate::domain::report::cell::Cell;
use crate::domain::report::days::DayLine;
use crate::domain::report::hint::Hint;
use crate::domain::report::roc;
use crate::domain::statement::StatementKind;
use crate::domain::voucher::VoucherState;
use crate::ledger::books::{GivenBack, Moved, OpenOrder, OpenRefund, VoucherLine};

/// From here on ECPay's service has to be called.
const DAY_80: Duration = Duration::days(80);

/// A word of the ledger: programs and English files have it as it is.
macro_rules! word {
    ($type:ty, $request:expr, $word:expr) => {
        <$type>::ALL.iter().find(|known| known.word() == $word).map_or_else(
            || Cell::text(&*$word),
            |known| Cell::Word(known.word(), $request.language.pick(known.word(), known.named(Language::Chinese))),
        )
    };
}

pub(super) fn moved(request: &Request, moved: Moved) -> Vec<Cell> {
    let (amount, released) = match MovementKind::parse(&moved.kind) {
        Some(MovementKind::Captured) => (moved.amount, None),
        Some(MovementKind::Refunded | MovementKind::CalledBack) => (-moved.amount, None),
        Some(MovementKind::Authorized) => (0, Some(-moved.amount)),
        Some(MovementKind::Voided | MovementKind::Expired) | None => (0, Some(moved.amount)),
    };
    let (seen_at, vendor_at) = (show(moved.seen_at()), moved.gateway_at().map(show));
    let fee = moved.fee_told.or(moved.fee_foreseen);
    let fee_source = match (moved.fee_told, moved.fee_foreseen) {
        (Some(_), _) => Cell::Word("statement", request.language.pick("statement", "綠界對帳檔")),
        (None, Some(_)) => Cell::Word("foreseen", request.language.pick("foreseen", "預估")),
        (None, None) => Cell::None,
    };
    let mut cells = days(&moved.day, true);
    cells.extend([
        Cell::Text(moved.merchant_id),
        Cell::Text(moved.merchant_trade_no),
        moved.trade_no.into(),
        word!(MovementKind, request, moved.kind),
        Cell::Whole(amount),
        Cell::whole(released),
        Cell::milli(fee),
        fee_source,
        word!(Hand, request, moved.by),
        Cell::whole(moved.attempt_id),
        Cell::whole(moved.refund_id),
        moved.request_key.as_deref().into(),
        moved.reason.as_deref().into(),
        Cell::Text(seen_at),
        vendor_at.into(),
    ]);
    cells
}

pub(super) fn day(request: &Request, merchant: &str, line: &DayLine) -> Vec<Cell> {
    let mut cells = days(&line.day.to_string(), request.roc);
    cells.push(Cell::text(merchant));
    let sums = &line.sums;
    let amounts = [
        line.opening,
        sums.authorized,
        sums.captured,
        sums.called_back,
        sums.voided,
        sums.expired,
        line.closing,
        sums.refunded,
        sums.net(),
        line.refunds_open,
    ];
    cells.extend(amounts.map(Cell::Whole));
    cells
}

pub(super) fn open_order(request: &Request, order: OpenOrder) -> Vec<Cell> {
    let day_80 = order.authorized_at().map(|at| taipei_date(at + DAY_80));
    let day_90 = order.expires_at().map(taipei_date);
    vec![
        Cell::Word("order", request.language.pick("order", "訂單")),
        Cell::Text(order.merchant_id.clone()),
        Cell::Text(order.merchant_trade_no.clone()),
        order.trade_no.clone().into(),
        Cell::Whole(order.amount),
        word!(OrderState, request, order.state),
        order.authorized_at().map(show).into(),
        order.capture_by().map(show).into(),
        date(day_80),
        date(day_90),
        Cell::whole(day_90.map(|day| (day - request.range.to).num_days())),
        word!(CaptureMode, request, order.capture),
        order.memo.as_deref().into(),
        Cell::None,
        Cell::None,
        Cell::None,
        Cell::None,
        Cell::None,
    ]
}

pub(super) fn open_refund(request: &Request, refund: OpenRefund) -> Vec<Cell> {
    let mut cells = vec![
        Cell::Word("refund", request.language.pick("refund", "退款")),
        Cell::Text(refund.merchant_id.clone()),
        Cell::Text(refund.merchant_trade_no.clone()),
        refund.trade_no.clone().into(),
        Cell::None,
        word!(RefundState, request, refund.state),
    ];
    // What only an order has.
    cells.extend(std::iter::repeat_n(Cell::None, 7));
    cells.extend([
        Cell::Whole(refund.refund_id),
        Cell::text(&*refund.request_key),
        Cell::whole(refund.amount),
        Cell::Text(show(refund.asked_at())),
        Cell::Text(refund.sentence(request.language)),
    ]);
    cells
}

pub(super) fn given_back(request: &Request, back: GivenBack) -> Vec<Cell> {
    let facts = Allowance::of(&back, request.now);
    let mut cells = days(&back.day, request.roc);
    cells.extend([
        Cell::Text(back.merchant_id),
        Cell::Text(back.merchant_trade_no),
        back.trade_no.into(),
        Cell::whole(back.refund_id),
        back.request_key.as_deref().into(),
        Cell::Whole(back.amount),
        facts.method.map(Method::word).into(),
        word!(Hand, request, back.by),
        date(facts.paid_on),
        back.allowance_no.into(),
        Cell::whole(back.allowance_amount),
        Cell::whole(facts.days_without),
        Cell::Word(facts.hint.word(), facts.hint.told(request.language)),
        back.reason.as_deref().into(),
    ]);
    cells
}

/// What follows for the invoice of a refund.
pub(super) struct Allowance {
    pub method: Option<Method>,
    pub paid_on: Option<NaiveDate>,
    pub hint: Hint,
    /// None: none is due, or as much as was given back is noted.
    pub days_without: Option<i64>,
}

impl Allowance {
    pub fn of(back: &GivenBack, now: DateTime<Utc>) -> Self {
        let refunded_on = back.day.parse().unwrap_or_else(|_| taipei_date(now));
        let by_ecpay = match MovementKind::parse(&back.kind) {
            Some(MovementKind::Voided) => Method::N,
            _ => Method::R,
        };
        // Whoever gave it back did so by one of the two.
        let method = Some(back.method.as_deref().and_then(Method::parse).unwrap_or(by_ecpay));
        let paid_on = back.authorized_at().map(taipei_date);
        let hint = Hint::of(back.amount, method, refunded_on, paid_on);
        let is_noted = back.allowance_amount.unwrap_or(0) >= back.amount;
        let days = (taipei_date(now) - refunded_on).num_days().max(0);
        Self { method, paid_on, hint, days_without: (hint.may_need_allowance() && !is_noted).then_some(days) }
    }
}

pub(super) fn difference(request: &Request, merchant: &str, order: &Compared, file: Option<&str>) -> Vec<Cell> {
    let mut cells = days(&order.day.to_string(), request.roc);
    cells.extend([
        Cell::text(merchant),
        Cell::text(&*order.merchant_trade_no),
        order.trade_no.as_deref().into(),
        Cell::Word(order.class.word(), request.language.pick(order.class.word(), order.class.named(Language::Chinese))),
        Cell::whole(order.ledger),
        Cell::whole(order.ecpay),
        Cell::milli(order.ledger_fee_milli),
        Cell::milli(order.ecpay_fee_milli),
        order.kind.map(StatementKind::word).into(),
        file.into(),
        Cell::whole(order.line),
    ]);
    cells
}

/// A payout day whose sum is not what ECPay says it pays.
pub(super) fn payout(request: &Request, merchant: &str, payout: &Payout) -> Vec<Cell> {
    let mut cells = days(&payout.day.to_string(), request.roc);
    cells.extend([
        Cell::text(merchant),
        Cell::None,
        Cell::None,
        Cell::Word("payout_differs", request.language.pick("payout_differs", "撥款不符")),
        Cell::Whole(payout.payout),
        Cell::whole(payout.ecpay),
        Cell::Milli(payout.fee_milli),
        Cell::None,
        Cell::text(payout.kind.word()),
        Cell::None,
        Cell::None,
    ]);
    cells
}

pub(super) fn vouchers(request: &Request, line: VoucherLine) -> Vec<Cell> {
    let (registered_on, checked_at) = (taipei_date(line.registered_at()), line.last_checked_at().map(show));
    vec![
        Cell::Text(line.merchant_id),
        line.merchant_trade_no.into(),
        line.free_trade_no.into(),
        line.voucher_trade_no.into(),
        word!(VoucherState, request, line.state),
        Cell::text(registered_on.to_string()),
        Cell::whole(line.trade_amount),
        Cell::Whole(line.redeemed_in_range),
        Cell::Whole(line.refunded_in_range),
        Cell::whole(line.redeemed_amount),
        Cell::whole(line.refunded_amount),
        Cell::whole(line.confirmed_amount),
        Cell::whole(line.unused_amount),
        checked_at.into(),
    ]
}

/// The day, and beside it the day of the Republic with its two months of tax.
fn days(day: &str, roc: bool) -> Vec<Cell> {
    let mut cells = vec![Cell::text(day)];
    if roc {
        let date: Option<NaiveDate> = day.parse().ok();
        cells.extend([date.map(roc::day).into(), date.map(roc::tax_period).into()]);
    }
    cells
}

fn date(day: Option<NaiveDate>) -> Cell {
    day.map(|day| day.to_string()).into()
}
