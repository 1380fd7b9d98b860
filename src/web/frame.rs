//! What every page has around what it shows.

use super::ask::{Ask, PageError};
use super::form::{cut, minute};
use super::tasks::{MOST, Task, tasks};
use super::words::Words;
use super::{assets, sentences};
use crate::domain::calendar::taipei;
use crate::domain::check::Level;
use crate::domain::health::{Health, State};
use crate::domain::pause::PauseOf;
use crate::domain::reason::{Condition, Reason};
use crate::domain::service::Service;
use crate::ledger::pages::{PageAlert, PageMerchant};
use crate::ledger::{LedgerError, PauseRow, Restore, together};

/// Which page it is, for the list of pages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Overview,
    Orders,
    Refunds,
    Alerts,
    Gateway,
    Doctor,
}

pub struct Link {
    pub href: String,
    pub name: &'static str,
    pub is_here: bool,
    pub count: Option<i64>,
    pub is_critical: bool,
}

/// What holds for all that is below it.
pub struct Banner {
    pub mark: &'static str,
    pub name: &'static str,
    pub sentence: String,
    pub command: Option<String>,
}

pub struct Frame {
    pub w: &'static Words,
    pub tag: &'static str,
    pub title: String,
    pub style: &'static str,
    pub icon: &'static str,
    pub home: String,
    pub links: Vec<Link>,
    /// Of the ledger that is shown.
    pub as_of: String,
    /// None: nobody watches over a daemon, or it has made none yet.
    pub last_pass: Option<String>,
    pub other_tag: &'static str,
    pub other_link: String,
    pub banners: Vec<Banner>,
    /// Seconds, unless it holds still.
    pub refresh: Option<u32>,
    pub still_link: Option<String>,
    pub version: &'static str,
    /// Things that need somebody, and what else is open.
    pub tasks: Vec<Task>,
    pub needing: usize,
    pub open_alerts: i64,
    pub open_refunds: i64,
    pub merchants: Vec<PageMerchant>,
    pauses: Vec<PauseRow>,
}

/// What every page reads of the ledger.
#[derive(Default)]
struct Around {
    merchants: Vec<PageMerchant>,
    open_refunds: i64,
    open_alerts: i64,
    pauses: Vec<PauseRow>,
    /// The loudest of those that are open.
    alerts: Vec<PageAlert>,
    restore: Option<Restore>,
}

impl Around {
    fn read(ask: &Ask<'_>) -> Result<Self, LedgerError> {
        let reader = ask.reader;
        let (open_refunds, open_alerts) = reader.open_counts()?;
        Ok(Self {
            merchants: reader.merchants()?,
            open_refunds,
            open_alerts,
            pauses: reader.pauses(ask.now)?,
            alerts: reader.open_alerts(MOST)?,
            restore: reader.unfinished_restore()?,
        })
    }

    /// Who asks what is wrong is shown the page without it; any other page would say that nothing is open.
    fn of(ask: &Ask<'_>, tab: Tab) -> Result<(Self, Option<Banner>), PageError> {
        let (w, read) = (ask.w(), Self::read(ask));
        if tab != Tab::Doctor {
            return Ok((read?, None));
        }
        Ok(match ask.part_or("around", read, w.around_unread)? {
            Ok(around) => (around, None),
            Err(sentence) => {
                (Self::default(), Some(Banner { mark: "crit", name: w.not_well, sentence, command: None }))
            }
        })
    }
}

impl Frame {
    pub fn new(ask: &Ask<'_>, tab: Tab, title: &str) -> Result<Self, PageError> {
        let w = ask.w();
        let (around, unread) = Around::of(ask, tab)?;
        let tasks = tasks(ask, &around.alerts, &around.pauses);
        let needing = tasks.iter().filter(|t| t.needs_you).count();
        let vitals = (ask.site.vitals)();
        let unwell = vitals.and_then(|vitals| unwell(ask, vitals.health(ask.now)));
        let last_pass = vitals.and_then(|vitals| vitals.last_pass());
        let is_critical = needing > 0 || unread.is_some();
        let banners = unread.into_iter().chain(unwell).chain(banners(ask, &around)).collect();
        let Around { merchants, open_refunds, open_alerts, pauses, .. } = around;
        let mark = if needing > 0 { format!("▲ {needing} · ") } else { String::new() };
        Ok(Self {
            w,
            tag: ask.lang.tag(),
            title: format!("{mark}{title} · ecpayd"),
            style: &assets::STYLE_PATH,
            icon: if is_critical { assets::CRITICAL } else { assets::WELL },
            home: ask.link("/"),
            links: links(ask, tab, (open_refunds, open_alerts), needing > 0),
            as_of: taipei(ask.now).format("%Y-%m-%d %H:%M:%S").to_string(),
            last_pass: last_pass.map(|at| (w.last_pass)((ask.now - at).num_seconds().max(0))),
            other_tag: ask.lang.other().tag(),
            other_link: ask.query.in_lang(ask.path, ask.lang.other()),
            banners,
            refresh: None,
            still_link: None,
            version: env!("CARGO_PKG_VERSION"),
            tasks,
            needing,
            open_alerts,
            open_refunds,
            merchants,
            pauses,
        })
    }

