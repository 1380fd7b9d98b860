//! The body of a request of the form API: fields beside each other, signed by `CheckMacValue`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::request::{Call, Question};
use crate::domain::action::Action;
use crate::domain::ids::{MerchantId, MerchantTradeNo, TradeNo};
use crate::domain::money::Twd;
use crate::gateway::wire::checksum::form;
use crate::gateway::wire::cipher::Keys;
use crate::gateway::wire::urlencode;

/// Vendor page 查詢訂單 (?p=2890). One of the future passes, as the vendor's own SDK for Node sends it.
const STAMP_VALID_S: i64 = 180;

pub(super) struct Form(pub BTreeMap<String, String>);

impl Form {
    pub fn of(body: &[u8]) -> Option<Self> {
        let field = |pair: &str| {
            let (name, value) = pair.split_once('=')?;
            Some((urlencode::decode(name).ok()?, urlencode::decode(value).ok()?))
        };
        let pairs: Vec<_> = std::str::from_utf8(body).ok()?.trim().split('&').map(field).collect::<Option<_>>()?;
        let (count, fields) = (pairs.len(), pairs.into_iter().collect::<BTreeMap<_, _>>());
        (fields.len() == count).then_some(Self(fields))
    }

    pub fn id(&self, name: &str) -> Option<MerchantId> {
        self.0.get(name).and_then(|id| MerchantId::parse(id).ok())
    }

    pub fn is_signed_with(&self, keys: &Keys) -> bool {
        let pairs: Vec<(&str, &str)> = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.0.get(form::FIELD).is_some_and(|claimed| form::holds(keys, &pairs, claimed))
    }
}

/// What is asked for, by exactly the fields that the vendor's page of the call lists.
pub(super) fn question(call: Call, form: &Form, now: DateTime<Utc>) -> Result<Question, String> {
    let wanted: &[&str] = match call {
        Call::QueryTradeInfo | Call::QueryCreditCardPeriodInfo => &["MerchantTradeNo", "TimeStamp"],
        Call::QueryTradeV2 => &["CreditRefundId", "CreditAmount", "CreditCheckCode"],
        Call::FormAction => &["MerchantTradeNo", "TradeNo", "Action", "TotalAmount"],
        _ => return Err("the call takes no form".to_owned()),
    };
    let usual = ["MerchantID", form::FIELD, "PlatformID"];
    let strange = form.0.keys().find(|name| !wanted.contains(&name.as_str()) && !usual.contains(&name.as_str()));
    if let Some(name) = strange {
        return Err(format!("{name} is no parameter of this call"));
    }
    let text = |name: &str| form.0.get(name).map(String::as_str).ok_or_else(|| format!("{name} is required"));
    let wrong = |name: &str| format!("{name} Error");
    let no = || MerchantTradeNo::parse(text("MerchantTradeNo")?).map_err(|_| wrong("MerchantTradeNo"));
    let whole = |name: &str| text(name)?.parse::<i64>().map_err(|_| wrong(name));
    let amount = |name: &str| Twd::new(whole(name)?).ok().filter(|a| !a.is_zero()).ok_or_else(|| wrong(name));
    if wanted.contains(&"TimeStamp") && now.timestamp() - whole("TimeStamp")? > STAMP_VALID_S {
        return Err(wrong("TimeStamp"));
    }
    Ok(match call {
        Call::QueryTradeInfo => Question::Order { no: no()? },
        Call::QueryCreditCardPeriodInfo => Question::Periods { no: no()? },
        Call::QueryTradeV2 => Question::Authorization {
            gwsr: whole("CreditRefundId")?,
            amount: amount("CreditAmount")?,
            code: text("CreditCheckCode")?.to_owned(),
        },
        _ => Question::Act {
            no: no()?,
            trade_no: TradeNo::parse(text("TradeNo")?).map_err(|_| wrong("TradeNo"))?,
            action: Action::parse(text("Action")?).ok_or_else(|| wrong("Action"))?,
            amount: amount("TotalAmount")?,
        },
    })
}
