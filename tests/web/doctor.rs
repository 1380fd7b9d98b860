//! The daemon's look at itself: how it looks, and what the page says of it.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Arc;

use chrono::Duration;
use ecpayd::doctor::{judge, look, without_directories};
use ecpayd::domain::check::{Check, Code, Findings, LeftOut, Level, Made, NotMade, SelfCheck};
use ecpayd::domain::language::Language;
use ecpayd::web::Site;

use crate::http::get;
use crate::stage::{MARKUP, Stage};

fn shows(last: SelfCheck) -> impl FnOnce(&mut Site) {
    let last = Arc::new(last);
    move |site| site.self_check = Arc::new(move || Some(last.clone()))
}

/// Marks, a long name, and why none is made now.
pub fn shows_all(stage: &Stage) -> impl FnOnce(&mut Site) {
    let mut made = made(stage);
    for findings in [&mut made.english, &mut made.chinese] {
        let path = "/srv/shops/of/somebody/with/long/directories/keys/3002607.voucher.hash_key";
        let long = Check::fails(Code::KeyFiles, format!("others can open {path}"), format!("`chmod 600 {path}`"));
        findings.checks.push(long.about("merchant[0].voucher.hash_key_credential"));
    }
    made.names_directories = false;
    shows(SelfCheck { made: Some(made), failing: Some((stage.now(), NotMade::Hangs)) })
}

/// Ten minutes ago.
fn made(stage: &Stage) -> Made {
    let findings = |language: Language| {
        let found = language.pick("others can open /etc/x", "其他人可以開啟 /etc/x");
        let fails = Check::fails(Code::KeyFiles, found, format!("`chmod 600 /etc/x`; {MARKUP}")).about("hash_key");
        let warns = Check::warning(Code::Backup, "no copy yet", "make one");
        let left_out = |code| LeftOut { code, about: None, why: "it reads all".to_owned() };
        Findings {
            checks: vec![Check::ok(Code::Contract, "contract version 1"), warns, fails],
            left_out: vec![left_out(Code::LedgerContent), left_out(Code::Channel)],
        }
    };
    let [english, chinese] = Language::ALL.map(findings);
    Made { at: stage.now() - Duration::minutes(10), english, chinese, names_directories: true }
}

#[tokio::test]
async fn what_fails_stands_first_with_what_was_found_and_what_is_typed_to_mend_it() {
    let stage = Stage::open().await;
    let pages = stage.pages(shows(SelfCheck { made: Some(made(&stage)), failing: None })).await;
    let page = get(pages.at, "/doctor?lang=en").await.body;
    for shown in [
        "<h1 class=\"mark crit\">Of 3 checks 1 fails; warnings: 1</h1>",
        "Last self-check 10 min ago, at 2026-08-03 11:50.",
        "<b class=\"mark crit\">fails</b>",
        "<code>key-files</code><small>hash_key</small>",
        "others can open /etc/x",
        "<code>chmod 600 /etc/x</code>; ",
        "<code>sudo ecpayd doctor</code>",
        "<code>ledger-content</code> <code>channel</code>",
    ] {
        assert!(page.contains(shown), "{shown} in {page}");
    }
    let at = |what: &str| page.find(what).unwrap_or_else(|| panic!("{what} in {page}"));
    assert!(at("mark crit\">fails") < at("mark warn\">warning") && at("mark warn\">warning") < at("mark ok\">ok"));
    assert!(!page.contains(MARKUP) && !page.contains("directories"), "{page}");
    let chinese = get(pages.at, "/doctor?lang=zh").await.body;
    for shown in ["3 項檢查，1 項異常，1 項要注意", "其他人可以開啟 /etc/x", "<b class=\"mark crit\">異常</b>"]
    {
        assert!(chinese.contains(shown), "{shown} in {chinese}");
    }
    let elsewhere = get(pages.at, "/orders?lang=en").await.body;
    assert!(elsewhere.contains(">Self-check <b class=\"crit\">1</b></a>"), "every page tells of it: {elsewhere}");
}

