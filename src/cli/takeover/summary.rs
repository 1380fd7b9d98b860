//! What became of the rows of each file, for a person and for programs.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::list::LeftOut;
use crate::cli::table::one_line;
use crate::cli::words;
use crate::domain::language::Language;

/// So many refusals are told one by one; the file has them all.
const TOLD: usize = 10;

/// So many ways to pay are told one by one.
const WORDS: usize = 10;

#[derive(Serialize)]
pub(super) struct Report<'a> {
    pub dry_run: bool,
    pub rows: u64,
    pub new: u64,
    pub already_there: u64,
    pub refused: u64,
    pub files: &'a [Summary],
}

#[derive(Default, Serialize)]
pub(super) struct Summary {
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    pub rows: u64,
    pub new: u64,
    pub already_there: u64,
    pub refused: u64,
    #[serde(skip_serializing_if = "Skipped::is_nothing")]
    left_out: Skipped,
    /// `orders.capture` of the new ones.
    capture: BTreeMap<String, u64>,
    pub refused_file: Option<String>,
    refusals: Vec<Refusal>,
}

#[derive(Default, Serialize)]
struct Skipped {
    subtotals: u64,
    refunds: u64,
    not_paid: u64,
    not_by_card: u64,
    /// By ECPay's words.
    paid_by: BTreeMap<String, u64>,
}

#[derive(Serialize)]
struct Refusal {
    line: u64,
    why: String,
}

impl<'a> Report<'a> {
    pub fn of(files: &'a [Summary], dry_run: bool) -> Self {
        let sum = |count: fn(&Summary) -> u64| files.iter().map(count).sum();
        let (rows, new, already_there) = (sum(|f| f.rows), sum(|f| f.new), sum(|f| f.already_there));
        Self { dry_run, rows, new, already_there, refused: sum(|f| f.refused), files }
    }
}

impl Summary {
    pub fn of(file: &Path, kind: Option<&'static str>) -> Self {
        Self { file: file.display().to_string(), kind, ..Self::default() }
    }

    pub fn is_new(&mut self, capture: &str) {
        self.new += 1;
        *self.capture.entry(capture.to_owned()).or_default() += 1;
    }

    pub fn is_refused(&mut self, line: u64, why: &str) {
        self.refused += 1;
        if self.refusals.len() < TOLD {
            self.refusals.push(Refusal { line, why: why.to_owned() });
        }
    }

    pub fn is_left_out(&mut self, what: LeftOut) {
        let left = &mut self.left_out;
        match what {
            LeftOut::Subtotal => left.subtotals += 1,
            LeftOut::Refund => left.refunds += 1,
            LeftOut::NotPaid => left.not_paid += 1,
            LeftOut::NotByCard(word) => {
                left.not_by_card += 1;
                if left.paid_by.len() < WORDS || left.paid_by.contains_key(&word) {
                    *left.paid_by.entry(word).or_default() += 1;
                }
            }
        }
    }

    pub fn tell(&self, language: Language) {
        let Self { rows, new, already_there, refused, .. } = self;
        let name = self.kind.map_or_else(
            || self.file.clone(),
            |kind| language.pick(format!("{} ({kind})", self.file), format!("{}（{kind}）", self.file)),
        );
        let s = plural(*rows);
        let english =
            format!("{name}: {rows} row{s}, {new} new, {already_there} in the ledger already, {refused} refused");
        let chinese = format!("{name}：共 {rows} 列，新訂單 {new}、已在帳本 {already_there}、被拒絕 {refused}");
        say!("{}", one_line(&language.pick(english, chinese)));
        self.left_out.tell(language);
        if !self.capture.is_empty() {
            let modes = self.capture.iter().map(|(mode, count)| format!("{} {count}", words::capture(language, mode)));
            let modes = modes.collect::<Vec<_>>().join(language.pick(", ", "、"));
            say!("  {}{modes}", language.pick("capture of the new ones: ", "新訂單的關帳方式："));
        }
        for Refusal { line, why } in &self.refusals {
            say!("  {}", one_line(&language.pick(format!("line {line}: {why}"), format!("第 {line} 列：{why}"))));
        }
        let more = self.refused - u64::try_from(self.refusals.len()).unwrap_or(self.refused);
        if more > 0 {
            say!("  {}", language.pick(format!("and {more} more"), format!("還有 {more} 列")));
        }
        if let Some(file) = &self.refused_file {
            let english = format!("the refused rows are in {file}");
            say!("  {}", one_line(&language.pick(english, format!("被拒絕的列在 {file}"))));
        }
    }
}

impl Skipped {
    fn is_nothing(&self) -> bool {
        self.subtotals + self.refunds + self.not_paid + self.not_by_card == 0
    }

    fn tell(&self, language: Language) {
        if self.is_nothing() {
            return;
        }
        let counted = [
            (self.subtotals, format!("subtotal{}", plural(self.subtotals)), "小計"),
            (self.refunds, format!("refund{}", plural(self.refunds)), "退刷"),
            (self.not_paid, "not paid".to_owned(), "未付款"),
            (self.not_by_card, "not paid by card".to_owned(), "非信用卡"),
        ];
        let parts = counted.into_iter().filter(|(count, ..)| *count > 0);
        let parts = parts
            .map(|(count, english, chinese)| language.pick(format!("{count} {english}"), format!("{chinese} {count}")));
        let parts = parts.collect::<Vec<_>>().join(language.pick(", ", "、"));
        let ways = self.paid_by.iter().map(|(word, count)| format!("{word} {count}"));
        let ways = ways.collect::<Vec<_>>().join(language.pick(", ", "、"));
        let ways = match ways.is_empty() {
            true => ways,
            false => language.pick(format!(" ({ways})"), format!("（{ways}）")),
        };
        say!("  {}", one_line(&language.pick(format!("left out: {parts}{ways}"), format!("略過：{parts}{ways}"))));
    }
}

fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}
