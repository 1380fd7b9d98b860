//! The outbox: what is told through which channel, in which message, and what becomes of it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Duration, NaiveTime, Utc};
use ecpayd::deliver::outbox::Sending;
use ecpayd::deliver::{Deliveries, House, Message, Outbox, Times, Way};
use ecpayd::domain::alert::Severity;
use ecpayd::domain::delivery::ShopEvent;
use ecpayd::domain::ids::MerchantId;
use ecpayd::domain::language::Language;
use ecpayd::engine::Shared;
use ecpayd::ledger::{Ack, ChannelTerms, ChannelsTaken, Ledger, Raised, RepeatCritical, Told, TryFailed};
use ecpayd::simulator::bank::{Kind, Paid};

use crate::harness::{MERCHANT, Shop, at, days, minutes, shop};
use crate::ledger::{AddOrder, AddRefund};

/// Answers as it was told to, then takes everything.
#[derive(Default)]
struct Stand {
    got: Mutex<Vec<Message>>,
    refuses: Mutex<VecDeque<TryFailed>>,
}

impl Way for Stand {
    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a> {
        Box::pin(async move {
            self.got.lock().expect("no panic").push(message.clone());
            self.refuses.lock().expect("no panic").pop_front().map_or(Ok(()), Err)
        })
    }
}

impl Stand {
    fn refuse(&self, times: usize) {
        let failed = TryFailed { why: "http 500".to_owned(), for_good: false, pause: None };
        self.refuses.lock().expect("no panic").extend(std::iter::repeat_n(failed, times));
    }

    fn titles(&self) -> Vec<String> {
        self.got.lock().expect("no panic").iter().map(|message| message.title.clone()).collect()
    }

    fn take(&self) -> Vec<Message> {
        std::mem::take(&mut self.got.lock().expect("no panic"))
    }
}

fn alerts(name: &str, least: Severity) -> ChannelTerms {
    ChannelTerms { name: name.to_owned(), told: Told::Alerts(least), merchants: Vec::new() }
}

fn outbox(terms: &ChannelTerms) -> (Outbox, Arc<Stand>) {
    let stand = Arc::new(Stand::default());
    let (name, told, merchants) = (terms.name.clone(), terms.told.clone(), terms.merchants.clone());
    (Outbox { name, told, merchants, language: Language::English, way: stand.clone() }, stand)
}

async fn take(shop: &Shop, channels: &[&ChannelTerms]) {
    let channels = channels.iter().map(|terms| (*terms).clone()).collect();
    shop.ledger().write(ChannelsTaken { channels }).await.expect("the ledger");
}

async fn pass(shop: &Shop, outbox: &Outbox, now: DateTime<Utc>) {
    outbox.pass(shop.ledger(), now, false).await.expect("the ledger");
}

/// Orders whose amounts are not those that their shop expects: a warning each.
async fn mismatches(shop: &Shop, numbers: &[&str]) {
    for no in numbers {
        shop.sold(MERCHANT, no, Kind::Card, 1000, shop.now(), Paid::Yes);
        let order = AddOrder { merchant: MERCHANT, no, expected_amount: Some(999), ..AddOrder::default() };
        shop.sql.order(&order).expect("an order");
    }
    shop.settle().await;
}

#[tokio::test]
async fn an_alert_is_told_through_each_channel_that_asks_for_its_severity_and_merchant() {
    let shop = shop().await;
    let (all, critical) = (alerts("all", Severity::Notice), alerts("critical", Severity::Critical));
    let mut other = alerts("other", Severity::Notice);
    other.merchants = vec![MerchantId::parse("3000001").expect("a number")];
    let mut ours = alerts("ours", Severity::Notice);
    ours.merchants = vec![MerchantId::parse(MERCHANT).expect("a number"), MerchantId::parse("3").expect("a number")];
    let events = ChannelTerms { told: Told::Events(Vec::new()), ..alerts("events", Severity::Notice) };
    take(&shop, &[&all, &critical, &other, &ours, &events]).await;

    mismatches(&shop, &["A1"]).await;
    shop.sql.does(
        "INSERT INTO alerts (kind, severity, merchant_id, message, raised_at) VALUES ('gateway_down', 'critical', '3002607', 'w', 1)",
    );

    let told = "SELECT group_concat(channel || ' ' || edge || ' ' || kind, ', ') FROM
                 (SELECT d.channel, d.edge, a.kind FROM deliveries d JOIN alerts a ON a.id = d.alert_id ORDER BY d.channel, d.id)";
    assert_eq!(
        shop.sql.ask(told),
        "all raised amount_mismatch, all raised gateway_down, critical raised gateway_down, \
         ours raised amount_mismatch, ours raised gateway_down"
    );
}

