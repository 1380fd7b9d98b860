//! Tables a person likes to read.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table};

/// Columns of numbers.
const NUMBERS: [&str; 24] = [
    "authorized",
    "called back",
    "voided",
    "expired",
    "net",
    "net at the bank",
    "count",
    "NT$",
    "captured",
    "redeemed",
    "refunded",
    "confirmed",
    "unused",
    "orders",
    "left",
    "id",
    "已關帳",
    "已核銷",
    "已退",
    "已退券",
    "已確認",
    "未使用",
    "筆數",
    "編號",
];

pub(super) fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Table {
    let mut table = Table::new();
    // Without a terminal there is no width, and nothing is wrapped: a pipe gets whole lines.
    if let Some((width, _)) = terminal_size::terminal_size() {
        table.set_width(width.0);
    }
    table
        .load_style(UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()))
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header.to_vec());
    for row in rows {
        table.add_row(row.iter().map(|cell| one_line(cell)));
    }
    for (index, name) in header.iter().enumerate() {
        if NUMBERS.contains(name)
            && let Some(column) = table.column_mut(index)
        {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// A line of a page: its name, padded to so many columns, and its value.
pub(super) fn line(width: usize, name: &str, value: &str) {
    // What is no ASCII in a name of ours is a Chinese character, which takes two columns.
    let taken: usize = name.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    say!("{name}{} {}", " ".repeat(width.saturating_sub(taken)), one_line(value));
}

/// What others have written, without what could draw lines of its own or speak to the terminal.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A value, or a dash.
pub(super) fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "–".to_owned(), |v| v.to_string())
}
