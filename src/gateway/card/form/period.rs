//! `Cashier/QueryCreditCardPeriodInfo`: the later charges of a recurring order, each with the TradeNo that an action
//! on it needs (vendor page 信用卡定期定額訂單查詢, ?p=2892). Its answer is JSON and not signed.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::Deserialize;

use crate::domain::facts::{CardKind, Periods};
use crate::domain::ids::{MerchantTradeNo, TradeNo};
use crate::domain::money::Twd;
use crate::gateway::caller::read_json;
use crate::gateway::card::order_seen::PaidOrder;
use crate::gateway::errors::LookError;
use crate::gateway::wire::liberal::{self, Fields};
use crate::gateway::wire::times;

pub const PATH: &str = "/Cashier/QueryCreditCardPeriodInfo";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodState {
    Ended,
    Running,
    /// All of its charges are made.
    Done,
}

#[derive(Clone, Debug)]
pub struct PeriodInfo {
    /// None: a word that is not in the list.
    pub state: Option<PeriodState>,
    pub periods: Periods,
    /// As they were made; those that failed too.
    pub charges: Vec<Charge>,
}

#[derive(Clone, Debug)]
pub struct Charge {
    /// 1: authorized.
    pub rtn_code: i64,
    pub amount: Option<Twd>,
    pub gwsr: Option<i64>,
    pub at: Option<DateTime<Utc>>,
    pub auth_code: Option<SecretString>,
    /// None: it failed, or the answer leaves it out.
    pub trade_no: Option<TradeNo>,
}

impl Charge {
    pub fn has_succeeded(&self) -> bool {
        self.rtn_code == 1
    }
}

#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "MerchantID", default, deserialize_with = "liberal::optional_text")]
    merchant_id: Option<String>,
    #[serde(rename = "MerchantTradeNo", default, deserialize_with = "liberal::optional_text")]
    merchant_trade_no: Option<String>,
    #[serde(rename = "ExecStatus", default, deserialize_with = "liberal::optional_text")]
    exec_status: Option<String>,
    #[serde(rename = "PeriodType", default, deserialize_with = "liberal::optional_text")]
    period_type: Option<String>,
    #[serde(rename = "Frequency", default, deserialize_with = "liberal::whole_if_readable")]
    frequency: Option<i64>,
    #[serde(rename = "ExecTimes", default, deserialize_with = "liberal::whole_if_readable")]
    exec_times: Option<i64>,
    #[serde(rename = "ExecLog", default)]
    exec_log: Option<Vec<Fields<RawCharge>>>,
}

#[derive(Deserialize)]
struct RawCharge {
    #[serde(rename = "RtnCode", deserialize_with = "liberal::code")]
    rtn_code: i64,
    #[serde(default, deserialize_with = "liberal::optional_amount")]
    amount: Option<Twd>,
    #[serde(default, deserialize_with = "liberal::optional_whole")]
    gwsr: Option<i64>,
    #[serde(default, deserialize_with = "times::taipei_time")]
    process_date: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "liberal::secret")]
    auth_code: Option<SecretString>,
    #[serde(rename = "TradeNo", default, deserialize_with = "liberal::optional_text")]
    trade_no: Option<String>,
}

impl PeriodInfo {
    /// `merchant_id` is the merchant's own, also where its platform asks.
    pub fn read(body: &str, merchant_id: &str, asked: &MerchantTradeNo) -> Result<Self, LookError> {
        let raw: Raw = read_json(body)?;
        let is_bound =
            raw.merchant_id.as_deref() == Some(merchant_id) && raw.merchant_trade_no.as_deref() == Some(asked.as_str());
        if !is_bound {
            return Err(LookError::NotBound(format!("order {asked} was asked for, the answer names another or none")));
        }
        let state = match raw.exec_status.as_deref() {
            Some("0") => Some(PeriodState::Ended),
            Some("1") => Some(PeriodState::Running),
            Some("2") => Some(PeriodState::Done),
            _ => None,
        };
        let told = Periods::of(raw.period_type.as_deref(), raw.frequency, raw.exec_times);
        let ended = matches!(state, Some(PeriodState::Ended | PeriodState::Done));
        let periods = Periods { ended, ..told };
        let charges = raw.exec_log.unwrap_or_default().into_iter().map(|Fields(raw)| charge(raw));
        Ok(Self { state, periods, charges: charges.collect::<Result<_, _>>()? })
    }
}