#[tokio::test]
async fn all_is_well_only_where_every_check_is() {
    let stage = Stage::open().await;
    for (keep, mark, headline) in
        [(Level::Ok, "ok", "All 1 checks are well"), (Level::Warning, "warn", "Of 2 checks none fails; warnings: 1")]
    {
        let mut made = made(&stage);
        made.english.checks.retain(|check| check.level <= keep);
        let pages = stage.pages(shows(SelfCheck { made: Some(made), failing: None })).await;
        let page = get(pages.at, "/doctor?lang=en").await.body;
        assert!(page.contains(&format!("<h1 class=\"mark {mark}\">{headline}</h1>")), "{page}");
        assert!(page.contains(">Self-check</a>"), "nothing fails: {page}");
    }
}

#[tokio::test]
async fn a_look_that_was_not_made_is_no_tick() {
    let stage = Stage::open().await;
    let since = stage.now() - Duration::minutes(5);
    let old = Some(made(&stage));
    for (last, headline, told) in [
        (SelfCheck::default(), "Not made yet: the daemon has just started", ""),
        (
            SelfCheck { made: None, failing: Some((since, NotMade::Hangs)) },
            "The self-check could not be made",
            "Could not be made, since 2026-08-03 11:55: it has not ended within a minute",
        ),
        (
            SelfCheck { made: old, failing: Some((since, NotMade::BrokeOff)) },
            "Of 3 checks 1 fails; warnings: 1",
            "Could not be made, since 2026-08-03 11:55: it broke off: the log of ecpayd says why.",
        ),
    ] {
        let pages = stage.pages(shows(last)).await;
        let page = get(pages.at, "/doctor?lang=en").await.body;
        assert!(page.contains(headline) && page.contains(told), "{headline}: {page}");
        assert!(!page.contains("<h1 class=\"mark ok\">"), "{page}");
    }
    let pages = stage.pages(|site| site.self_check = Arc::new(|| None)).await;
    for (lang, told) in [("en", "No daemon runs behind this page"), ("zh", "這個頁面背後沒有常駐程式")] {
        let page = get(pages.at, &format!("/doctor?lang={lang}")).await.body;
        assert!(page.contains(told) && !page.contains("<h1 class=\"mark ok\">"), "{page}");
    }
}

#[tokio::test]
async fn who_asks_what_is_wrong_is_answered_though_the_ledger_cannot_be_read() {
    let stage = Stage::open().await;
    let last = SelfCheck { made: Some(made(&stage)), failing: None };
    stage.sql.does("ALTER TABLE pauses RENAME TO pauses_gone");
    let pages = stage.pages(shows(last)).await;
    for (lang, said, found) in [
        ("en", "Alerts, pauses and counts cannot be read from the ledger, since 2026-08-03 ", "Of 3 checks 1 fails"),
        ("zh", "起讀不到帳本裡的警告、暫停與筆數", "1"),
    ] {
        let page = get(pages.at, &format!("/doctor?lang={lang}")).await.body;
        assert!(page.contains(said) && page.contains(found), "{page}");
        assert!(!page.contains("pauses_gone") && !page.contains("no such table"), "the reason is for the log: {page}");
    }
    let other = get(pages.at, "/orders").await;
    assert_eq!((other.status, other.body.contains("/doctor")), (500, true), "it would say that nothing is open");
    stage.sql.does("ALTER TABLE pauses_gone RENAME TO pauses");
}

/// What a look at a file tells: when it was written, how long it is, its mode.
fn seen(directory: &Path) -> BTreeMap<String, (i64, i64, u64, u32)> {
    let files = std::fs::read_dir(directory).expect("a directory").map(|file| file.expect("a file"));
    let seen = files.map(|file| {
        let found = file.metadata().expect("it is there");
        let name = file.file_name().to_string_lossy().into_owned();
        (name, (found.mtime(), found.mtime_nsec(), found.len(), found.mode()))
    });
    seen.collect()
}

/// Where SQLite keeps the lock by which an open connection is seen by the others (its `SHARED_FIRST`).
const HELD_WHILE_OPEN: &str = "1073741826";

