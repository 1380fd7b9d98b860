//! The voucher calls over real HTTP against the simulator: what each state, style and fault comes to.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use ecpayd::domain::calendar::from_taipei;
use ecpayd::domain::ids::{FreeTradeNo, MerchantId, VoucherTradeNo};
use ecpayd::domain::money::Twd;
use ecpayd::domain::voucher::{
    ConfirmedRefunds, IssueStatus, IssueType, Part, PrintedBy, Ticket, TicketKind, Totals, UseStatus, VoucherFacts,
    VoucherNumber, VoucherSeen,
};
use ecpayd::gateway::transport::HttpTransport;
use ecpayd::gateway::voucher::{OrderPage, VoucherGateway};
use ecpayd::gateway::wire::cipher::Keys;
use ecpayd::gateway::{Access, LookError};
use ecpayd::simulator::bank::{
    Customer, Issuing, JsonText, Lot, NewVoucher, Percent, Pick, Space, Terms, VoucherDates,
};
use ecpayd::simulator::{Fault, FaultKind, OnCall, Options, Running, SimMerchant, Simulator};

const MERCHANT: &str = "3002607";
const NOON: &str = "2026-08-01 12:00:00";

fn at(text: &str) -> DateTime<Utc> {
    from_taipei(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").expect("a civil time"))
}

fn merchant() -> MerchantId {
    MerchantId::parse(MERCHANT).expect("a number")
}

fn twd(dollars: i64) -> Twd {
    Twd::new(dollars).expect("an amount")
}

fn no(text: &str) -> VoucherTradeNo {
    VoucherTradeNo::parse(text).expect("a number")
}

fn sold(text: &str) -> VoucherNumber {
    VoucherNumber::MerchantTradeNo(no(text))
}

fn given(text: &str) -> VoucherNumber {
    VoucherNumber::FreeTradeNo(FreeTradeNo::parse(text).expect("a number"))
}

fn lot(count: usize, dollars: i64, kind: TicketKind) -> Lot {
    let (item_no, item_name) = ("T00358".to_owned(), "平日住宿券 (2+1)*!".to_owned());
    Lot { count, amount: twd(dollars), kind, item_no, item_name, starts_on: None, expires_on: None }
}

/// A simulator standing at noon, and the daemon's client of its voucher calls.
struct Shop {
    sim: Running,
    gateway: VoucherGateway,
}

fn gateway(url: &str, platform: Option<&str>, iv: &str) -> VoucherGateway {
    let transport = HttpTransport::new(Duration::from_secs(5)).expect("a client");
    let access = Access {
        merchant_id: merchant(),
        platform_id: platform.map(|id| MerchantId::parse(id).expect("a number")),
        base_url: url.to_owned(),
        keys: Keys::new("c539115ea7674f20", iv).expect("16 bytes each"),
    };
    VoucherGateway::new(Arc::new(transport), access)
}

const IV: &str = "86f625e60cb1473a";

impl Shop {
    async fn open() -> Self {
        let sim = Simulator::start(([127, 0, 0, 1], 0).into(), Options::new(Arc::new(|| at(NOON))));
        let sim = sim.await.expect("a free port");
        Self { gateway: gateway(&sim.url(), None, IV), sim }
    }

    fn sell(&self, number: &VoucherNumber, lots: Vec<Lot>, issuing: Issuing) {
        let customer = Customer { name: "王小明".to_owned(), ..Customer::default() };
        let (issue_type, printed_by) = (IssueType::Paper, Some(PrintedBy::Merchant));
        let new = NewVoucher {
            merchant_id: merchant(),
            number: number.clone(),
            lots,
            issue_type,
            printed_by,
            customer,
            issuing,
            credit_trade_id: None,
        };
        self.sim.handle.with_bank(|bank, now| bank.sell_voucher(new, now)).expect("a new order");
    }

    fn terms(&self, change: impl FnOnce(&mut Terms)) {
        self.sim.handle.with_bank(|bank, now| bank.change_terms(&merchant(), now, change)).expect("the merchant");
    }

    fn strike(&self, call: OnCall, kind: FaultKind) {
        self.sim.handle.strike(Fault { call, ..Fault::any(kind) });
    }

    fn redeem(&self, number: &VoucherNumber, pick: &Pick) {
        let done = self.sim.handle.with_bank(|bank, now| bank.redeem(&merchant(), number, pick, now));
        done.expect("unused tickets");
    }

    fn refund(&self, number: &VoucherNumber, pick: &Pick, fee: i64) {
        let done = self.sim.handle.with_bank(|bank, now| bank.refund_tickets(&merchant(), number, pick, fee, now));
        done.expect("unused tickets");
    }

    fn stamp_s(&self) -> i64 {
        self.sim.handle.now().timestamp()
    }

    async fn page(&self, number: &VoucherNumber, page: Option<u32>) -> Result<OrderPage, LookError> {
        self.gateway.query_order(number, page, self.stamp_s()).await.map(|dated| dated.answer)
    }

    /// The whole order, and how many calls it took.
    async fn look(&self, number: &VoucherNumber) -> Result<(VoucherSeen, Vec<Ticket>, u32), LookError> {
        let (mut order, mut calls) = (self.page(number, None).await?, 1);
        while let Some(next) = order.next_page() {
            order = order.with(self.page(number, Some(next)).await?)?;
            calls += 1;
        }
        let (seen, tickets) = order.seen();
        Ok((seen, tickets, calls))
    }

    async fn facts(&self, number: &VoucherNumber) -> (VoucherFacts, Vec<Ticket>) {
        match self.look(number).await {
            Ok((VoucherSeen::Order(facts), tickets, _)) => (facts, tickets),
            other => panic!("{number}: {other:?}"),
        }
    }

    async fn refunds(&self, order: &str) -> Result<ConfirmedRefunds, LookError> {
        self.gateway.query_refunds(&no(order), self.stamp_s()).await.map(|dated| dated.answer)
    }
}

#[tokio::test]
async fn a_sold_order_is_seen_with_every_state_a_ticket_can_have() {
    let shop = Shop::open().await;
    let order = sold("CBX2022030215306485100025");
    let last_day = NaiveDate::from_ymd_opt(2026, 8, 31);
    let gift = Lot { expires_on: last_day, ..lot(2, 500, TicketKind::Gift) };
    shop.sell(&order, vec![lot(3, 1200, TicketKind::Pickup), gift], Issuing::Done);
    shop.redeem(&order, &Pick::Unused(1));
    shop.refund(&order, &Pick::Named(vec!["CX00000100002".to_owned()]), 80);
    shop.sim.handle.set_clock(at("2026-09-01 12:00:00"));

    let (facts, tickets) = shop.facts(&order).await;
    let part = |count, dollars| Part { count, amount: twd(dollars) };
    let expected = VoucherFacts {
        ticket_trade_no: Some("2026080100000001".to_owned()),
        credit_trade_id: Some(14_521_552),
        status: IssueStatus::Issued,
        remark: String::new(),
        issued_at: Some(at(NOON)),
        issue_type: Some(IssueType::Paper),
        printed_by: Some(PrintedBy::Merchant),
        escrow_expires_on: NaiveDate::from_ymd_opt(2027, 1, 31),
        totals: Totals {
            count: 5,
            trade_amount: twd(4600),
            redeemed: part(1, 1200),
            refunded: part(1, 1200),
            refund_fee: twd(80),
            unused: part(1, 1200),
            expired: part(2, 1000),
        },
        has_pickup: true,
        mismatch: None,
    };
    assert_eq!(facts, expected);
    let statuses: Vec<_> = tickets.iter().map(|ticket| ticket.status).collect();
    use UseStatus::{Expired, Redeemed, Refunded, Unused};
    assert_eq!(statuses, [Redeemed, Refunded, Unused, Expired, Expired]);
    let midnight = Some(at("2026-08-01 00:00:00"));
    assert_eq!((tickets[0].redeemed_at, tickets[1].refunded_at), (midnight, midnight));
    assert_eq!((tickets[0].kind, tickets[3].kind), (Some(TicketKind::Pickup), Some(TicketKind::Gift)));
    assert_eq!((tickets[3].expires_on, tickets[0].item_no.as_deref()), (last_day, Some("T00358")));
    assert_eq!(tickets[0].item_name.as_deref(), Some("平日住宿券 (2+1)*!"));
}

#[tokio::test]
async fn what_was_given_away_has_no_price_and_adds_up() {
    let shop = Shop::open().await;
    shop.sell(&given("F1"), vec![lot(2, 500, TicketKind::Gift)], Issuing::Done);
    let (facts, tickets) = shop.facts(&given("F1")).await;
    assert_eq!((facts.totals.trade_amount, facts.credit_trade_id), (Twd::ZERO, None));
    assert_eq!((facts.has_pickup, facts.mismatch, tickets.len()), (false, None, 2));
    // Each number is one of its own kind.
    assert!(matches!(shop.look(&sold("F1")).await, Ok((VoucherSeen::NotFound, ..))));
}

#[tokio::test]
async fn issuing_takes_its_time_and_may_fail() {
    let shop = Shop::open().await;
    for order in ["V1", "V2"] {
        shop.sell(&sold(order), vec![lot(2, 500, TicketKind::Pickup)], Issuing::UntilTold);
        let (facts, tickets) = shop.facts(&sold(order)).await;
        assert_eq!((facts.status, facts.issued_at, facts.mismatch), (IssueStatus::Issuing, None, None));
        assert!(tickets.is_empty());
    }
    let end = |order: &str, failure: Option<String>| {
        let done = shop.sim.handle.with_bank(|bank, now| bank.issue_voucher(&merchant(), &sold(order), failure, now));
        done.expect("it is being issued");
    };
    end("V1", None);
    end("V2", Some("庫存不足".to_owned()));
    assert_eq!(shop.facts(&sold("V1")).await.0.status, IssueStatus::Issued);
    let (failed, tickets) = shop.facts(&sold("V2")).await;
    assert_eq!((failed.status, failed.remark.as_str(), tickets.len()), (IssueStatus::IssueFailed, "庫存不足", 0));
}

#[tokio::test]
async fn four_hundred_and_fifty_tickets_come_by_pages_or_at_once() {
    let shop = Shop::open().await;
    for order in [sold("V1"), given("F1")] {
        shop.sell(&order, vec![lot(450, 100, TicketKind::Pickup)], Issuing::Done);
        for (pages, calls_needed) in [(true, 3), (false, 1)] {
            shop.terms(|terms| terms.voucher_pages = pages);
            let (seen, tickets, calls) = shop.look(&order).await.expect("answers");
            let VoucherSeen::Order(facts) = seen else { panic!("{seen:?}") };
            assert_eq!((tickets.len(), calls, facts.mismatch), (450, calls_needed, None));
            // A service without pages tells everything again whatever page it is asked for.
            let second = shop.page(&order, Some(2)).await.expect("a page");
            assert_eq!(second.next_page().is_some(), pages);
        }
    }
}

#[tokio::test]
async fn a_redemption_between_two_pages_means_another_look() {
    let shop = Shop::open().await;
    shop.sell(&sold("V1"), vec![lot(250, 100, TicketKind::Pickup)], Issuing::Done);
    let first = shop.page(&sold("V1"), None).await.expect("a page");
    assert_eq!(first.next_page(), Some(2));
    shop.redeem(&sold("V1"), &Pick::Unused(1));
    let second = shop.page(&sold("V1"), Some(2)).await.expect("a page");
    let error = first.with(second).expect_err("other totals");
    assert_eq!(error, LookError::Lost("voucher order V1 changed while its pages were read".to_owned()));
    assert_eq!(shop.facts(&sold("V1")).await.0.totals.redeemed.count, 1);
}

#[tokio::test]
async fn the_bank_tells_confirmed_refunds_of_pickup_vouchers_alone() {
    let shop = Shop::open().await;
    shop.sell(&sold("V1"), vec![lot(3, 800, TicketKind::Pickup)], Issuing::Done);
    shop.sell(&sold("G1"), vec![lot(3, 800, TicketKind::Gift)], Issuing::Done);
    shop.refund(&sold("V1"), &Pick::Unused(1), 0);
    let told = |dollars| Ok(ConfirmedRefunds { trade_amount: Some(twd(2400)), confirmed: twd(dollars) });
    assert_eq!(shop.refunds("V1").await, told(0));
    shop.sim.handle.set_clock(at("2026-08-02 12:00:00"));
    assert_eq!(shop.refunds("V1").await, told(800));
    for order in ["G1", "NOBODY"] {
        assert!(matches!(shop.refunds(order).await, Err(LookError::Refused { .. })), "{order}");
    }
}

#[tokio::test]
async fn a_service_without_the_refund_call_says_so_and_its_orders_are_still_seen() {
    let shop = Shop::open().await;
    shop.sell(&sold("V1"), vec![lot(1, 800, TicketKind::Pickup)], Issuing::Done);
    shop.terms(|terms| terms.voucher_refund_info = false);
    let error = shop.refunds("V1").await.expect_err("no such call");
    assert_eq!(error, LookError::NoSuchCall("/api/Ticket/QueryRefundInfo"));
    assert_eq!(error.to_string(), "the gateway has no /api/Ticket/QueryRefundInfo (http 404)");
    assert_eq!(shop.facts(&sold("V1")).await.1.len(), 1);
}

#[tokio::test]
async fn the_same_is_seen_in_every_style_of_answer() {
    let shop = Shop::open().await;
    let order = sold("V1");
    shop.sell(&order, vec![lot(3, 800, TicketKind::Pickup)], Issuing::Done);
    shop.refund(&order, &Pick::Unused(1), 0);
    let expected = (shop.facts(&order).await, shop.refunds("V1").await.expect("an answer"));
    let styles: [fn(&mut Terms); 6] = [
        |t| t.percent = Percent::Dotnet,
        |t| t.space = Space::Percent,
        |t| t.json = JsonText::Escaped,
        |t| t.text_codes = true,
        |t| t.success_text = "停用成功".to_owned(),
        |t| t.numeric_merchant_id = true,
    ];
    // Each alone, then all of them together.
    for place in 0..styles.len() * 2 {
        shop.terms(|terms| {
            if place < styles.len() {
                *terms = Terms::default();
            }
            styles[place % styles.len()](terms);
        });
        let seen = (shop.facts(&order).await, shop.refunds("V1").await.expect("an answer"));
        assert_eq!(seen, expected, "style {place}");
    }
}

#[tokio::test]
async fn dates_come_as_the_page_says_and_as_its_sample_has_them() {
    let shop = Shop::open().await;
    let order = sold("V1");
    shop.sell(&order, vec![lot(2, 800, TicketKind::Pickup)], Issuing::Done);
    shop.sim.handle.set_clock(at("2026-08-02 12:34:00"));
    shop.redeem(&order, &Pick::Unused(1));
    shop.refund(&order, &Pick::Unused(1), 0);
    for (dates, used) in [(VoucherDates::Sample, "2026-08-02 00:00:00"), (VoucherDates::Page, "2026-08-02 12:34:00")] {
        shop.terms(|terms| terms.voucher_dates = dates);
        let (facts, tickets) = shop.facts(&order).await;
        assert_eq!(facts.issued_at, Some(at(NOON)), "{dates:?}");
        assert_eq!((tickets[0].redeemed_at, tickets[1].refunded_at), (Some(at(used)), Some(at(used))), "{dates:?}");
    }
}

#[tokio::test]
async fn an_answer_whose_checksum_does_not_hold_is_not_believed_whatever_it_says() {
    let shop = Shop::open().await;
    shop.sell(&sold("V1"), vec![lot(1, 800, TicketKind::Pickup)], Issuing::Done);
    let forged = LookError::Forged("does not hold");
    assert_eq!(forged.to_string(), "the answer's CheckMacValue does not hold: it is not believed");
    for order in ["V1", "NOBODY"] {
        shop.strike(OnCall::QueryOrderInfo, FaultKind::WrongChecksum);
        assert_eq!(shop.look(&sold(order)).await, Err(forged.clone()), "{order}");
        shop.strike(OnCall::QueryRefundInfo, FaultKind::WrongChecksum);
        assert_eq!(shop.refunds(order).await, Err(forged.clone()), "{order}");
    }
    assert_eq!(shop.facts(&sold("V1")).await.1.len(), 1);
}

#[tokio::test]
async fn each_fault_comes_to_an_error_of_its_own_and_never_to_an_order() {
    let shop = Shop::open().await;
    shop.sell(&sold("V1"), vec![lot(1, 800, TicketKind::Pickup)], Issuing::Done);
    let lost = |error: &LookError| matches!(error, LookError::Lost(_));
    type Fits = fn(&LookError) -> bool;
    let table: [(FaultKind, Fits); 8] = [
        (FaultKind::WrongKey, |error| matches!(error, LookError::BadCredentials(_))),
        (FaultKind::WrongOrderNumber, |error| matches!(error, LookError::NotBound(_))),
        (FaultKind::LostBefore, lost),
        (FaultKind::Status { code: 500 }, lost),
        (FaultKind::Html, lost),
        (FaultKind::Cut, lost),
        (FaultKind::Huge, lost),
        (FaultKind::Forbidden, |error| *error == LookError::RateLimited),
    ];
    for (kind, fits) in table {
        for call in [OnCall::QueryOrderInfo, OnCall::QueryRefundInfo] {
            shop.strike(call, kind);
            let error = match call {
                OnCall::QueryOrderInfo => shop.look(&sold("V1")).await.expect_err("struck"),
                _ => shop.refunds("V1").await.expect_err("struck"),
            };
            assert!(fits(&error), "{kind:?}: {error:?}");
        }
    }
}

#[tokio::test]
async fn wrong_credentials_and_an_old_stamp_are_told_apart_from_a_missing_order() {
    let shop = Shop::open().await;
    assert!(matches!(shop.look(&sold("NOBODY")).await, Ok((VoucherSeen::NotFound, ..))));
    let stranger = gateway(&shop.sim.url(), None, "EkRm7iFT261dpevs");
    let refused = stranger.query_order(&sold("V1"), None, shop.stamp_s()).await;
    assert!(matches!(refused, Err(LookError::BadCredentials(_) | LookError::NotTaken { .. })), "{refused:?}");
    let late = shop.gateway.query_order(&sold("V1"), None, shop.stamp_s() - 601).await;
    assert!(
        matches!(&late, Err(LookError::NotTaken { gateway_clock_s: Some(_), why }) if why == "TransCode 0: Timestamp Error"),
        "{late:?}"
    );
}

#[tokio::test]
async fn a_platform_asks_for_its_merchant_with_its_own_keys() {
    let mut options = Options::new(Arc::new(|| at(NOON)));
    options.merchants[0].platform_id = Some("3085340".to_owned());
    options.merchants.push(SimMerchant { merchant_id: "3085340".to_owned(), ..SimMerchant::stage() });
    let sim = Simulator::start(([127, 0, 0, 1], 0).into(), options).await.expect("a free port");
    let platform = MerchantId::parse("3085340").expect("a number");
    let keys = Keys::new("c539115ea7674f20", "EkRm7iFT261dpevs").expect("16 bytes each");
    assert!(sim.handle.set_voucher_keys(&platform, keys));
    let shop = Shop { gateway: gateway(&sim.url(), Some("3085340"), "EkRm7iFT261dpevs"), sim };
    shop.sell(&sold("V1"), vec![lot(1, 800, TicketKind::Pickup)], Issuing::Done);
    assert_eq!(shop.facts(&sold("V1")).await.1.len(), 1);
    assert_eq!(shop.refunds("V1").await.map(|told| told.trade_amount), Ok(Some(twd(800))));
    let alone = gateway(&shop.sim.url(), None, "EkRm7iFT261dpevs");
    assert!(alone.query_order(&sold("V1"), None, shop.stamp_s()).await.is_err());
}

#[tokio::test]
async fn an_answer_carries_the_gateways_clock() {
    let shop = Shop::open().await;
    shop.sell(&sold("V1"), vec![lot(1, 800, TicketKind::Pickup)], Issuing::Done);
    let asked = shop.stamp_s();
    shop.sim.handle.set_clock(at("2026-08-01 12:00:09"));
    let order = shop.gateway.query_order(&sold("V1"), None, asked).await.expect("an answer");
    let refunds = shop.gateway.query_refunds(&no("V1"), asked).await.expect("an answer");
    assert_eq!((order.gateway_clock_s, refunds.gateway_clock_s), (Some(asked + 9), Some(asked + 9)));
}
