use super::super::Terms;
use super::super::tests::at;
use super::*;
use crate::domain::ids::{FreeTradeNo, VoucherTradeNo};
use crate::domain::money::Twd;
use crate::domain::voucher::{IssueType, TicketKind};

struct Shop {
    bank: Bank,
    id: MerchantId,
    number: VoucherNumber,
}

const SOLD_AT: &str = "2026-08-01 10:00:00";

fn lot(count: usize, amount: i64) -> Lot {
    let amount = Twd::new(amount).expect("an amount");
    let (item_no, item_name) = ("T1".to_owned(), "Night".to_owned());
    Lot { count, amount, kind: TicketKind::Pickup, item_no, item_name, starts_on: None, expires_on: None }
}

fn sold(lots: Vec<Lot>, issuing: Issuing, terms: Terms) -> Shop {
    let id = MerchantId::parse("3362787").expect("an id");
    let number = VoucherNumber::MerchantTradeNo(VoucherTradeNo::parse("V1").expect("a number"));
    let mut bank = Bank::new(at(SOLD_AT));
    bank.add_merchant(id.clone(), terms);
    bank.sell_voucher(new(&id, &number, lots, issuing), at(SOLD_AT)).expect("a new order");
    Shop { bank, id, number }
}

fn new(id: &MerchantId, number: &VoucherNumber, lots: Vec<Lot>, issuing: Issuing) -> NewVoucher {
    NewVoucher {
        merchant_id: id.clone(),
        number: number.clone(),
        lots,
        issue_type: IssueType::Electronic,
        printed_by: None,
        customer: Customer::default(),
        issuing,
        credit_trade_id: None,
    }
}

impl Shop {
    fn truth(&self, when: &str) -> VoucherTruth {
        self.bank.voucher(&self.id, &self.number).expect("the order").truth(at(when))
    }

    fn redeem(&mut self, count: usize, when: &str) -> Result<(), String> {
        self.bank.redeem(&self.id, &self.number, &Pick::Unused(count), at(when)).map_err(|e| e.to_string())
    }

    fn refund(&mut self, pick: &Pick, fee: i64, when: &str) -> Result<(), String> {
        self.bank.refund_tickets(&self.id, &self.number, pick, fee, at(when)).map_err(|e| e.to_string())
    }
}

#[test]
fn issuing_ends_by_itself_or_when_told_with_tickets_or_a_reason() {
    let mut shop = sold(vec![lot(2, 500)], Issuing::For { s: 60 }, Terms::default());
    assert_eq!(shop.truth("2026-08-01 10:00:59").status, IssueStatus::Issuing);
    assert!(shop.truth("2026-08-01 10:00:59").tickets.is_empty());
    assert!(shop.redeem(1, "2026-08-01 10:00:59").is_err_and(|e| e.contains("no issued tickets")));
    assert_eq!(shop.truth("2026-08-01 10:01:00").tickets.len(), 2);

    for (failure, status) in [(None, IssueStatus::Issued), (Some("no stock".to_owned()), IssueStatus::IssueFailed)] {
        let mut shop = sold(vec![lot(2, 500)], Issuing::UntilTold, Terms::default());
        assert_eq!(shop.truth("2027-08-01 10:00:00").status, IssueStatus::Issuing);
        let told = at("2026-08-02 10:00:00");
        let (id, number) = (shop.id.clone(), shop.number.clone());
        shop.bank.issue_voucher(&id, &number, failure, told).expect("it is being issued");
        assert_eq!(shop.truth("2026-08-02 10:00:00").status, status);
        assert!(shop.bank.issue_voucher(&id, &number, None, told).is_err(), "twice");
        assert_eq!(shop.redeem(1, "2026-08-02 10:00:00").is_ok(), status == IssueStatus::Issued);
    }
}

