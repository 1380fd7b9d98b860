//! Which of ECPay's files a header is of, and where its columns are.

use super::decode::bare;

/// A file that ECPay gives out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 特店對帳媒體檔 of the JSON products.
    QueryTradeMedia,
    /// 信用卡撥款對帳: what was captured and refunded by card.
    FundingReconDetail,
    /// 特店對帳媒體檔 of 全方位金流.
    TradeNoAio,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    #[error("looks like ECPay's {kind}, but has no column {column}", kind = .kind.name())]
    Missing { kind: Kind, column: &'static str },
    #[error("looks like ECPay's {kind}, but has the column {column} twice", kind = .kind.name())]
    Twice { kind: Kind, column: &'static str },
    #[error(
        "is none of ECPay's statements: its first line has the columns of neither QueryTradeMedia, FundingReconDetail nor TradeNoAio"
    )]
    Unknown,
}

/// The names under which the vendor has written a column, its own first. None: this kind has no such column.
struct Names {
    number: &'static [&'static str],
    trade_no: &'static [&'static str],
    date: &'static [&'static str],
    payment: &'static [&'static str],
    amount: &'static [&'static str],
    /// Has to be there, and is not read: it is what tells the kind.
    mark: &'static [&'static str],
    /// May be missing.
    state: &'static [&'static str],
    /// Nobody reads them; the kind is recognized by them.
    others: &'static [&'static str],
}

/// Recorded in August 2026, where the vendor's page (?p=22999) lists twelve of the thirteen.
const QUERY_TRADE_MEDIA: Names = Names {
    number: &["特店交易編號"],
    trade_no: &["綠界交易編號"],
    date: &["交易日期"],
    payment: &["付款方式"],
    amount: &["交易金額"],
    mark: &[],
    state: &[],
    others: &[
        "手續費率",
        "結算日期",
        "撥款日期",
        "金流手續費",
        "平台手續費",
        "退款金額",
        "應收款項(淨額)",
        "金流處理費",
    ],
};

/// The vendor's page (?p=2898) begins with 序號 and joins 服務費(%數); files in use have 關帳單號 and two columns.
const FUNDING_RECON_DETAIL: Names = Names {
    number: &["訂單編號", "特店訂單編號", "廠商訂單編號"],
    trade_no: &[],
    date: &["交易日期"],
    payment: &[],
    amount: &["交易金額"],
    mark: &["請款日期"],
    state: &[],
    others: &["序號", "授權單號", "授權碼", "關帳單號", "服務費(%數)", "手續費", "%數", "撥款金額", "交易處理費"],
};

/// Three formats under one name (`MediaFormated` 0, 1 and 2).
const TRADE_NO_AIO: Names = Names {
    number: &["廠商訂單編號", "特店訂單編號"],
    trade_no: &["綠界訂單編號", "綠界交易編號", "訂單編號", "交易序號"],
    date: &["訂單日期", "交易日期"],
    payment: &["付款方式"],
    amount: &["交易金額"],
    mark: &[],
    state: &["付款狀態", "付款結果"],
    others: &[
        "平台名稱",
        "費率(每筆)",
        "手續費率(每筆)",
        "信用卡授權單號",
        "信用卡卡號末4碼",
        "超商資訊/ATM繳款帳號",
        "ATM條碼",
        "付款日期",
        "款項來源",
        "通路費",
        "交易服務費率",
        "交易服務費金額",
        "退款日期",
        "退款金額",
        "手續費",
        "處理費",
        "交易手續費",
        "平台手續費",
        "應收款項(淨額)",
        "撥款狀態",
        "撥款日期",
        "買家備註",
        "廠商備註",
    ],
};

/// The columns of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub number: usize,
    pub trade_no: Option<usize>,
    pub date: usize,
    /// None where a file is of cards alone.
    pub payment: Option<usize>,
    pub amount: usize,
    pub state: Option<usize>,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::QueryTradeMedia, Self::FundingReconDetail, Self::TradeNoAio];

    /// As ECPay's pages name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::QueryTradeMedia => "QueryTradeMedia",
            Self::FundingReconDetail => "FundingReconDetail",
            Self::TradeNoAio => "TradeNoAio",
        }
    }

    /// The kind that has all its columns and knows most of them; else an error about the one that it is most like.
    pub(super) fn of(header: &[String]) -> Result<(Self, Columns), StatementError> {
        let header: Vec<String> = header.iter().map(|name| plain(name)).collect();
        let mut kinds = Self::ALL.map(|kind| (kind, kind.columns(&header), kind.known(&header)));
        // Stable: of two that are alike the first stays in front.
        kinds.sort_by_key(|(_, columns, known)| (columns.is_err(), std::cmp::Reverse(*known)));
        let [(kind, columns, known), ..] = kinds;
        match columns {
            Err(_) if known < 3 => Err(StatementError::Unknown),
            columns => Ok((kind, columns?)),
        }
    }

    fn names(self) -> &'static Names {
        match self {
            Self::QueryTradeMedia => &QUERY_TRADE_MEDIA,
            Self::FundingReconDetail => &FUNDING_RECON_DETAIL,
            Self::TradeNoAio => &TRADE_NO_AIO,
        }
    }

    /// How many of the columns are this kind's.
    fn known(self, header: &[String]) -> usize {
        let n = self.names();
        let lists = [n.number, n.trade_no, n.date, n.payment, n.amount, n.mark, n.state, n.others];
        header.iter().filter(|name| lists.iter().any(|list| list.contains(&name.as_str()))).count()
    }

    fn columns(self, header: &[String]) -> Result<Columns, StatementError> {
        let names = self.names();
        self.needed(header, names.mark)?;
        let number = self.needed(header, names.number)?;
        Ok(Columns {
            number: number.ok_or(StatementError::Unknown)?,
            trade_no: self.needed(header, names.trade_no)?,
            date: self.needed(header, names.date)?.ok_or(StatementError::Unknown)?,
            payment: self.needed(header, names.payment)?,
            amount: self.needed(header, names.amount)?.ok_or(StatementError::Unknown)?,
            state: names.state.iter().find_map(|name| header.iter().position(|column| column == name)),
        })
    }

    /// By the first of its names that is there. Nothing for a column that this kind does not have.
    fn needed(self, header: &[String], names: &'static [&'static str]) -> Result<Option<usize>, StatementError> {
        let Some(own) = names.first() else { return Ok(None) };
        for name in names {
            let mut places = header.iter().enumerate().filter(|(_, column)| column == name).map(|(place, _)| place);
            match (places.next(), places.next()) {
                (Some(place), None) => return Ok(Some(place)),
                (Some(_), Some(_)) => return Err(StatementError::Twice { kind: self, column: name }),
                (None, _) => {}
            }
        }
        Err(StatementError::Missing { kind: self, column: own })
    }
}

/// A name without what differs between two prints of it: blanks, and the full-width forms of brackets and signs.
fn plain(name: &str) -> String {
    let half = |c: char| match c {
        '（' => '(',
        '）' => ')',
        '％' => '%',
        '／' => '/',
        '４' => '4',
        other => other,
    };
    bare(name).chars().filter(|c| !c.is_whitespace()).map(half).collect()
}
