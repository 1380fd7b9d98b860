//! Why there is no statement, in Chinese.

use crate::domain::reason::Fetching;

pub(super) fn fetching(reason: &Fetching) -> String {
    match reason {
        Fetching::StatementsNotAvailable { text } => format!(
            "這個特店沒有這種特店對帳媒體檔，或綠界目前不提供（代碼 128：{text}）；這不代表沒有訂單：請向綠界申請開通，或下載所屬產品的對帳檔自行讀入"
        ),
        Fetching::AddressNotListed => {
            "這台主機的網路位址不在特店的名單裡：請到廠商後台 → 系統開發管理 → 系統介接設定加入".to_owned()
        }
        Fetching::StatementsLimited => "綠界限制呼叫次數（HTTP 403）：靜默結束後再要對帳檔".to_owned(),
        Fetching::StatementNotGiven { error } => format!("綠界沒有給對帳檔：{error}"),
        Fetching::StatementEmpty => "綠界的回應是空的，連欄位列都沒有".to_owned(),
        Fetching::PageForStatement => "綠界回的是網頁，不是對帳檔".to_owned(),
        Fetching::WordsForStatement { text } => format!("綠界回的是文字，不是對帳檔：{text}"),
        Fetching::StatementNotRead { error } => format!("綠界的對帳檔無法讀入：{error}"),
    }
}