    /// Only where nothing is opened that a refresh would close.
    pub fn refreshing(mut self, ask: &Ask<'_>) -> Self {
        if ask.query.value("still").is_none() {
            self.refresh = Some(60);
            self.still_link = Some(ask.link("/?still=1"));
        }
        self
    }

    /// Captures, or refunds, of the merchant are paused.
    pub fn is_paused(&self, merchant: &str, of: PauseOf) -> bool {
        self.pauses.iter().any(|p| p.merchant_id == merchant && p.action == of.word())
    }

    /// Those of a merchant that are not over, with what each stops; none: everything.
    pub fn pauses_of(&self, merchant: &str) -> impl Iterator<Item = (&PauseRow, Option<PauseOf>)> {
        together(&self.pauses).into_iter().filter(move |(pause, _)| pause.merchant_id == merchant)
    }

    /// What there is to do about one order, by its own alerts: an entry of the page may be about others too.
    pub fn task_of(&self, ask: &Ask<'_>, alerts: &[PageAlert]) -> Option<Task> {
        let open: Vec<PageAlert> = alerts.iter().filter(|alert| alert.closed_at().is_none()).cloned().collect();
        tasks(ask, &open, &self.pauses).into_iter().next()
    }

    pub fn any_paused(&self) -> bool {
        !self.pauses.is_empty()
    }
}

fn links(ask: &Ask<'_>, here: Tab, (refunds, alerts): (i64, i64), is_critical: bool) -> Vec<Link> {
    let w = ask.w();
    let some = |count: i64| (count > 0).then_some(count);
    let all = [
        (Tab::Overview, "/", w.overview, None),
        (Tab::Orders, "/orders", w.orders, None),
        (Tab::Refunds, "/refunds", w.refunds, some(refunds)),
        (Tab::Alerts, "/alerts", w.alerts, some(alerts)),
        (Tab::Gateway, "/gateway", w.gateway, None),
        (Tab::Doctor, "/doctor", w.doctor, some(failing_checks(ask))),
    ];
    let link = |(tab, path, name, count)| Link {
        href: ask.link(path),
        name,
        is_here: tab == here,
        count,
        is_critical: tab == Tab::Doctor || is_critical && tab == Tab::Alerts,
    };
    all.map(link).into()
}

/// Of the daemon's last look at itself.
fn failing_checks(ask: &Ask<'_>) -> i64 {
    let last = (ask.site.self_check)();
    let made = last.as_ref().and_then(|last| last.made.as_ref());
    // In both languages the same.
    made.map_or(0, |made| i64::try_from(made.english.count(Level::Fails)).unwrap_or(i64::MAX))
}

/// Pauses and silence have banners of their own, with who and until when.
fn unwell(ask: &Ask<'_>, mut health: Health) -> Option<Banner> {
    let is_told_below = |why: &Reason| {
        matches!(why, Reason::Condition(Condition::MoneyPaused { .. } | Condition::MerchantsSilent { .. }))
    };
    health.why.retain(|why| !is_told_below(why));
    let mark = if health.state == State::Unhealthy { "crit" } else { "warn" };
    let sentence = || sentences::health(ask.lang, &health);
    (!health.why.is_empty()).then(|| Banner { mark, name: ask.w().not_well, sentence: sentence(), command: None })
}

fn banners(ask: &Ask<'_>, around: &Around) -> Vec<Banner> {
    let w = ask.w();
    let mut banners = Vec::new();
    if let Some(restore) = &around.restore {
        let sentence = (w.restored)(&cut(&restore.noticed_at), restore.waiting_orders, restore.unclaimed_orders);
        banners.push(Banner { mark: "crit", name: w.restored_name, sentence, command: None });
    }
    for (pause, of) in together(&around.pauses) {
        let only = of.map_or_else(String::new, |of| format!(" --only {}", of.word()));
        let sentence = format!("{}{}{}", sentences::pause(ask.lang, pause, of), w.stop, w.queries_go_on);
        let command = Some(format!("ecpayd resume {}{only}", pause.merchant_id));
        banners.push(Banner { mark: "warn", name: w.paused_name, sentence, command });
    }
    for merchant in &around.merchants {
        for service in [Service::Card, Service::Voucher] {
            if let Some(until) = merchant.silent_until(service, ask.now) {
                let of = sentences::service(ask.lang, service);
                let sentence = (w.silent)(&merchant.merchant_id, of, &minute(until));
                banners.push(Banner { mark: "warn", name: w.silent_name, sentence, command: None });
            }
        }
    }
    banners
}
