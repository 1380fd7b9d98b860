//! `CreditDetail/QueryTrade/V2`, the card detail (vendor page 查詢信用卡單筆明細紀錄, ?p=2894). Production only: the
//! stage answers with nothing.
//!
//! Its answer is JSON, neither sealed nor signed, and its words are Chinese.

use secrecy::{ExposeSecret, SecretString};

use crate::domain::ids::MerchantId;
use crate::domain::money::Twd;
use crate::gateway::caller::without_bom;
use crate::gateway::card::detail::DetailAnswer;
use crate::gateway::errors::{LookError, unreadable};

pub const PATH: &str = "/CreditDetail/QueryTrade/V2";

/// Stands for its `error_nopay`: here it says that there is no such authorization.
const UNKNOWN: i64 = 10_200_047;

/// An authorization is asked for by its number, its amount, and a code that the merchant has for this call alone
/// (廠商後台 → 信用卡收單 → 信用卡授權資訊).
pub struct DetailQuery<'a> {
    pub merchant_id: &'a MerchantId,
    pub gwsr: String,
    pub amount: String,
    pub credit_check_code: &'a SecretString,
}

impl<'a> DetailQuery<'a> {
    pub fn new(merchant_id: &'a MerchantId, gwsr: i64, amount: Twd, credit_check_code: &'a SecretString) -> Self {
        let (gwsr, amount) = (gwsr.to_string(), amount.dollars().to_string());
        Self { merchant_id, gwsr, amount, credit_check_code }
    }

    /// Without a stamp, and without a platform, which the vendor's SDKs do not know here.
    pub fn fields(&self) -> [(&'static str, &str); 4] {
        [
            ("MerchantID", self.merchant_id.as_str()),
            ("CreditRefundId", &self.gwsr),
            ("CreditAmount", &self.amount),
            ("CreditCheckCode", self.credit_check_code.expose_secret()),
        ]
    }
}

pub fn read(body: &str) -> Result<DetailAnswer, LookError> {
    match DetailAnswer::read(without_bom(body)).map_err(|error| unreadable(&error))? {
        DetailAnswer::BankPending => Ok(DetailAnswer::Failed { code: UNKNOWN, text: "error_nopay".to_owned() }),
        answer => Ok(answer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::facts::CloseRow;

    #[test]
    fn the_vendors_sample_is_read() {
        let body = r#"{"RtnMsg":"","RtnValue":{"TradeID":10735183,"amount":100,"clsamt":100,
            "authtime":"2018/9/26 下午 03:05:21","status":"要關帳","close_data":
            [{"status":"要關帳","amount":100,"sno":"1","datetime":"2018/9/26 下午 03:10:13"}]}}"#;
        let Ok(DetailAnswer::Found(detail)) = read(body) else { panic!("no detail") };
        assert_eq!((detail.trade_id, detail.amount.dollars(), detail.closed), (Some(10_735_183), 100, Some(100)));
        assert!(matches!(&detail.rows[..], [CloseRow { amount: 100, .. }]));
    }

    #[test]
    fn its_three_words_and_the_nothing_of_the_stage() {
        let said = |word: &str| read(&format!(r#"{{"RtnMsg":"{word}","RtnValue":null}}"#));
        assert!(matches!(said("error_nopay"), Ok(DetailAnswer::Failed { code: UNKNOWN, .. })));
        assert!(matches!(said("error_Stop"), Ok(DetailAnswer::BadCredentials("error_Stop"))));
        assert!(matches!(said("error"), Ok(DetailAnswer::BadCredentials("error"))));
        assert!(matches!(said(""), Err(LookError::Unreadable(_))));
    }
}
