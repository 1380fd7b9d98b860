//! What the pages of a ledger show.

use chrono::Duration;
use ecpayd::web::Site;

use crate::http::{get, send};
use crate::ledger::MERCHANT;
use crate::stage::{MARKUP, Stage};

pub const PATHS: [&str; 14] = [
    "/",
    "/deadlines",
    "/orders",
    "/orders?state=authorized",
    "/orders?state=captured&merchant=2000132",
    "/orders?q=A2",
    "/orders/3002607/A20",
    "/orders/3002607/ODD1",
    "/orders/3002607/VOID1",
    "/orders/3002607/DONE1",
    "/refunds",
    "/alerts",
    "/gateway",
    "/doctor",
];

#[tokio::test]
async fn every_page_is_there_in_both_languages_without_a_script_or_a_style_of_its_own() {
    let stage = Stage::played().await;
    let pages = stage.pages(|_| {}).await;
    for path in PATHS {
        let sign = if path.contains('?') { '&' } else { '?' };
        for (lang, tag, word) in [("en", "en", "This page only shows"), ("zh", "zh-TW", "本頁只供查看")] {
            let answer = get(pages.at, &format!("{path}{sign}lang={lang}")).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            assert_eq!(answer.header("content-language"), Some(tag));
            assert_eq!(answer.header("vary"), Some("Accept-Language"));
            let page = &answer.body;
            assert!(page.contains(word) && page.contains(&format!("<html lang=\"{tag}\">")), "{path}");
            for never in ["<script", "style=", "javascript:", " on", "data:", "{{", "{%"] {
                let found = page.match_indices(never).find(|(at, _)| never != " on" || is_handler(&page[*at..]));
                assert!(
                    found.is_none(),
                    "{path}: {never}: {:?}",
                    found.map(|(at, _)| &page[at..page.len().min(at + 60)])
                );
            }
            let links = page.split("href=\"/").skip(1).filter_map(|rest| rest.split('"').next());
            let lost: Vec<&str> = links.filter(|link| !link.contains("lang=") && !link.contains('.')).collect();
            assert!(lost.is_empty(), "{path} forgets the language: {lost:?}");
            assert!(page.contains("admin1") && page.contains("ecpayd resume 3002607"), "{path}: who paused");
            let passed = if lang == "en" { ", last pass 3 s ago ·" } else { "，3 秒前檢查過 ·" };
            assert!(page.contains(passed), "{path}");
            let pictures = page.matches("role=\"img\"").count();
            assert_eq!(page.matches("<desc").count(), pictures, "{path}");
            assert!(page.matches("<details>").count() >= pictures, "{path}");
        }
    }
}

/// ` onerror=` and its like inside a tag.
fn is_handler(text: &str) -> bool {
    let name: String = text.chars().skip(1).take_while(char::is_ascii_lowercase).collect();
    text[1 + name.len()..].starts_with('=') && !text.starts_with(" onerror=1&")
}