#[tokio::test]
async fn what_comes_together_goes_together_with_a_count_and_the_first_lines() {
    let shop = shop().await;
    let terms = alerts("mail", Severity::Notice);
    let (outbox, stand) = outbox(&terms);
    take(&shop, &[&terms]).await;
    let numbers: Vec<String> = (0..14).map(|n| format!("A{n}")).collect();
    mismatches(&shop, &numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;

    pass(&shop, &outbox, shop.now()).await;
    assert!(stand.titles().is_empty(), "more may come with it");
    pass(&shop, &outbox, shop.now() + Duration::seconds(3)).await;

    let got = stand.take();
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].title, "warning: 14 alerts");
    assert_eq!(got[0].text.lines().count(), 11);
    assert!(got[0].text.ends_with("and 4 more: ecpayd alerts lists them"), "{}", got[0].text);
    assert_eq!(got[0].json["count"], 14);
    assert_eq!(got[0].json["alerts"].as_array().map(Vec::len), Some(14));
    pass(&shop, &outbox, shop.now() + Duration::seconds(6)).await;
    assert!(stand.titles().is_empty(), "told once");
}

#[tokio::test]
async fn a_message_keeps_its_key_and_words_over_tries_and_restarts_and_the_others_tell_of_the_channel() {
    let mut shop = shop().await;
    let (mail, chat) = (alerts("mail", Severity::Notice), alerts("chat", Severity::Notice));
    let ((by_mail, mailed), (by_chat, chatted)) = (outbox(&mail), outbox(&chat));
    take(&shop, &[&mail, &chat]).await;
    mismatches(&shop, &["A1"]).await;
    mailed.refuse(3);

    let start = shop.now() + Duration::seconds(3);
    pass(&shop, &by_mail, start).await;
    pass(&shop, &by_mail, start + Duration::seconds(29)).await;
    assert_eq!(mailed.titles().len(), 1, "not before its time");
    pass(&shop, &by_mail, start + Duration::seconds(30)).await;
    shop.reopen().await;
    take(&shop, &[&mail, &chat]).await;
    pass(&shop, &by_chat, start).await;
    chatted.take();
    let failing = "SELECT count(*) FROM open_alerts WHERE kind = 'delivery_failing'";
    assert_eq!(shop.sql.ask(failing), "0");
    pass(&shop, &by_mail, start + Duration::seconds(150)).await;

    assert_eq!(shop.sql.ask(failing), "1");
    pass(&shop, &by_chat, start + Duration::seconds(160)).await;
    let told = chatted.take();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].title, "warning: messages do not arrive");
    assert!(told[0].text.contains("channel mail does not arrive, after 3 tries (http 500)"), "{}", told[0].text);

    pass(&shop, &by_mail, start + Duration::seconds(750)).await;
    let tries = mailed.take();
    assert_eq!(tries.len(), 4);
    // A webhook signs the time of its try; all else stays.
    let same = |message: &Message| *message == Message { at: message.at, ..tries[0].clone() };
    assert!(tries.iter().all(same), "the same words under the same key: {tries:?}");
    assert!(tries[0].id.starts_with("ecpayd_") && tries[0].id.len() == 39, "{}", tries[0].id);
    assert_eq!(shop.sql.ask(failing), "0", "it delivers again");
    pass(&shop, &by_mail, start + days(1)).await;
    assert!(mailed.take().is_empty(), "not through the channel that it was about");
    pass(&shop, &by_chat, start + days(1)).await;
    assert_eq!(chatted.titles(), ["over: messages do not arrive"]);
}

