//! Which of ECPay's files a header is of, and where its columns are.

use super::decode::bare;
pub use crate::domain::statement::StatementKind as Kind;

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
    /// May be missing, as all behind it.
    state: &'static [&'static str],
    closing_no: &'static [&'static str],
    settled_on: &'static [&'static str],
    paid_on: &'static [&'static str],
    payout: &'static [&'static str],
    fees: Fees,
    net: &'static [&'static str],
    refund: &'static [&'static str],
    refunded_on: &'static [&'static str],
    /// Nobody reads them; the kind is recognized by them.
    others: &'static [&'static str],
}

/// All that ECPay takes.
struct Fees {
    /// One of these lists is there, of each of its columns one.
    either: &'static [&'static [&'static [&'static str]]],
    /// Added where they are there.
    more: &'static [&'static str],
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
    closing_no: &[],
    settled_on: &["結算日期"],
    paid_on: &["撥款日期"],
    payout: &[],
    fees: Fees { either: &[&[&["金流手續費"], &["平台手續費"]]], more: &["金流處理費"] },
    net: &["應收款項(淨額)"],
    refund: &["退款金額"],
    refunded_on: &[],
    others: &["手續費率"],
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
    closing_no: &["關帳單號"],
    settled_on: &["請款日期"],
    paid_on: &["撥款日期"],
    payout: &[],
    fees: Fees { either: &[&[&["手續費", "服務費(%數)"]]], more: &["交易處理費"] },
    net: &["撥款金額"],
    refund: &[],
    refunded_on: &[],
    others: &["序號", "授權單號", "授權碼", "%數"],
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
    closing_no: &[],
    settled_on: &[],
    paid_on: &["撥款日期"],
    payout: &["撥款狀態"],
    fees: Fees {
        either: &[&[&["交易手續費"]], &[&["手續費"], &["處理費"]], &[&["通路費"], &["交易服務費金額"]]],
        more: &["平台手續費"],
    },
    net: &["應收款項(淨額)"],
    refund: &["退款金額"],
    refunded_on: &["退款日期"],
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
        "交易服務費率",
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
    pub closing_no: Option<usize>,
    pub settled_on: Option<usize>,
    pub paid_on: Option<usize>,
    pub payout: Option<usize>,
    /// None: the header names none, or not all that belong together.
    pub fees: Option<Vec<usize>>,
    pub net: Option<usize>,
    pub refund: Option<usize>,
    pub refunded_on: Option<usize>,
}

impl Kind {
    /// The kind that has all its columns and knows most of them; else an error about the one that it is most like.
    pub(super) fn of(header: &[String]) -> Result<(Self, Columns), StatementError> {
        let header: Vec<String> = header.iter().map(|name| plain(name)).collect();
        let mut kinds: Vec<_> =
            Self::ALL.iter().map(|kind| (*kind, kind.columns(&header), kind.known(&header))).collect();
        // Stable: of two that are alike the first stays in front.
        kinds.sort_by_key(|(_, columns, known)| (columns.is_err(), std::cmp::Reverse(*known)));
        let Some((kind, columns, known)) = kinds.into_iter().next() else { return Err(StatementError::Unknown) };
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
        let needed = [n.number, n.trade_no, n.date, n.payment, n.amount, n.mark];
        let others =
            [n.state, n.closing_no, n.settled_on, n.paid_on, n.payout, n.net, n.refund, n.refunded_on, n.others];
        let fees = n.fees.either.iter().flat_map(|names| names.iter()).chain([&n.fees.more]);
        let lists: Vec<_> = needed.iter().chain(&others).chain(fees).collect();
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
            state: place(header, names.state),
            closing_no: place(header, names.closing_no),
            settled_on: place(header, names.settled_on),
            paid_on: place(header, names.paid_on),
            payout: place(header, names.payout),
            fees: names.fees.places(header),
            net: place(header, names.net),
            refund: place(header, names.refund),
            refunded_on: place(header, names.refunded_on),
        })
    }

    /// An error about the first column that the books need and the file does not have.
    pub(super) fn has_all_for_books(self, columns: &Columns, header: &[String]) -> Result<(), StatementError> {
        let names = self.names();
        let missing = |names: &[&'static str]| match names.first() {
            Some(column) => Err(StatementError::Missing { kind: self, column }),
            None => Ok(()),
        };
        let header: Vec<String> = header.iter().map(|name| plain(name)).collect();
        if columns.settled_on.is_none() {
            missing(names.settled_on)?;
        }
        if self == Self::QueryTradeMedia && columns.paid_on.is_none() {
            missing(names.paid_on)?;
        }
        if columns.fees.is_none() {
            let own = names.fees.either.first().copied().unwrap_or_default();
            let absent = own.iter().find(|names| place(&header, names).is_none());
            missing(absent.copied().unwrap_or_default())?;
        }
        if columns.net.is_none() { missing(names.net) } else { Ok(()) }
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

impl Fees {
    fn places(&self, header: &[String]) -> Option<Vec<usize>> {
        let of =
            |names: &&[&[&'static str]]| names.iter().map(|names| place(header, names)).collect::<Option<Vec<_>>>();
        let mut places = self.either.iter().find_map(of)?;
        places.extend(self.more.iter().filter_map(|name| place(header, &[name])));
        Some(places)
    }
}

fn place(header: &[String], names: &[&'static str]) -> Option<usize> {
    names.iter().find_map(|name| header.iter().position(|column| column == name))
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
