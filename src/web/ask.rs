//! What a page is asked for, and what it is made with.

use chrono::{DateTime, Utc};
use url::form_urlencoded;

use super::failing::Failing;
use super::sentences::Lang;
use super::site::Site;
use super::words::Words;
use crate::ledger::LedgerError;
use crate::ledger::pages::PageReader;

/// Longer values are nobody's number.
const LONGEST_VALUE: usize = 64;

pub struct Ask<'a> {
    pub reader: &'a PageReader,
    pub site: &'a Site,
    pub lang: Lang,
    pub now: DateTime<Utc>,
    pub failing: &'a Failing,
    pub path: &'a str,
    pub query: Query,
}

#[derive(Debug, thiserror::Error)]
pub enum PageError {
    #[error("there is no such page")]
    NotFound,
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("a page could not be written: {0}")]
    Template(#[from] askama::Error),
}

impl Ask<'_> {
    pub fn w(&self) -> &'static Words {
        Words::of(self.lang)
    }

    /// A link to another page, in the language that was asked for.
    pub fn link(&self, path: &str) -> String {
        self.query.with_lang(path)
    }

    /// Of an order's page. `asked_trade_no`: of a later authorization of a recurring order.
    pub fn order_link(&self, merchant: &str, number: &str, asked_trade_no: Option<&str>) -> String {
        let authorization = asked_trade_no.filter(|no| !no.is_empty()).map(|no| format!("/{no}")).unwrap_or_default();
        self.link(&format!("/orders/{merchant}/{number}{authorization}"))
    }
}

/// Names and values behind the `?`.
pub struct Query(Vec<(String, String)>);

impl Query {
    pub fn parse(text: Option<&str>) -> Self {
        let pairs = form_urlencoded::parse(text.unwrap_or_default().as_bytes());
        let short = pairs.filter(|(_, value)| !value.is_empty() && value.len() <= LONGEST_VALUE);
        Self(short.map(|(name, value)| (name.into_owned(), value.trim().to_owned())).collect())
    }

    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn number(&self, name: &str) -> Option<i64> {
        self.value(name)?.parse().ok()
    }

    /// Unless the browser's own language is followed.
    pub fn lang(&self) -> Option<Lang> {
        let word = self.value("lang")?;
        Lang::ALL.into_iter().find(|lang| word == lang.word() || word == lang.tag())
    }

    fn with_lang(&self, path: &str) -> String {
        let Some(lang) = self.lang() else { return path.to_owned() };
        let (path, place) = path.split_once('#').map_or((path, String::new()), |(p, place)| (p, format!("#{place}")));
        let sign = if path.contains('?') { '&' } else { '?' };
        format!("{path}{sign}lang={}{place}", lang.word())
    }

    /// The same page in another language.
    pub fn in_lang(&self, path: &str, lang: Lang) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.0.iter().filter(|(name, _)| name != "lang") {
            query.append_pair(name, value);
        }
        format!("{path}?{}", query.append_pair("lang", lang.word()).finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_that_was_asked_for_stays_from_page_to_page() {
        let chosen = Query::parse(Some("lang=zh-TW&q=A1"));
        assert_eq!(chosen.with_lang("/orders?state=review"), "/orders?state=review&lang=zh");
        assert_eq!(chosen.with_lang("/#nx"), "/?lang=zh#nx");
        assert_eq!(chosen.in_lang("/orders", Lang::En), "/orders?q=A1&lang=en");
        assert_eq!(Query::parse(Some("lang=fr")).with_lang("/"), "/");
    }

    #[test]
    fn what_is_no_number_of_anything_is_not_asked_for() {
        let long = format!("q={}&state=", "1".repeat(65));
        assert_eq!(Query::parse(Some(&long)).value("q"), None);
        assert_eq!(Query::parse(Some("q=%20A1+")).value("q"), Some("A1"));
        assert_eq!(Query::parse(Some("after=x")).number("after"), None);
    }
}
