//! One thing that was looked at.

use serde::Serialize;

use super::code::Code;
use crate::domain::language::Language;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Ok,
    /// It works, and somebody should know.
    Warning,
    Fails,
}

impl Level {
    /// Never the colour alone.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Ok => "✓",
            Self::Warning => "!",
            Self::Fails => "✗",
        }
    }

    pub fn named(self, language: Language) -> &'static str {
        match self {
            Self::Ok => language.pick("ok", "正常"),
            Self::Warning => language.pick("warning", "注意"),
            Self::Fails => language.pick("fails", "異常"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    pub code: Code,
    pub level: Level,
    /// Which of several: a host, a merchant's service, a channel.
    pub about: Option<String>,
    pub found: String,
    /// Null: there is nothing to mend.
    pub mend: Option<String>,
}

impl Check {
    pub fn ok(code: Code, found: impl Into<String>) -> Self {
        Self { code, level: Level::Ok, about: None, found: found.into(), mend: None }
    }

    pub fn warning(code: Code, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { code, level: Level::Warning, about: None, found: found.into(), mend: Some(mend.into()) }
    }

    pub fn fails(code: Code, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { level: Level::Fails, ..Self::warning(code, found, mend) }
    }

    pub fn about(self, what: impl Into<String>) -> Self {
        Self { about: Some(what.into()), ..self }
    }
}

/// Something that was not looked at, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    pub code: Code,
    pub about: Option<String>,
    pub why: String,
}

/// What came of looking, in the words of one language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// In the order in which somebody mends them.
    pub checks: Vec<Check>,
    pub left_out: Vec<LeftOut>,
}

impl Findings {
    pub fn count(&self, level: Level) -> usize {
        self.checks.iter().filter(|check| check.level == level).count()
    }
}