#[tokio::test]
async fn while_a_channel_rests_what_comes_waits_and_goes_together() {
    let shop = shop().await;
    let terms = alerts("mail", Severity::Notice);
    let (outbox, stand) = outbox(&terms);
    take(&shop, &[&terms]).await;
    mismatches(&shop, &["A1"]).await;
    stand.refuse(1);
    let start = shop.now() + Duration::seconds(3);
    pass(&shop, &outbox, start).await;
    mismatches(&shop, &["A2", "A3"]).await;
    pass(&shop, &outbox, start + Duration::seconds(20)).await;
    assert_eq!(stand.titles(), ["warning: amounts differ, order A1"]);
    pass(&shop, &outbox, start + Duration::seconds(30)).await;
    assert_eq!(stand.titles()[1..], ["warning: amounts differ, order A1", "warning: 2 alerts"]);
}

#[tokio::test]
async fn after_three_days_a_message_is_given_up_and_told_of_until_somebody_has_seen_it() {
    let shop = shop().await;
    let (mail, chat) = (alerts("mail", Severity::Notice), alerts("chat", Severity::Notice));
    let ((by_mail, mailed), (by_chat, chatted)) = (outbox(&mail), outbox(&chat));
    take(&shop, &[&mail, &chat]).await;
    mismatches(&shop, &["A1"]).await;
    mailed.refuse(1000);
    let start = shop.now() + Duration::seconds(3);
    let mut now = start;
    while now < start + days(4) {
        pass(&shop, &by_mail, now).await;
        now += minutes(10);
    }
    let state = "SELECT (given_up_at IS NOT NULL) || ' ' || (next_at IS NULL) || ' ' || last_error FROM messages ORDER BY id LIMIT 1";
    assert_eq!(shop.sql.ask(state), "1 1 http 500");
    pass(&shop, &by_chat, now).await;
    let text = chatted.take().into_iter().map(|message| message.text).collect::<String>();
    assert!(text.contains("critical: messages do not arrive") && text.contains("was given up after"), "{text}");
    assert_eq!(shop.sql.ask("SELECT count(*) FROM open_alerts WHERE message LIKE '%was given up after%'"), "1");
}

#[tokio::test]
async fn a_receiver_that_wants_a_message_never_again_is_not_asked_again() {
    let shop = shop().await;
    let terms = alerts("mail", Severity::Notice);
    let (outbox, stand) = outbox(&terms);
    take(&shop, &[&terms]).await;
    mismatches(&shop, &["A1"]).await;
    let failed = TryFailed { why: "the address is unknown".to_owned(), for_good: true, pause: None };
    stand.refuses.lock().expect("no panic").push_back(failed);
    pass(&shop, &outbox, shop.now() + Duration::seconds(3)).await;
    pass(&shop, &outbox, shop.now() + days(1)).await;
    assert_eq!(stand.titles().len(), 1);
}

#[tokio::test]
async fn a_critical_alert_is_told_again_until_it_is_acknowledged() {
    let shop = shop().await;
    let (mail, quiet) = (alerts("mail", Severity::Notice), alerts("quiet", Severity::Critical));
    let (outbox, stand) = outbox(&mail);
    take(&shop, &[&mail, &quiet]).await;
    let raised_at = shop.now().timestamp_millis();
    shop.sql.does(&format!(
        "INSERT INTO alerts (kind, severity, merchant_id, message, raised_at) VALUES ('gateway_down', 'critical', '3002607', 'w', {raised_at})"
    ));
    let start = shop.now() + Duration::seconds(3);
    let repeat = |now| RepeatCritical { every: days(1), now };
    pass(&shop, &outbox, start).await;
    assert_eq!(shop.ledger().write(repeat(start + Duration::hours(23))).await.expect("the ledger"), 0);
    assert_eq!(shop.ledger().write(repeat(start + days(1))).await.expect("the ledger"), 2, "through both");
    pass(&shop, &outbox, start + days(1) + minutes(1)).await;
    assert_eq!(stand.titles()[1], "critical: no answer from ECPay, merchant 3002607, not acknowledged");

    let alert_id = shop.sql.value("SELECT id FROM open_alerts", ());
    shop.ledger().write(Ack { alert_id, by: "Lin".to_owned(), now: shop.now() }).await.expect("the ledger");
    assert_eq!(shop.ledger().write(repeat(start + days(3))).await.expect("the ledger"), 0);
}

