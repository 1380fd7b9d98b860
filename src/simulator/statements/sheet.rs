//! Rows into the vendor's kind of CSV: cells that Excel leaves alone, lines that end in CRLF.

use encoding_rs::BIG5;

use super::columns::Column;
use super::line::Line;
use crate::simulator::bank::decimals;

pub struct Sheet {
    rows: Vec<Vec<String>>,
}

impl Sheet {
    pub fn of(columns: &[Column], lines: &[Line]) -> Self {
        let header = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
        let row = |line: &Line| columns.iter().map(|(_, cell)| cell(line)).collect();
        Self { rows: std::iter::once(header).chain(lines.iter().map(row)).collect() }
    }

    /// 每日小計 after the rows of each day of closing, and 合計 at the end: the label stands under 請款日期.
    pub fn add_subtotals(&mut self, lines: &[Line]) {
        let mut rows = std::mem::take(&mut self.rows).into_iter();
        self.rows.extend(rows.next());
        let mut day: Vec<&Line> = Vec::new();
        for (line, row) in lines.iter().zip(rows) {
            if day.last().is_some_and(|last| last.closed_on != line.closed_on) {
                self.add_sum("每日小計:", &std::mem::take(&mut day));
            }
            day.push(line);
            self.rows.push(row);
        }
        if !day.is_empty() {
            self.add_sum("每日小計:", &day);
            self.add_sum("合計:", &lines.iter().collect::<Vec<_>>());
        }
    }

    fn add_sum(&mut self, label: &str, lines: &[&Line]) {
        let sum = |part: fn(&Line) -> i64| lines.iter().map(|line| part(line)).sum::<i64>();
        let mut row = vec![String::new(); 5];
        row.extend([
            label.to_owned(),
            sum(|l| l.gross).to_string(),
            decimals(sum(|l| l.fees.service)),
            String::new(),
            decimals(sum(Line::net)),
            decimals(sum(|l| l.fees.process)),
        ]);
        self.rows.push(row);
    }

    pub fn add_column(&mut self, name: &str) {
        let mut rows = self.rows.iter_mut();
        if let Some(header) = rows.next() {
            header.push(name.to_owned());
        }
        rows.for_each(|row| row.push("x".to_owned()));
    }

    /// `="x"`, or `=x` without quotes.
    pub fn bytes(&self, quoted: bool, is_big5: bool) -> Vec<u8> {
        let cell = |text: &String| match (text.is_empty(), quoted) {
            (true, false) => String::new(),
            (_, true) => format!("=\"{text}\""),
            (false, false) => format!("={text}"),
        };
        let line = |row: &Vec<String>| row.iter().map(cell).collect::<Vec<_>>().join(",") + "\r\n";
        let text: String = self.rows.iter().map(line).collect();
        if is_big5 { BIG5.encode(&text).0.into_owned() } else { text.into_bytes() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_rows_is_its_header() {
        let columns: &[Column] = &[("訂單編號", |l| l.merchant_trade_no.clone())];
        let mut sheet = Sheet::of(columns, &[]);
        sheet.add_subtotals(&[]);
        assert_eq!(sheet.bytes(true, false), "=\"訂單編號\"\r\n".as_bytes());
        assert_eq!(sheet.bytes(false, true)[..3], [b'=', 0xad, 0x71]);
    }
}
