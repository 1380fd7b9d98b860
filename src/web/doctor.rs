//! The daemon's last look at itself: each thing with what was found and how to mend it, and what it did not look at.

use askama::Template;

use super::ask::{Ask, PageError};
use super::form::minute;
use super::frame::{Frame, Tab};
use super::sentences;
use crate::domain::check::{Check, Findings, LeftOut, Level, Made, SelfCheck};

/// A part of a sentence; what stands between backticks is typed.
struct Piece {
    text: String,
    is_typed: bool,
}

struct Line {
    mark: &'static str,
    word: &'static str,
    code: &'static str,
    about: Option<String>,
    found: Vec<Piece>,
    mend: Vec<Piece>,
}

/// Things that were not looked at for one reason.
struct NotLooked {
    names: Vec<String>,
    why: Vec<Piece>,
}

#[derive(Template)]
#[template(path = "doctor.html", config = "src/web/askama.toml")]
struct Page {
    f: Frame,
    headline: String,
    mark: &'static str,
    /// When it was made.
    made: Option<String>,
    /// Why none is made now.
    problem: Option<String>,
    lines: Vec<Line>,
    left_out: Vec<NotLooked>,
    is_shortened: bool,
}

pub fn page(ask: &Ask<'_>) -> Result<String, PageError> {
    let w = ask.w();
    let f = Frame::new(ask, Tab::Doctor, w.doctor)?;
    let last = (ask.site.self_check)();
    let made = last.as_ref().and_then(|last| last.made.as_ref());
    let findings = made.map(|made| sentences::findings(ask.lang, made));
    let (mark, headline) = verdict(ask, last.as_deref(), findings);
    let page = Page {
        f,
        headline,
        mark,
        made: made.map(|made| self::made(ask, made)),
        problem: last.as_ref().and_then(|last| problem(ask, last)),
        lines: findings.map_or_else(Vec::new, |findings| lines(ask, findings)),
        left_out: findings.map_or_else(Vec::new, |findings| left_out(&findings.left_out)),
        is_shortened: made.is_some_and(|made| !made.names_directories),
    };
    Ok(page.render()?)
}

fn verdict(ask: &Ask<'_>, last: Option<&SelfCheck>, findings: Option<&Findings>) -> (&'static str, String) {
    let w = ask.w();
    let Some(last) = last else { return ("wait", w.no_daemon_checked.to_owned()) };
    let Some(findings) = findings else {
        let is_failing = last.failing.is_some();
        return if is_failing { ("warn", w.check_not_made.to_owned()) } else { ("wait", w.not_checked_yet.to_owned()) };
    };
    let (failing, warnings) = (findings.count(Level::Fails), findings.count(Level::Warning));
    let mark = match (failing, warnings) {
        (0, 0) => "ok",
        (0, _) => "warn",
        _ => "crit",
    };
    (mark, (w.checks_found)(failing, warnings, findings.checks.len()))
}

fn made(ask: &Ask<'_>, made: &Made) -> String {
    (ask.w().checked_at)((ask.now - made.at).num_minutes().max(0), &minute(made.at))
}

fn problem(ask: &Ask<'_>, last: &SelfCheck) -> Option<String> {
    let (since, why) = last.failing?;
    Some((ask.w().check_failing)(&minute(since), sentences::not_made(ask.lang, why)))
}

/// The worst first, and then as they are mended.
fn lines(ask: &Ask<'_>, findings: &Findings) -> Vec<Line> {
    let mut checks: Vec<&Check> = findings.checks.iter().collect();
    checks.sort_by_key(|check| std::cmp::Reverse(check.level));
    let line = |check: &Check| Line {
        mark: mark(check.level),
        word: sentences::level(ask.lang, check.level),
        code: check.code.word(),
        about: check.about.clone(),
        found: pieces(&check.found),
        mend: check.mend.as_deref().map_or_else(Vec::new, pieces),
    };
    checks.into_iter().map(line).collect()
}

fn mark(level: Level) -> &'static str {
    match level {
        Level::Ok => "ok",
        Level::Warning => "warn",
        Level::Fails => "crit",
    }
}

fn left_out(all: &[LeftOut]) -> Vec<NotLooked> {
    let name = |one: &LeftOut| one.about.as_ref().map_or_else(String::new, |about| format!(" {about}"));
    let group = |alike: &[LeftOut]| NotLooked {
        names: alike.iter().map(|one| format!("{}{}", one.code.word(), name(one))).collect(),
        why: alike.first().map_or_else(Vec::new, |one| pieces(&one.why)),
    };
    all.chunk_by(|one, next| one.why == next.why).map(group).collect()
}

fn pieces(text: &str) -> Vec<Piece> {
    let parts = text.split('`').enumerate();
    let pieces = parts.map(|(at, text)| Piece { text: text.to_owned(), is_typed: at % 2 == 1 });
    pieces.filter(|piece| !piece.text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_backticks_is_typed() {
        let read = |text| pieces(text).into_iter().map(|p| (p.is_typed, p.text)).collect::<Vec<_>>();
        assert_eq!(read("make room"), [(false, "make room".to_owned())]);
        let both = [(true, "chmod 600 /f".to_owned()), (false, "; think of a new key".to_owned())];
        assert_eq!(read("`chmod 600 /f`; think of a new key"), both);
        assert_eq!(read(""), []);
    }
}