#[tokio::test]
async fn what_has_closed_is_told_where_its_raising_was_and_what_came_and_went_in_one_line() {
    let shop = shop().await;
    let (mail, loud) = (alerts("mail", Severity::Notice), alerts("loud", Severity::Critical));
    let ((by_mail, mailed), (by_loud, heard)) = (outbox(&mail), outbox(&loud));
    take(&shop, &[&mail, &loud]).await;
    shop.sql.does(
        "INSERT INTO alerts (kind, severity, merchant_id, message, raised_at) VALUES ('clock_skew', 'warning', '3002607', 'apart', 1785729600000);
         UPDATE alerts SET closed_at = 1785729660000;
         INSERT INTO alerts (kind, severity, merchant_id, message, raised_at) VALUES ('external_change', 'warning', '3002607', 'by hand', 1785729600000)",
    );
    pass(&shop, &by_mail, shop.now()).await;
    pass(&shop, &by_loud, shop.now()).await;
    assert_eq!(
        mailed.take()[0].text.lines().collect::<Vec<_>>(),
        [
            "warning: changed at ECPay, merchant 3002607: by hand",
            "→ compare with ECPay's dashboard, see that nobody refunds in two places, then acknowledge it (ecpayd alerts ack 2)",
            "over: clocks differ, merchant 3002607; it was open since 2026-08-03 12:00:00: apart",
        ]
    );
    assert!(heard.titles().is_empty(), "neither the warning nor its end");
    // An event that was put away long after somebody had seen it is no news.
    shop.sql.does("UPDATE alerts SET closed_at = 1788408000000 WHERE kind = 'external_change'");
    pass(&shop, &by_mail, shop.now() + days(40)).await;
    assert!(mailed.titles().is_empty());
}

#[tokio::test]
async fn a_channel_speaks_the_language_of_its_settings() {
    let shop = shop().await;
    let mail = alerts("mail", Severity::Notice);
    let (outbox, stand) = outbox(&mail);
    let outbox = Outbox { language: Language::Chinese, ..outbox };
    take(&shop, &[&mail]).await;
    mismatches(&shop, &["A1"]).await;
    pass(&shop, &outbox, shop.now() + Duration::seconds(3)).await;
    let got = stand.take();
    assert_eq!(got[0].title, "警告：金額不符，訂單 A1");
    let first = got[0].text.lines().next().unwrap_or_default();
    assert_eq!(first, "警告：金額不符，訂單 A1：商店預期 NT$999，綠界是 NT$1000：不關帳");
    assert!(got[0].json["alerts"][0]["message"].as_str().is_some_and(|text| text.starts_with("the shop expects")));
}

#[tokio::test]
async fn a_shop_hears_what_ends_for_an_order_once_each_and_in_order() {
    let mut shop = shop().await;
    let terms = ChannelTerms { told: Told::Events(Vec::new()), ..alerts("shop", Severity::Notice) };
    let refunds = ChannelTerms {
        told: Told::Events(vec![ShopEvent::RefundDone, ShopEvent::RefundRejected]),
        ..alerts("refunds", Severity::Notice)
    };
    let ((to_shop, shop_got), (of_refunds, refunds_got)) = (outbox(&terms), outbox(&refunds));
    take(&shop, &[&terms, &refunds]).await;
    for no in ["A1", "A2"] {
        shop.sold(MERCHANT, no, Kind::Card, 1000, shop.now(), Paid::Yes);
        let order = AddOrder { merchant: MERCHANT, no, capture: Some("now"), ..AddOrder::default() };
        shop.sql.order(&order).expect("an order");
        shop.settle().await;
        shop.run_for(days(2)).await;
    }
    shop.sql.add_refund("A1", Some(300), "k1");
    shop.settle().await;
    shop.run_for(minutes(5)).await;

    // The first is refused: what follows for A1 waits for it, and so does the rest of the channel.
    shop_got.refuse(1);
    let now = shop.now();
    pass(&shop, &to_shop, now).await;
    assert_eq!(shop_got.titles(), ["captured: order A1"]);
    pass(&shop, &to_shop, now + Duration::seconds(30)).await;
    let got = shop_got.take();
    let titles: Vec<&str> = got.iter().map(|message| message.title.as_str()).collect();
    assert_eq!(titles, ["captured: order A1", "captured: order A1", "captured: order A2", "refund done: order A1"]);
    assert_eq!(got[0].id, got[1].id);
    assert_eq!(got[3].json["type"], "refund_done");
    assert_eq!(got[3].json["refund"]["request_key"], "k1");
    assert_eq!(got[3].json["refund"]["refunded_amount"], 300);
    pass(&shop, &of_refunds, now).await;
    assert_eq!(refunds_got.titles(), ["refund done: order A1"]);
}

