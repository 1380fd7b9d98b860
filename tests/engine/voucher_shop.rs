//! A shop that sells vouchers: what it writes, what it reads, and the voucher service behind it.

use chrono::NaiveDate;
use ecpayd::domain::ids::{FreeTradeNo, MerchantId, VoucherTradeNo};
use ecpayd::domain::money::Twd;
use ecpayd::domain::voucher::{IssueType, TicketKind, VoucherNumber};
use ecpayd::simulator::bank::{Bank, BankError, Customer, Issuing, Kind, Lot, NewVoucher, Pick, VoucherTruth};
use ecpayd::simulator::{Fault, FaultKind, OnCall};

use crate::harness::{MERCHANT, Shop};
use crate::ledger::{AddVouchers, Refused};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoucherRow {
    pub voucher_trade_no: Option<String>,
    pub state: String,
    pub trade_amount: Option<i64>,
    pub redeemed_amount: Option<i64>,
    pub refunded_amount: Option<i64>,
    pub refund_confirmed_amount: Option<i64>,
    pub unused_amount: Option<i64>,
    pub last_error: Option<String>,
}

pub fn tickets(count: usize, amount: i64) -> Lot {
    Lot {
        count,
        amount: Twd::new(amount).expect("an amount"),
        kind: TicketKind::Pickup,
        item_no: "T00358".to_owned(),
        item_name: "平日住宿券".to_owned(),
        starts_on: None,
        expires_on: None,
    }
}

pub fn gifts(count: usize, amount: i64, expires_on: Option<NaiveDate>) -> Lot {
    Lot { kind: TicketKind::Gift, expires_on, ..tickets(count, amount) }
}

pub fn voucher(no: &str, lots: Vec<Lot>) -> NewVoucher {
    let number = match no.strip_prefix("free ") {
        Some(no) => VoucherNumber::FreeTradeNo(FreeTradeNo::parse(no).expect("a number")),
        None => VoucherNumber::MerchantTradeNo(VoucherTradeNo::parse(no).expect("a number")),
    };
    NewVoucher {
        merchant_id: MerchantId::parse(MERCHANT).expect("an id"),
        number,
        lots,
        issue_type: IssueType::Electronic,
        printed_by: None,
        customer: Customer {
            name: "王小明".to_owned(),
            phone: "0912345678".to_owned(),
            email: "ming@shop.example".to_owned(),
        },
        issuing: Issuing::Done,
        credit_trade_id: None,
    }
}

impl Shop {
    /// Sold at the voucher service; the ledger does not know of it.
    pub fn sold_vouchers(&self, new: NewVoucher) -> VoucherTruth {
        self.sim.with_bank(|bank, now| bank.sell_voucher(new, now)).expect("a new voucher order")
    }

    /// Sold now and registered at once.
    pub async fn vouchers(&mut self, new: NewVoucher) {
        let number = new.number.clone();
        self.sold_vouchers(new);
        self.register_vouchers(&number).await.expect("a new row");
    }

    pub async fn register_vouchers(&mut self, number: &VoucherNumber) -> Result<(), Refused> {
        let (sold, free) = match number {
            VoucherNumber::MerchantTradeNo(no) => (Some(no.as_str()), None),
            VoucherNumber::FreeTradeNo(no) => (None, Some(no.as_str())),
        };
        self.sql.vouchers(&AddVouchers { merchant: MERCHANT, sold, free, at: Some(self.now()) })
    }

    /// A card order, captured, and the vouchers that it paid for.
    pub async fn card_order_of_vouchers(&mut self, no: &str, lots: Vec<Lot>) {
        let amount = lots.iter().map(|l| l.amount.dollars() * i64::try_from(l.count).expect("a few")).sum();
        self.order_captured(no, amount).await;
        self.vouchers(voucher(no, lots)).await;
        self.settle().await;
    }

    /// A card order as its customer has just paid it, and its vouchers.
    pub async fn fresh_order_of_vouchers(&mut self, no: &str, lots: Vec<Lot>) {
        let amount = lots.iter().map(|l| l.amount.dollars() * i64::try_from(l.count).expect("a few")).sum();
        self.order(no, Kind::Card, amount).await;
        self.vouchers(voucher(no, lots)).await;
        self.settle().await;
    }

    pub fn at_the_counter<T>(
        &self,
        no: &str,
        ask: impl FnOnce(&mut Bank, &VoucherNumber) -> Result<T, BankError>,
    ) -> T {
        let number = voucher(no, Vec::new()).number;
        self.sim.with_bank(|bank, _| ask(bank, &number)).expect("the tickets allow it")
    }

    pub fn redeem(&self, no: &str, count: usize) {
        let (id, now) = (MerchantId::parse(MERCHANT).expect("an id"), self.now());
        self.at_the_counter(no, |bank, number| bank.redeem(&id, number, &Pick::Unused(count), now));
    }

    pub fn refund_tickets(&self, no: &str, count: usize, fee: i64) {
        let (id, now) = (MerchantId::parse(MERCHANT).expect("an id"), self.now());
        self.at_the_counter(no, |bank, number| bank.refund_tickets(&id, number, &Pick::Unused(count), fee, now));
    }

    pub fn issue(&self, no: &str, failure: Option<&str>) {
        let (id, now) = (MerchantId::parse(MERCHANT).expect("an id"), self.now());
        self.at_the_counter(no, |bank, number| bank.issue_voucher(&id, number, failure.map(str::to_owned), now));
    }

    pub fn strike_vouchers(&self, call: OnCall, kind: FaultKind, times: u32) {
        self.sim.strike(Fault { call, times, ..Fault::any(kind) });
    }

    pub async fn voucher_row(&mut self, no: &str) -> VoucherRow {
        let order = "SELECT voucher_trade_no, state, trade_amount, redeemed_amount, refunded_amount, refund_confirmed_amount, unused_amount, last_error
                       FROM voucher_status WHERE ifnull(merchant_trade_no, 'free ' || free_trade_no) = ?";
        self.sql.row(order, [no], |row| VoucherRow {
            voucher_trade_no: row.get("voucher_trade_no"),
            state: row.get("state"),
            trade_amount: row.get("trade_amount"),
            redeemed_amount: row.get("redeemed_amount"),
            refunded_amount: row.get("refunded_amount"),
            refund_confirmed_amount: row.get("refund_confirmed_amount"),
            unused_amount: row.get("unused_amount"),
            last_error: row.get("last_error"),
        })
    }

    pub async fn voucher_state(&mut self, no: &str) -> String {
        self.voucher_row(no).await.state
    }

    /// `ticket_no use_status` of each ticket.
    pub async fn ticket_states(&mut self, no: &str) -> Vec<String> {
        let states = "SELECT use_status FROM voucher_tickets WHERE ifnull(merchant_trade_no, 'free ' || free_trade_no) = ? ORDER BY ticket_no";
        self.sql.values(states, [no])
    }

    /// The details of the events of a kind, oldest first.
    pub async fn events(&mut self, kind: &str) -> Vec<serde_json::Value> {
        let details: Vec<String> =
            self.sql.values("SELECT detail FROM order_events WHERE kind = ? ORDER BY id", [kind]);
        details.iter().map(|d| serde_json::from_str(d).expect("JSON")).collect()
    }
}
