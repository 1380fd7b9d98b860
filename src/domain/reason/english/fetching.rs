//! Why there is no statement, in English.

use crate::domain::reason::Fetching;

pub(super) fn fetching(reason: &Fetching) -> String {
    match reason {
        Fetching::StatementsNotAvailable { text } => format!(
            "the merchant has no QueryTradeMedia, or ECPay gives out none at present (TransCode 128: {text}); that says nothing of its orders: ask ECPay to switch it on, or download the file of your product and read it with --statement"
        ),
        Fetching::AddressNotListed => {
            "this server's address is not in the merchant's list: add it in ECPay's dashboard (廠商後台 → 系統開發管理 → 系統介接設定)"
                .to_owned()
        }
        Fetching::StatementsLimited => {
            "ECPay limits our rate (http 403): the statement is asked for again after the silence".to_owned()
        }
        Fetching::StatementNotGiven { error } => format!("ECPay gave out no statement: {error}"),
        Fetching::StatementEmpty => "ECPay's answer is empty, without even a line of columns".to_owned(),
        Fetching::PageForStatement => "ECPay answered with a web page instead of a statement".to_owned(),
        Fetching::WordsForStatement { text } => format!("ECPay answered with words instead of a statement: {text}"),
        Fetching::StatementNotRead { error } => format!("ECPay's statement cannot be read: {error}"),
    }
}