impl PeriodInfo {
    /// Nothing of it is a recurring order's: it was paid once.
    pub fn is_of_none(&self) -> bool {
        self.state.is_none() && self.periods == Periods::default() && self.charges.is_empty()
    }

    /// How many charges have succeeded.
    pub fn succeeded(&self) -> i64 {
        i64::try_from(self.made().count()).unwrap_or(i64::MAX)
    }

    /// The numbers of those that have succeeded, as far as they are told.
    pub fn numbers(&self) -> impl Iterator<Item = &TradeNo> {
        self.made().filter_map(|charge| charge.trade_no.as_ref())
    }

    fn made(&self) -> impl Iterator<Item = &Charge> {
        self.charges.iter().filter(|charge| charge.has_succeeded())
    }

    /// The order as the row that asks follows it: the charge that the shop named, else its first. An action needs
    /// the number of a charge, which may be another than the order's own. Of the first charge the order query has told
    /// amount and `gwsr` signed, which this answer is not: what it says makes up for what is left out.
    pub fn charge_of(&self, asked: Option<&TradeNo>, paid: PaidOrder) -> PaidOrder {
        let numbered = |no: &TradeNo| self.made().find(|charge| charge.trade_no.as_ref() == Some(no));
        let of_gwsr = || paid.gwsr.and_then(|gwsr| self.made().find(|charge| charge.gwsr == Some(gwsr)));
        let charge = match asked {
            Some(asked) => numbered(asked),
            None => of_gwsr()
                .or_else(|| numbered(&paid.trade_no))
                .or_else(|| self.made().min_by_key(|charge| charge.at.unwrap_or(DateTime::<Utc>::MAX_UTC))),
        };
        let Some(charge) = charge else { return paid };
        let trade_no = charge.trade_no.clone().unwrap_or_else(|| paid.trade_no.clone());
        let is_first = asked.is_none() || trade_no == paid.trade_no;
        PaidOrder {
            gwsr: paid.gwsr.filter(|_| is_first).or(charge.gwsr),
            amount: paid.amount.filter(|_| is_first).or(charge.amount),
            paid_at: charge.at.or(paid.paid_at),
            // Each period is charged whole.
            kind: CardKind { unknown: false, ..paid.kind },
            recurring: true,
            charges: Some(self.succeeded()),
            periods: Some(self.periods),
            fee_milli: paid.fee_milli.filter(|_| is_first),
            payment_type: paid.payment_type,
            trade_no,
        }
    }
}

