//! What is printed: a line for each run, everything as a table, and a table for the documentation.

use crate::Figures;
use crate::common::median;
use crate::peer::Peer;
use crate::race::{Course, Spent};

pub fn course(course: &Course) -> String {
    format!("{} in flight, gateway at {} ms", course.in_flight, course.away.as_millis())
}

pub fn line(round: usize, figures: &Figures, Spent { rate, processors_us, counted }: Spent) {
    println!(
        "round {round}: {}, {}: {}/s, {processors_us:.0} µs; {counted} orders captured once each, all in its file",
        figures.peer.name(),
        course(&figures.course),
        shown(rate),
    );
}

fn rates(figures: &Figures) -> Vec<f64> {
    figures.rounds.iter().map(|spent| spent.rate).collect()
}

fn micros(figures: &Figures) -> Vec<f64> {
    figures.rounds.iter().map(|spent| spent.processors_us).collect()
}

fn shown(rate: f64) -> String {
    if rate < 100.0 { format!("{rate:.1}") } else { format!("{rate:.0}") }
}

pub fn long_table(all: &[Figures]) {
    println!("\nMedians, with the least and the most; processor time is user and system of the peer's own process.\n");
    println!("| | in flight | gateway | orders a second | least, most | processor for an order | least, most |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    for figures in all {
        let Course { in_flight, away, .. } = figures.course;
        let [rate, processors] = [rates(figures), micros(figures)].map(|values| {
            let least = values.iter().copied().fold(f64::INFINITY, f64::min);
            let most = values.iter().copied().fold(0.0, f64::max);
            (median(values), least, most)
        });
        println!(
            "| {} | {in_flight} | {} ms | {}/s | {}, {} | {:.0} µs | {:.0}, {:.0} |",
            figures.peer.name(),
            away.as_millis(),
            shown(rate.0),
            shown(rate.1),
            shown(rate.2),
            processors.0,
            processors.1,
            processors.2
        );
    }
}

/// For docs/performance.md: a row for each course, a column for each peer.
pub fn short_table(all: &[Figures]) {
    let names = Peer::ALL.map(Peer::name).join(" | ");
    let columns = "---:|".repeat(Peer::ALL.len());
    println!("\n| captured orders a second, processor time of each | {names} |\n|---|{columns}");
    for first in all.iter().filter(|figures| figures.peer == Peer::Ecpayd) {
        let cells = Peer::ALL.map(|peer| {
            let figures = all.iter().find(|figures| figures.peer == peer && figures.course == first.course);
            figures.map_or("–".to_owned(), |figures| {
                format!("{}/s, {:.0} µs", shown(median(rates(figures))), median(micros(figures)))
            })
        });
        println!("| {} | {} |", course(&first.course), cells.join(" | "));
    }
}