/// Whether this process holds the lock of an open ledger, as the kernel lists it. None: it lists no locks here.
/// Other locks come and go while a connection opens or a pass commits, and say nothing.
fn is_held(ledger: &Path) -> Option<bool> {
    let (me, inode) = (std::process::id().to_string(), std::fs::metadata(ledger).expect("a file").ino());
    let listed = || std::fs::read_to_string("/proc/locks").ok().filter(|listed| !listed.is_empty());
    listed()?;
    let held = |listed: String| {
        listed.lines().any(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let on_it = fields.iter().any(|field| field.ends_with(&format!(":{inode}")));
            on_it && fields.contains(&me.as_str()) && fields.contains(&HELD_WHILE_OPEN)
        })
    };
    // The list is read page by page while other tests lock and unlock: a line that stands may be missed once.
    Some((0..100).any(|_| listed().is_some_and(held)))
}

#[tokio::test]
async fn beside_its_own_ledger_the_daemon_writes_nothing_loses_no_lock_and_names_what_it_leaves_out() {
    let stage = Stage::open().await;
    stage.sell(crate::ledger::MERCHANT, "A1", 900);
    stage.live_for(Duration::hours(1)).await;
    stage.keep_traffic().await;
    let home = stage.home();
    let settings = home.join("config.toml");
    std::fs::write(&settings, stage.settings_text()).expect("settings");
    std::fs::set_permissions(&settings, std::fs::Permissions::from_mode(0o644)).expect("our own");
    let (before, held) = (seen(&home), is_held(&stage.ledger()));
    assert_ne!(held, Some(false), "the daemon has its ledger open");
    let now = stage.now();
    let facts = look::by_daemon(look::at_settings(&settings, std::iter::empty(), &|| now), &stage.ledger());
    let findings = judge::of_daemon(&facts, Language::English);
    assert_eq!((seen(&home), is_held(&stage.ledger())), (before, held));

    let of = |code: Code| findings.checks.iter().filter(move |check| check.code == code).collect::<Vec<_>>();
    for code in [Code::Schema, Code::Contract, Code::Ledger, Code::LedgerPlace, Code::LedgerLinks, Code::TimeZone] {
        assert_eq!(of(code).iter().map(|c| c.level).collect::<Vec<_>>(), [Level::Ok], "{code:?}: {findings:#?}");
    }
    let open = of(Code::SettingsFile);
    assert!(open[0].level == Level::Fails && open[0].mend.as_ref().is_some_and(|m| m.contains("chmod 640 /")));
    let answered = of(Code::GatewayAnswer);
    assert!(answered[0].about.as_deref() == Some("3002607 card") && answered[0].found.contains("answered the daemon"));
    assert!(findings.checks.iter().all(|check| check.code != Code::LedgerContent));
    let left_out: Vec<_> = findings.left_out.iter().map(|one| (one.code, one.about.as_deref())).collect();
    for one in [(Code::LedgerContent, None), (Code::GatewayTls, None), (Code::GatewayAnswer, Some("2000132 card"))] {
        assert!(left_out.contains(&one), "{one:?} in {left_out:?}");
    }

    stage.sql.does(&format!(
        "UPDATE merchants SET silent_until = {} WHERE merchant_id = '2000132';
         INSERT INTO alerts (kind, severity, stage, merchant_id, message, raised_at)
         VALUES ('bad_credentials', 'critical', 'vouchers', '3002607', 'the keys are not taken', 1785729600000)",
        (now + Duration::minutes(20)).timestamp_millis()
    ));
    let facts = look::by_daemon(look::at_settings(&settings, std::iter::empty(), &|| now), &stage.ledger());
    let findings = judge::of_daemon(&facts, Language::English);
    let told = |about: &str| findings.checks.iter().find(|check| check.about.as_deref() == Some(about));
    let (silent, refused) = (told("2000132 card").expect("a line"), told("3002607 voucher").expect("a line"));
    assert!(silent.level == Level::Warning && silent.found.contains("HTTP 403"), "{silent:?}");
    assert!(refused.level == Level::Fails && refused.found == "the keys are not taken", "{refused:?}");

    let place = home.display().to_string();
    assert!(format!("{findings:?}").contains(&place));
    let shortened = format!("{:?}", without_directories(findings, &facts));
    assert!(!shortened.contains(&place) && shortened.contains("`chmod 640 …/config.toml`"), "{shortened}");
}