fn charge(raw: RawCharge) -> Result<Charge, LookError> {
    let number = |no: &String| TradeNo::parse(no).map_err(|_| LookError::Unreadable("a charge's TradeNo".to_owned()));
    Ok(Charge {
        rtn_code: raw.rtn_code,
        amount: raw.amount,
        gwsr: raw.gwsr,
        at: raw.process_date,
        auth_code: raw.auth_code,
        trade_no: raw.trade_no.as_ref().map(number).transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(answer: &Value) -> Result<PeriodInfo, LookError> {
        PeriodInfo::read(&answer.to_string(), "2000132", &MerchantTradeNo::parse("P1").expect("a number"))
    }

    fn sample() -> Value {
        json!({"MerchantID": "2000132", "MerchantTradeNo": "P1", "TradeNo": "2110261713558708", "RtnCode": 1,
            "PeriodType": "D", "Frequency": 91, "ExecTimes": 999, "PeriodAmount": 200, "amount": 200,
            "gwsr": 11718189, "process_date": "2021/10/26 17:14:27", "auth_code": "777777", "card4no": "2222",
            "card6no": "431195", "TotalSuccessTimes": 2, "TotalSuccessAmount": 400, "ExecStatus": "1", "ExecLog": [
                {"RtnCode": 1, "amount": 200, "gwsr": 11718189, "process_date": "2021/10/26 17:14:27",
                    "auth_code": "777777", "TradeNo": "2110261713558708"},
                {"RtnCode": "10100058", "amount": "200", "gwsr": "0", "process_date": "", "auth_code": "", "TradeNo": ""},
                {"RtnCode": 1, "amount": 200, "gwsr": 11718999, "process_date": "2022/01/25 17:14:27",
                    "auth_code": "888888", "TradeNo": "2201251713558709"}]})
    }

    #[test]
    fn each_charge_has_a_number_of_its_own() {
        let info = read(&sample()).expect("an answer");
        assert_eq!(info.state, Some(PeriodState::Running));
        let numbers: Vec<_> = info.charges.iter().map(|c| c.trade_no.as_ref().map(TradeNo::as_str)).collect();
        assert_eq!(numbers, [Some("2110261713558708"), None, Some("2201251713558709")]);
        let good: Vec<_> = info.charges.iter().map(Charge::has_succeeded).collect();
        assert_eq!(good, [true, false, true]);
        assert_eq!(info.charges[2].at.map(|at| at.to_rfc3339()).as_deref(), Some("2022-01-25T09:14:27+00:00"));
        let shown = format!("{info:?}");
        assert!(!shown.contains("777777") && !shown.contains("888888"), "{shown}");
    }

    #[test]
    fn an_answer_of_another_order_or_with_a_number_that_is_none_is_refused() {
        for (field, value) in
            [("MerchantTradeNo", json!("P2")), ("MerchantID", json!("3002607")), ("MerchantID", json!(null))]
        {
            let mut answer = sample();
            answer[field] = value;
            assert!(matches!(read(&answer), Err(LookError::NotBound(_))), "{field}");
        }
        let mut answer = sample();
        answer["ExecLog"][2]["TradeNo"] = json!("no number");
        assert!(matches!(read(&answer), Err(LookError::Unreadable(_))));
        answer["ExecLog"] = json!(null);
        answer["ExecStatus"] = json!("9");
        let info = read(&answer).expect("an answer");
        assert!(info.charges.is_empty() && info.state.is_none());
        assert!(!info.is_of_none(), "its periods are told");
    }

    #[test]
    fn what_the_order_query_has_signed_is_not_told_otherwise_by_the_charges() {
        let paid = |gwsr: Option<i64>, trade_no: &str| PaidOrder {
            trade_no: TradeNo::parse(trade_no).expect("a number"),
            amount: Twd::new(500).ok(),
            gwsr,
            payment_type: "Credit_CreditCard".to_owned(),
            kind: CardKind { unknown: true, ..CardKind::default() },
            paid_at: None,
            recurring: false,
            charges: None,
            periods: None,
            fee_milli: Some(10_000),
        };
        let mut newest_first = sample();
        newest_first["ExecLog"].as_array_mut().expect("a list").reverse();
        let later = TradeNo::parse("2201251713558709").expect("a number");
        for answer in [sample(), newest_first] {
            let info = read(&answer).expect("an answer");
            // Its own number and amount, whatever the unsigned list says: 200.
            for (gwsr, own, number) in [
                (Some(11_718_189), "2110261713558708", "2110261713558708"),
                (Some(11_718_189), "2110260000000001", "2110261713558708"),
                (None, "2110260000000001", "2110261713558708"),
            ] {
                let first = info.charge_of(None, paid(gwsr, own));
                assert_eq!((first.trade_no.as_str(), first.amount.map(Twd::dollars)), (number, Some(500)));
                assert!(first.recurring && !first.kind.unknown && first.charges == Some(2));
            }
            let second = info.charge_of(Some(&later), paid(Some(11_718_189), "2110261713558708"));
            assert_eq!((second.gwsr, second.amount.map(Twd::dollars)), (Some(11_718_999), Some(200)));
            assert_eq!((second.trade_no, second.fee_milli), (later.clone(), None));
        }
    }
}