#[test]
fn a_ticket_is_used_once_and_every_dollar_stands_in_one_place() {
    let mut shop = sold(vec![lot(2, 1200), lot(3, 500)], Issuing::Done, Terms::default());
    assert_eq!(shop.redeem(1, "2026-08-02 10:00:00"), Ok(()));
    let named = Pick::Named(vec!["CX00000100003".to_owned(), "CX00000100004".to_owned()]);
    assert_eq!(shop.refund(&named, 80, "2026-08-03 10:00:00"), Ok(()));
    assert!(shop.refund(&named, 0, "2026-08-03 10:00:00").is_err_and(|e| e.contains("not an unused ticket")));
    let twice = Pick::Named(vec!["CX00000100002".to_owned(); 2]);
    assert!(shop.refund(&twice, 0, "2026-08-03 10:00:00").is_err());
    assert!(shop.redeem(3, "2026-08-03 10:00:00").is_err_and(|e| e.contains("only 2 tickets")));
    assert!(shop.refund(&Pick::Unused(1), 1201, "2026-08-03 10:00:00").is_err_and(|e| e.contains("fee")));

    let truth = shop.truth("2026-08-03 10:00:00");
    assert_eq!((truth.trade_amount, truth.redeemed_amount, truth.refunded_amount), (3900, 1200, 1000));
    assert_eq!((truth.unused_amount, truth.refund_fee), (1700, 80));
    let asked: Vec<bool> = shop.bank.voucher_records().iter().map(|r| r.effect).collect();
    assert_eq!(asked, [true, true, false, false, false, false], "what was refused is written down too");
}

#[test]
fn the_bank_confirms_a_refund_later_or_when_told() {
    let mut shop = sold(vec![lot(3, 1000)], Issuing::Done, Terms { voucher_confirm_h: Some(48), ..Terms::default() });
    shop.refund(&Pick::Unused(1), 0, "2026-08-02 10:00:00").expect("unused tickets");
    assert_eq!(shop.truth("2026-08-04 09:59:59").refund_confirmed_amount, 0);
    assert_eq!(shop.truth("2026-08-04 09:59:59").refunded_amount, 1000);
    assert_eq!(shop.truth("2026-08-04 10:00:00").refund_confirmed_amount, 1000);

    let (id, number) = (shop.id.clone(), shop.number.clone());
    let never = |terms: &mut Terms| terms.voucher_confirm_h = None;
    shop.bank.change_terms(&id, at("2026-08-05 10:00:00"), never).expect("the merchant");
    shop.refund(&Pick::Unused(1), 0, "2026-08-05 10:00:00").expect("unused tickets");
    assert_eq!(shop.truth("2028-01-01 10:00:00").refund_confirmed_amount, 1000);
    shop.bank.confirm_refunds(&id, &number, at("2026-08-06 10:00:00")).expect("the order");
    assert_eq!(shop.truth("2026-08-06 10:00:00").refund_confirmed_amount, 2000);
}

#[test]
fn an_expired_ticket_is_neither_redeemed_nor_refunded() {
    let last = chrono::NaiveDate::from_ymd_opt(2026, 8, 31).expect("a day");
    let gift = Lot { kind: TicketKind::Gift, expires_on: Some(last), ..lot(2, 1000) };
    let mut shop = sold(vec![gift], Issuing::Done, Terms::default());
    assert_eq!(shop.redeem(1, "2026-08-31 23:59:59"), Ok(()));
    assert!(shop.redeem(1, "2026-09-01 00:00:00").is_err());
    assert!(shop.refund(&Pick::Unused(1), 0, "2026-09-01 00:00:00").is_err());
    let truth = shop.truth("2026-09-01 00:00:00");
    assert_eq!((truth.expired_count, truth.unused_amount, truth.redeemed_amount), (1, 0, 1000));
}

#[test]
fn what_was_given_away_has_no_money() {
    let mut shop = sold(vec![lot(1, 1000)], Issuing::Done, Terms::default());
    let free = VoucherNumber::FreeTradeNo(FreeTradeNo::parse("F1").expect("a number"));
    let gift = new(&shop.id, &free, vec![lot(2, 1000)], Issuing::Done);
    let truth = shop.bank.sell_voucher(gift.clone(), at(SOLD_AT)).expect("a new order");
    assert_eq!((truth.trade_amount, truth.merchant_trade_no, truth.free_trade_no), (0, None, Some("F1".to_owned())));
    assert_eq!(shop.bank.sell_voucher(gift, at(SOLD_AT)), Err(VoucherError::Exists("F1".to_owned()).into()));
    shop.number = free;
    assert_eq!(shop.refund(&Pick::Unused(1), 0, SOLD_AT), Err(VoucherError::Free.to_string()));
}
