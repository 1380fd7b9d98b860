//! The journal by month, beside what the bank's own rows come to.

use std::collections::BTreeMap;

use super::stage::Stage;
use crate::cli::Failure;
use crate::cli::table::{or_dash, table};
use crate::domain::calendar::taipei_date;
use crate::simulator::bank::Truth;

/// Prints each month's movements; true when the net of each is the bank's, to the dollar.
pub(super) fn print_months(stage: &Stage) -> Result<bool, Failure> {
    let select = "SELECT substr(day, 1, 7) AS month, kind, sum(amount) AS amount FROM movements GROUP BY month, kind";
    let sums: Vec<(String, String, i64)> = stage.shop().all(select, &[], |row| row.try_into())?;
    let mut months: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    for (month, kind, amount) in sums {
        months.entry(month).or_default().insert(kind, amount);
    }
    let bank = stage.bank().with_bank(|bank, _| {
        let mut net: BTreeMap<String, i64> = BTreeMap::new();
        bank.orders().for_each(|order| add(&mut net, &order.truth()));
        net
    });
    let mut agreed = bank.keys().all(|month| months.contains_key(month));
    let mut rows = Vec::new();
    for (month, sums) in &months {
        let of = |kind: &str| sums.get(kind).copied().unwrap_or_default();
        let net = of("captured") - of("called_back") - of("refunded");
        let theirs = bank.get(month).copied().unwrap_or_default();
        agreed &= net == theirs;
        let mark = if net == theirs { "=" } else { "DIFFERS" };
        let kinds = ["authorized", "captured", "called_back", "refunded", "voided", "expired"];
        let sums = kinds.map(|kind| or_dash(Some(of(kind)).filter(|amount| *amount != 0)));
        rows.push(
            [month.clone()]
                .into_iter()
                .chain(sums)
                .chain([net.to_string(), mark.to_owned(), theirs.to_string()])
                .collect(),
        );
    }
    let header = [
        "month",
        "authorized",
        "captured",
        "called back",
        "refunded",
        "voided",
        "expired",
        "net",
        "",
        "net at the bank",
    ];
    say!("\n{}", table(&header, rows));
    let days = "SELECT coalesce(min(day), ''), coalesce(max(day), '') FROM movements";
    let (from, to): (String, String) = stage.shop().one(days, &[], |row| row.try_into())?;
    say!("Each movement with its hand and reason, day by day: ecpayd report --from {from} --to {to}");
    Ok(agreed)
}

/// What stands of an order's closing rows, by the month of their own dates.
fn add(net: &mut BTreeMap<String, i64>, order: &Truth) {
    for row in order.authorizations.iter().flat_map(|a| &a.rows).filter(|row| row.status.is_closing()) {
        *net.entry(taipei_date(row.at).format("%Y-%m").to_string()).or_default() += row.amount;
    }
}
