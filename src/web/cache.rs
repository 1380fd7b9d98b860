//! Pages as they were made, for two seconds: whoever reloads costs the ledger nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

const FRESH: Duration = Duration::from_secs(2);

/// Pages differ by what was asked for; more than these are made anew.
const PAGES: usize = 64;

#[derive(Default)]
pub struct Cache(Mutex<HashMap<String, (Instant, Arc<str>)>>);

impl Cache {
    pub fn fresh(&self, name: &str, now: Instant) -> Option<Arc<str>> {
        let pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (made, page) = pages.get(name)?;
        is_fresh(*made, now).then(|| page.clone())
    }

    pub fn keep(&self, name: String, page: Arc<str>, now: Instant) {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pages.retain(|_, (made, _)| is_fresh(*made, now));
        if pages.len() < PAGES {
            pages.insert(name, (now, page));
        }
    }
}

fn is_fresh(made: Instant, now: Instant) -> bool {
    now.saturating_duration_since(made) < FRESH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_shown_again_for_two_seconds_and_forgotten_then() {
        let (cache, start) = (Cache::default(), Instant::now());
        cache.keep("/".to_owned(), "first".into(), start);
        assert_eq!(cache.fresh("/", start + FRESH / 2).as_deref(), Some("first"));
        assert_eq!(cache.fresh("/?lang=zh", start), None);
        assert_eq!(cache.fresh("/", start + FRESH), None);
        for n in 0..2 * PAGES {
            cache.keep(n.to_string(), "one of many".into(), start);
        }
        assert!(cache.0.lock().expect("no panic").len() <= PAGES);
    }
}
