//! The languages in which people are told things. Programs go by codes and field names, which have none.

use std::fmt::Display;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    /// Traditional, as it is written in Taiwan.
    Chinese,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no language '{0}': name en or zh-TW")]
pub struct UnknownLanguage(String);

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// As settings, the command line and pages name it.
    pub fn tag(self) -> &'static str {
        self.pick("en", "zh-TW")
    }

    pub fn parse(tag: &str) -> Result<Self, UnknownLanguage> {
        let known = Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(tag));
        known.ok_or_else(|| UnknownLanguage(tag.chars().take(40).collect()))
    }

    /// Of somebody whose environment has these values of `LC_ALL`, `LC_MESSAGES` and `LANG`, in this order: the
    /// first that says something counts.
    pub fn of_locales<'v>(values: impl IntoIterator<Item = Option<&'v str>>) -> Self {
        let named = values.into_iter().flatten().find(|value| !value.is_empty());
        named.map_or(Self::English, Self::of_locale)
    }

    /// Where Chinese is written in simplified characters, English is nearer than Taiwan's own.
    fn of_locale(name: &str) -> Self {
        let name = name.to_ascii_lowercase().replace('_', "-");
        let traditional = ["zh-tw", "zh-hk", "zh-hant"].iter().any(|place| name.starts_with(place));
        if traditional { Self::Chinese } else { Self::English }
    }

    /// The one of two that is in this language.
    pub fn pick<T>(self, english: T, chinese: T) -> T {
        match self {
            Self::English => english,
            Self::Chinese => chinese,
        }
    }
}

/// So many of them, in English: `1 order`, `2 tries`.
pub fn counted<N: Display + PartialEq + From<u8>>(count: N, thing: &str) -> String {
    let is_consonant = |letter: char| !"aeiou".contains(letter);
    match thing.strip_suffix('y').filter(|stem| stem.ends_with(is_consonant)) {
        _ if count == N::from(1) => format!("1 {thing}"),
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {thing}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_a_thing_is_no_plural() {
        for (count, thing, told) in [
            (0, "row", "0 rows"),
            (1, "row", "1 row"),
            (2, "payout day", "2 payout days"),
            (1, "try", "1 try"),
            (3, "try", "3 tries"),
        ] {
            assert_eq!(counted(count, thing), told);
        }
    }

    #[test]
    fn the_first_locale_that_says_something_counts() {
        for (values, language) in [
            ([None, None, None], Language::English),
            ([None, None, Some("zh_TW.UTF-8")], Language::Chinese),
            ([Some(""), Some(""), Some("zh_TW")], Language::Chinese),
            ([Some("C"), None, Some("zh_TW.UTF-8")], Language::English),
            ([None, Some("zh_HK.UTF-8"), Some("en_US.UTF-8")], Language::Chinese),
            ([None, Some("en_US.UTF-8"), Some("zh_TW.UTF-8")], Language::English),
            ([Some("zh-TW"), None, Some("C")], Language::Chinese),
            ([Some("zh_Hant_MO.UTF-8"), None, None], Language::Chinese),
            ([None, None, Some("zh_CN.UTF-8")], Language::English),
            ([None, None, Some("zh")], Language::English),
        ] {
            assert_eq!(Language::of_locales(values), language, "{values:?}");
        }
    }

    #[test]
    fn a_language_is_named_by_its_tag() {
        for language in Language::ALL {
            assert_eq!(Language::parse(language.tag()), Ok(language));
        }
        assert_eq!(Language::parse("ZH-tw"), Ok(Language::Chinese));
        let said = Language::parse("fr").map_err(|e| e.to_string());
        assert_eq!(said, Err("there is no language 'fr': name en or zh-TW".to_owned()));
        assert!(Language::parse("").is_err() && Language::parse("zh").is_err());
    }
}
