//! The range in a few lines, for the terminal.

use super::lines::Allowance;
use super::request::Request;
use super::sheets;
use crate::cli::Failure;
use crate::cli::table::table;
use crate::domain::language::Language;
use crate::domain::movement::MovementKind;
use crate::domain::report::days::{RefundsAsked, Sums};
use crate::ledger::books::{Books, Counted};

pub(super) struct Summary {
    counted: Vec<Counted>,
    sums: Sums,
    /// What was authorized and not captured when the range began, and when it ended.
    opening: i64,
    closing: i64,
    refunds_open: i64,
    /// Refunds for which an allowance may be due and none is noted.
    without_allowance: (i64, i64),
}

impl Summary {
    pub fn read(books: &Books, request: &Request) -> Result<Self, Failure> {
        let range = &request.range;
        let (mut opening, mut closing) = (0, 0);
        let after = range.to.succ_opt().unwrap_or(range.to);
        for merchant in sheets::merchants(books, range)? {
            opening += books.opening(&merchant, range.from)?;
            closing += books.opening(&merchant, after)?;
        }
        let open = |asked: &RefundsAsked| asked.ended_on.is_none_or(|ended_on| ended_on > range.to);
        let asked = books.refunds_asked(range)?;
        let refunds_open = asked.iter().filter(|(_, asked)| open(asked)).map(|(_, asked)| asked.count).sum();
        let mut without_allowance = (0, 0);
        books.given_back(range, |back| {
            if Allowance::of(&back, request.now).days_without.is_some() {
                without_allowance = (without_allowance.0 + 1, without_allowance.1 + back.amount);
            }
            Ok::<(), Failure>(())
        })?;
        let (counted, mut sums) = (books.counted(range)?, Sums::default());
        for (kind, of_kind) in counted.iter().filter_map(|of| Some((MovementKind::parse(&of.kind)?, of))) {
            sums.add(kind, of_kind.amount);
        }
        Ok(Self { counted, sums, opening, closing, refunds_open, without_allowance })
    }

    pub fn print(&self, request: &Request, language: Language) -> Result<(), Failure> {
        let range = &request.range;
        let whose = range.merchant.as_deref().map_or_else(String::new, |merchant| {
            language.pick(format!(", merchant {merchant}"), format!("，特店 {merchant}"))
        });
        say!(
            "{}",
            language.pick(
                format!("{} to {}{whose}", range.from, range.to),
                format!("{} 至 {}{whose}", range.from, range.to)
            )
        );
        let header = language.pick(["movement", "count", "NT$"], ["異動", "筆數", "NT$"]);
        say!("{}", table(&header, MovementKind::ALL.iter().map(|kind| self.kind(language, *kind))));
        let line = |english: &str, chinese: &str, value: String| {
            crate::cli::table::line(44, language.pick(english, chinese), &value);
        };
        line("authorized and open before, NT$", "期初已授權未關帳 NT$", self.opening.to_string());
        line("authorized and open at the end, NT$", "期末已授權未關帳 NT$", self.closing.to_string());
        line(
            "net: captured - called back - refunded, NT$",
            "淨額（關帳-取消關帳-退刷）NT$",
            self.sums.net().to_string(),
        );
        line("refunds open at the end", "期末未結退款筆數", self.refunds_open.to_string());
        let differing: u64 = request.differences.iter().map(|(_, found)| found.counts.differences()).sum();
        let payouts = request.differences.iter().flat_map(|(_, found)| &found.payouts).filter(|p| !p.agrees()).count();
        line("orders that differ from ECPay's statements", "與綠界對帳檔不符的訂單", differing.to_string());
        line("payout days that do not add up", "金額不符的撥款日", payouts.to_string());
        let (count, amount) = self.without_allowance;
        let sum = language.pick(format!("{count}, NT${amount}"), format!("{count} 筆，NT${amount}"));
        line("refunds without a noted allowance", "尚未登錄折讓單的退款", sum);
        say!(
            "{}",
            language.pick(
                "every movement: --csv DIR, --xlsx FILE or --json",
                "逐筆明細：--csv 目錄、--xlsx 檔案，或 --json"
            )
        );
        Ok(())
    }

    fn kind(&self, language: Language, kind: MovementKind) -> Vec<String> {
        let of_kind = self.counted.iter().find(|counted| counted.kind == kind.word());
        let (count, amount) = of_kind.map_or((0, 0), |counted| (counted.count, counted.amount));
        vec![kind.named(language).to_owned(), count.to_string(), amount.to_string()]
    }
}