/// The engine's ledger and clock, for one pass.
struct Here {
    engine: Arc<Shared>,
}

impl House for Here {
    fn ledger(&self) -> &Ledger {
        &self.engine.ledger
    }

    fn now(&self) -> DateTime<Utc> {
        self.engine.clock.now()
    }

    fn raised(&self, _: &Raised) {}
}

fn house(shop: &Shop) -> Here {
    Here { engine: shop.engine().shared().clone() }
}

#[tokio::test]
async fn the_digest_tells_what_came_what_went_what_is_next_and_the_money_of_the_day_before() {
    let mut shop = shop().await;
    let mail = alerts("mail", Severity::Critical);
    let (outbox, stand) = outbox(&mail);
    take(&shop, &[&mail]).await;
    shop.run_for(days(1)).await;
    for no in ["A1", "A2", "A3"] {
        shop.sold(MERCHANT, no, Kind::Card, 1000, shop.now(), Paid::Yes);
        let capture = if no == "A3" { "hold" } else { "now" };
        let order =
            AddOrder { merchant: MERCHANT, no, capture: Some(capture), at: Some(shop.now()), ..AddOrder::default() };
        shop.sql.order(&order).expect("an order");
    }
    shop.settle().await;
    shop.run_for(minutes(5)).await;
    for (no, amount, key) in [("A1", Some(300), "k1"), ("A3", None, "k3")] {
        let refund = AddRefund { merchant: MERCHANT, no, amount, key, at: Some(shop.now()), ..AddRefund::default() };
        shop.sql.refund(&refund).expect("a refund");
    }
    shop.run_until(at("2026-08-05 09:00:00")).await;
    mismatches(&shop, &["B1"]).await;
    shop.sql.does("INSERT INTO pauses (merchant_id, action, at, by) SELECT merchant_id, action, 1785895200000, 'Lin' FROM merchants, (SELECT 'capture' AS action UNION ALL SELECT 'refund')");

    shop.sql.does(
        r#"INSERT INTO alerts (kind, severity, merchant_id, message, reason, raised_at)
           SELECT 'statement_differs', 'warning', merchant_id, 'x', '{"code":"statement_differs","orders":3}', 0 FROM merchants LIMIT 1"#,
    );

    let times = Times { digest: NaiveTime::from_hms_opt(9, 5, 0), repeat_critical: days(1), deadline_days: 21 };
    let deliveries = Deliveries::new(vec![outbox], times);
    shop.run_until(at("2026-08-05 09:04:00")).await;
    deliveries.pass(&house(&shop)).await.expect("the ledger");
    assert!(stand.titles().is_empty(), "not before its time");
    shop.sleep_until(at("2026-08-05 09:06:00"));
    for _ in 0..2 {
        deliveries.pass(&house(&shop)).await.expect("the ledger");
    }

    let got = stand.take();
    assert_eq!(got.len(), 1, "once a day: {got:?}");
    assert_eq!(got[0].title, "2026-08-05: 1 raised, 0 closed, 2 open");
    assert_eq!(
        got[0].text.lines().collect::<Vec<_>>(),
        [
            "warning: amounts differ, order B1: the shop expects NT$999, the gateway holds NT$1000: not captured",
            "captures and refunds of merchant 3002607 paused by Lin since 2026-08-05 10:00:00",
            "to be captured within seven days: 0 orders, NT$0",
            "captured yesterday: 2 orders, NT$2000",
            "refunded yesterday: 1 refunds, NT$300",
            "voided yesterday: 1 orders, NT$1000",
            "differing from ECPay's statements: 3 orders; ecpayd reconcile names them",
        ]
    );
    assert_eq!(got[0].json["refunded_yesterday"]["amount"], 300);
    assert_eq!(got[0].json["statement_differences"], 3);
}
