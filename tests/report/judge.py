"""What other programs make of a report: DIR with csv/, month.xlsx, month.zh.xlsx and month.json."""

import csv
import datetime
import json
import sys
from decimal import Decimal
from pathlib import Path

import openpyxl

ROOT = Path(sys.argv[1])
SHEETS = ["movements", "days", "open", "allowances", "differences", "vouchers"]
NUMBER = "20261028000000000001"
HARMLESS = '=HYPERLINK("http://evil.example","click")'


def from_csv(name):
    raw = (ROOT / "csv" / f"{name}.csv").read_bytes()
    assert raw[:3] == b"\xef\xbb\xbf", name
    with open(ROOT / "csv" / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    for row in rows:
        for value in row.values():
            assert not value.startswith(("=", "+", "@", "\t", "\r")), value
            if value.startswith("-"):
                Decimal(value)
    return rows


def plain(value):
    """As the CSV has it."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    return str(value)


def same(text, value, name):
    """A day is a day, a number a number, and text the same but for the apostrophe."""
    if isinstance(value, datetime.datetime):
        return text in (value.strftime("%Y-%m-%d"), value.strftime("%Y-%m-%d %H:%M:%S"))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Decimal(text) == Decimal(str(value))
    return text.removeprefix("'") == plain(value), (name, text, value)


def from_workbook(book, title):
    sheet = book[title]
    assert sheet.freeze_panes == "A2", sheet.freeze_panes
    rows = [[cell for cell in row] for row in sheet.iter_rows()]
    header = [cell.value for cell in rows[0]]
    body = rows[1:]
    total = body.pop() if body and body[-1][0].value in ("total", "合計") else None
    return header, body, total


def main():
    values = openpyxl.load_workbook(ROOT / "month.xlsx", data_only=True)
    formulas = openpyxl.load_workbook(ROOT / "month.xlsx")
    chinese = openpyxl.load_workbook(ROOT / "month.zh.xlsx", data_only=True)
    report = json.loads((ROOT / "month.json").read_text(encoding="utf-8"), parse_float=Decimal)
    assert values.sheetnames == SHEETS, values.sheetnames
    assert chinese.sheetnames == ["異動", "日結", "未結", "折讓", "差異", "票券"], chinese.sheetnames
    assert (report["from"], report["to"], report["merchant"]) == ("2026-11-01", "2026-11-30", None)
    for name, title in zip(SHEETS, chinese.sheetnames):
        rows = from_csv(name)
        header, body, total = from_workbook(values, name)
        assert header == list(rows[0]) == list(report[name][0]), name
        assert len(rows) == len(body) == len(report[name]) == len(from_workbook(chinese, title)[1]), name
        for row, line, entry in zip(rows, body, report[name]):
            for column, cell in zip(header, line):
                text, value = row[column], cell.value
                assert same(text, value, column), (name, column, text, value)
                assert cell.data_type != "f", (name, column)
                if isinstance(entry[column], (int, Decimal)):
                    assert Decimal(text) == entry[column], (name, column)
                elif entry[column] is None:
                    assert text == "", (name, column)
        sums(name, header, rows, total, formulas[name])
    movements = from_workbook(values, "movements")
    numbers = {line[movements[0].index("merchant_trade_no")].value for line in movements[1]}
    assert NUMBER in numbers, numbers
    reasons = [line[movements[0].index("reason")] for line in movements[1]]
    harmless = [cell for cell in reasons if cell.value == HARMLESS]
    assert harmless and all(cell.data_type == "s" or cell.data_type == "inlineStr" for cell in harmless)
    assert "'" + HARMLESS in {row["reason"] for row in from_csv("movements")}
    assert any(entry["reason"] == HARMLESS for entry in report["movements"])
    print(f"{len(SHEETS)} sheets in 3 forms")


def sums(name, header, rows, total, sheet):
    """The sums are formulas, and their values those of the rows."""
    assert total, name
    found = 0
    for column, cell in zip(header, total):
        formula = sheet[cell.coordinate].value
        if isinstance(formula, str) and formula.startswith("="):
            assert formula == f"=SUBTOTAL(9,{cell.column_letter}2:{cell.column_letter}{cell.row - 1})", formula
            told = sum((Decimal(row[column]) for row in rows if row[column]), Decimal(0))
            assert Decimal(str(cell.value)) == told, (name, column, cell.value, told)
            found += 1
    assert found, name


main()