#[tokio::test]
async fn the_overview_says_what_needs_a_person_and_what_to_type() {
    let stage = Stage::played().await;
    let pages = stage.pages(|_| {}).await;
    let page = get(pages.at, "/?lang=en").await.body;
    for shown in [
        "<title>▲ ",
        "/icon-crit.svg",
        "A pause keeps ",
        "<code class=\"cmd\">ecpayd resume 3002607</code>",
        "<code class=\"cmd\">ecpayd resolve 4 --applied --by NAME</code>",
        "<code class=\"cmd\">ecpayd resolve 4 --not-applied --by NAME</code>",
        "hollow: not while paused",
        "No statement of ECPay is read for merchant 2000132",
        "HELD1",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    let money = page.split("id=\"mo\"").nth(1).and_then(|rest| rest.split("</section>").next()).expect("the money");
    assert!(!money.contains("mark ok"), "a tick for what was not looked at");
    assert!(page.contains("<dt class=\"mark wait\"><a href=\"#mo\">"), "nor among the three answers");
}

#[tokio::test]
async fn the_overview_shows_the_money_of_each_day_as_the_journal_has_it() {
    let stage = Stage::played().await;
    let before = ecpayd::domain::calendar::taipei_date(stage.now() - chrono::Duration::days(30)).to_string();
    let captured = "SELECT sum(amount) FROM day_sums WHERE kind = 'captured' AND day > ?";
    let (captured, all): (i64, i64) = (stage.sql.value(captured, [before]), stage.sql.value(captured, ["0"]));
    assert!(0 < captured && captured < all, "some are older");
    let pages = stage.pages(|_| {}).await;
    let page = get(pages.at, "/?lang=en").await.body;
    let money = page.split("id=\"mo\"").nth(1).and_then(|rest| rest.split("</section>").next()).expect("the money");
    let headline = money.split("30 days: captured NT$").nth(1).and_then(|rest| rest.split(", given back").next());
    assert_eq!(headline.map(|sum| sum.replace(',', "")), Some(captured.to_string()));
    assert!(money.contains("<path class=\"b2\" d=\"M") && money.contains("<th>net<tbody>"), "{money}");
}

#[tokio::test]
async fn the_words_of_a_shop_are_shown_as_text() {
    let stage = Stage::played().await;
    let pages = stage.pages(|_| {}).await;
    for (path, times) in [("/orders/3002607/A20", 3), ("/refunds", 2)] {
        let page = get(pages.at, path).await.body;
        assert!(!page.contains(MARKUP) && !page.contains("<img"), "{path}");
        assert!(page.matches("&#60;img src=x onerror=1&#62;").count() >= times, "{path}");
    }
    let page = get(pages.at, "/orders?q=%3Cimg%20src%3Dx%20onerror%3D1%3E").await.body;
    assert!(!page.contains("<img"));
}

#[tokio::test]
async fn an_order_is_shown_with_the_answer_of_explain_its_calls_and_its_history() {
    let stage = Stage::played().await;
    let pages = stage.pages(|_| {}).await;
    let page = get(pages.at, "/orders/3002607/VOID1?lang=en").await.body;
    for shown in ["voided", "abandon (N)", "rma-void", "Life line", "rule <code>void</code>", "registered"] {
        assert!(page.contains(shown), "{shown}");
    }
    let movements = page.split("id=\"mv\"").nth(1).and_then(|rest| rest.split("</section>").next()).expect("its books");
    for shown in ["authorized", "voided", "ecpayd, Call "] {
        assert!(movements.contains(shown), "{shown}: {movements}");
    }
    let odd = get(pages.at, "/orders/3002607/ODD1?lang=en").await.body;
    assert!(
        odd.contains("<code>attempt-in-review</code>") && odd.contains("4 · refund (R)"),
        "the question to a person"
    );
    let done = get(pages.at, "/orders/3002607/DONE1?lang=en").await.body;
    assert!(done.contains("<h2 id=\"vo\">Vouchers</h2>") && !odd.contains("<h2 id=\"vo\">"));
    for missing in ["/orders/3002607/NONE", "/orders/9999999/A20", "/orders/3002607/A20/123"] {
        assert_eq!(get(pages.at, missing).await.status, 404, "{missing}");
    }
}

#[tokio::test]
async fn orders_go_on_from_page_to_page_and_each_is_shown_once() {
    let stage = Stage::open().await;
    for n in 0..120 {
        stage.sql.add_order(&format!("N{n:03}"));
    }
    let pages = stage.pages(|_| {}).await;
    let (mut path, mut shown, mut sizes) = ("/orders".to_owned(), Vec::new(), Vec::new());
    // A bound, so that pages in a circle fail the test and do not hang it.
    for _ in 0..5 {
        let page = get(pages.at, &path).await.body;
        let rows = page.split("href=\"/orders/3002607/").skip(1).filter_map(|rest| rest.split('"').next());
        let rows: Vec<String> = rows.map(str::to_owned).collect();
        sizes.push(rows.len());
        shown.extend(rows);
        let older = page.split_once("\">older</a>").and_then(|(before, _)| before.rsplit('"').next());
        let Some(older) = older else { break };
        path = older.to_owned();
    }
    assert_eq!(sizes, [50, 50, 20]);
    let expected: Vec<String> = (0..120).rev().map(|n| format!("N{n:03}")).collect();
    assert_eq!(shown, expected);
    for (query, count) in [("q=N11", 10), ("q=n11", 0), ("state=voided", 0), ("state=registered&merchant=2000132", 0)] {
        let page = get(pages.at, &format!("/orders?{query}")).await.body;
        assert_eq!(page.matches("href=\"/orders/3002607/").count(), count, "{query}");
    }
}

#[tokio::test]
async fn an_empty_ledger_has_pages_that_say_so() {
    let stage = Stage::open().await;
    let pages = stage.pages(|_| {}).await;
    let page = get(pages.at, "/").await.body;
    for shown in ["All is well", "No orders yet.", "No refund is under way.", "/icon-well.svg"] {
        assert!(page.contains(shown), "{shown}");
    }
    assert!(page.contains("<title>Overview · ecpayd</title>"));
}

#[tokio::test]
async fn the_browser_chooses_the_language_unless_the_reader_does() {
    let stage = Stage::open().await;
    let pages = stage.pages(|_| {}).await;
    let own = format!("Host: {}", pages.at);
    for (path, accepts, tag) in [
        ("/", "zh-TW,zh;q=0.9,en;q=0.8", "zh-TW"),
        ("/", "de,en;q=0.5", "en"),
        ("/?lang=en", "zh-TW", "en"),
        ("/?lang=zh", "en", "zh-TW"),
        ("/?lang=xx", "zh", "zh-TW"),
    ] {
        let lines = [own.clone(), format!("Accept-Language: {accepts}")];
        let answer = send(pages.at, &format!("GET {path} HTTP/1.1"), &[&lines[0], &lines[1]]).await;
        assert_eq!(answer.header("content-language"), Some(tag), "{path} {accepts}");
    }
}

#[tokio::test]
async fn what_ecpay_captures_by_itself_is_foreseen_for_its_evening_in_spite_of_a_pause() {
    let stage = Stage::open().await;
    for (merchant, no) in [(MERCHANT, "A1"), ("2000132", "B1"), ("2000132", "B2")] {
        stage.sell(merchant, no, 700);
    }
    stage.live_for(Duration::hours(1)).await;
    stage.pause().await;
    let closing = |site: &mut Site| {
        site.merchants.entry("2000132".to_owned()).and_modify(|terms| terms.daily_auto_close = true);
    };
    let pages = stage.pages(closing).await;
    let page = get(pages.at, "/?lang=en").await.body;
    let row = page.split("2026-08-03 20:15").last().and_then(|rest| rest.split("<tr>").next()).expect("the evening");
    assert!(row.contains(">2 × 2000132</a>") && row.contains("1,400") && row.contains("ECPay captures"), "{row}");
    assert!(page.contains("Captures foreseen in 21 days: 3, NT$2,100"));
    let solid = page.split("class=\"b1\" d=\"").nth(1).and_then(|rest| rest.split('"').next());
    assert_eq!(solid, Some("M0.5 76v-76"), "today, and not hollow");
}

#[tokio::test]
async fn the_gateway_page_shows_the_calls_of_48_hours_and_a_single_403_among_them() {
    let stage = Stage::played().await;
    let pages = stage.pages(|_| {}).await;
    let page = get(pages.at, "/gateway?lang=en").await.body;
    assert!(page.contains("calls in 48 hours, all answered."), "a service with nothing but answers is one sentence");
    assert!(page.contains("<td class=\"why\" data-l=\"clock\">+0 s"), "{page}");

    stage.sql.does(&format!(
        "INSERT INTO traffic (merchant_id, service, hour, call, outcome, calls, ms)
         VALUES ('2000132', 'card', {}, 'card_detail', 'limited', 1, 30)",
        stage.now().timestamp() / 3600
    ));
    let pages = stage.pages(|_| {}).await;
    let page = get(pages.at, "/gateway?lang=en").await.body;
    assert!(page.contains("<th scope=\"row\">HTTP 403"), "a lane of its own");
    assert!(page.contains("M47.5 26v-20"), "as tall as its lane, at the last hour");
    assert!(page.contains("None in 48 hours: refused by ECPay, answer not usable, not answered."));
}

#[tokio::test]
async fn the_alerts_page_says_who_was_told_of_each_and_whom_it_has_not_reached() {
    let stage = Stage::open().await;
    let pages = stage.pages(|_| {}).await;
    let page = get(pages.at, "/alerts?lang=en").await.body;
    assert!(page.contains("Nobody: the settings name no [[alerts.channel]]."));

    stage.sql.does(
        "INSERT INTO channels (name, what, least) VALUES ('mail', 'alerts', 0), ('line', 'alerts', 2), ('hook', 'alerts', 1),
                                                         ('chat', 'alerts', 1), ('old', 'alerts', 0);
         UPDATE channels SET configured = 0 WHERE name = 'old';
         INSERT INTO alerts (kind, severity, stage, merchant_id, message, raised_at)
         VALUES ('gateway_down', 'warning', '', '3002607', 'no answer', 1785729600000);
         INSERT INTO messages (channel, severity, title, text, body, created_at, tries, next_at, sent_at, given_up_at, last_error)
         VALUES ('mail', 'warning', '', '', '{}', 0, 1, NULL, 1785729660000, NULL, NULL),
                ('hook', 'warning', '', '', '{}', 0, 3, 1785733200000, NULL, NULL, 'HTTP 500');
         UPDATE deliveries SET message_id = (SELECT id FROM messages m WHERE m.channel = deliveries.channel);",
    );
    let pages = stage.pages(|_| {}).await;
    let page = get(pages.at, "/alerts?lang=en").await.body;
    for line in [
        "<br>mail: told 2026-08-03 12:01",
        "<br>hook: not reached after 3 tries, again at 2026-08-03 13:00: HTTP 500",
        "<br>chat: not told yet: in the next message",
        "<b class=\"mark ok\">reached</b>",
        "<b class=\"mark warn\">1 not delivered, again at 2026-08-03 13:00: HTTP 500</b>",
        "alerts, from critical on",
    ] {
        assert!(page.contains(line), "{line} in {page}");
    }
    assert!(!page.contains("<br>line:") && !page.contains(">old"), "not told of it, and no longer there");
}
