//! The wire between engine and simulator: counts what leaves, kills the daemon on it, lies once.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ecpayd::domain::action::Action;
use ecpayd::gateway::transport::{HttpAnswer, HttpTransport, Posted, Purpose, Transport, TransportError};
use ecpayd::gateway::wire::checksum;
use ecpayd::gateway::wire::cipher::Keys;
use ecpayd::gateway::wire::envelope::{AnswerEnvelope, RequestEnvelope, RpHeader};
use ecpayd::gateway::wire::urlencode;
use serde_json::{Value, json};
use tokio::sync::Notify;

/// Where on the wire the daemon dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// The request does not leave.
    BeforeSending,
    /// The gateway has acted; the answer is never read.
    BeforeReading,
}

/// A money call that left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub no: String,
    pub action: Action,
    pub amount: i64,
    pub stamp_s: i64,
}

/// What becomes of the payload of a card detail on its way.
pub type Bend = fn(&mut Value);

/// A state that is not in the table.
pub fn settling(data: &mut Value) {
    data["RtnValue"]["Status"] = "Settling".into();
    for row in data["CloseData"].as_array_mut().into_iter().flatten() {
        row["Status"] = "Settling".into();
    }
}

/// An answer that is the order's own and cannot be read.
pub fn without_its_time(data: &mut Value) {
    data["RtnValue"]["AuthTime"] = "".into();
}

#[derive(Default)]
struct Script {
    posts: usize,
    death: Option<(usize, Death)>,
    lie: Option<Action>,
    bend: Option<Bend>,
    without_time: bool,
    hold: bool,
    unplugged: bool,
    forbidden: bool,
    in_spite_of_403: usize,
    sent: Vec<Sent>,
    asked: Vec<String>,
    then: Option<(Action, Box<dyn FnOnce() + Send>)>,
}

pub struct Wire {
    inner: HttpTransport,
    keys: Keys,
    script: Mutex<Script>,
    died: Notify,
    held: Notify,
    released: Notify,
}

impl Wire {
    /// `keys` are those of the merchant that the tests act for.
    pub fn new(keys: Keys) -> Self {
        // A lost answer costs this much real time at most.
        let inner = HttpTransport::new(Duration::from_secs(5)).expect("a client");
        Self {
            inner,
            keys,
            script: Mutex::default(),
            died: Notify::new(),
            held: Notify::new(),
            released: Notify::new(),
        }
    }

    fn script(&self) -> std::sync::MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The `nth` request from now, counted from 1, is the last one of this daemon.
    pub fn die_at(&self, nth: usize, death: Death) {
        let mut script = self.script();
        script.death = Some((script.posts + nth, death));
    }

    /// Returns when the daemon has reached its death. The death is used up.
    pub async fn died(&self) {
        self.died.notified().await;
        self.script().death = None;
    }

    /// The next call for this action is answered with success and never reaches the gateway.
    pub fn lie_once(&self, action: Action) {
        self.script().lie = Some(action);
    }

    /// Something happens as soon as the next call for this action has been answered.
    pub fn once_answered(&self, action: Action, then: impl FnOnce() + Send + 'static) {
        self.script().then = Some((action, Box::new(then)));
    }

    /// From now on every card detail comes bent.
    pub fn bend(&self, bend: Option<Bend>) {
        self.script().bend = bend;
    }

    /// The answer to the next card detail is kept back until it is released.
    pub fn hold_next_look(&self) {
        self.script().hold = true;
    }

    /// Ends as soon as an answer is kept back.
    pub async fn held(&self) {
        self.held.notified().await;
    }

    pub fn release(&self) {
        self.released.notify_one();
    }

    /// Answers tell no time while it is so.
    pub fn without_time(&self, without_time: bool) {
        self.script().without_time = without_time;
    }

    /// Nothing reaches the gateway while it is unplugged: connections are refused.
    pub fn unplug(&self, unplugged: bool) {
        self.script().unplugged = unplugged;
    }

    /// Whether the death that was told is still ahead.
    pub fn lives(&self) -> bool {
        self.script().death.is_some()
    }

    /// Requests that left after a 403 had come in.
    pub fn in_spite_of_403(&self) -> usize {
        self.script().in_spite_of_403
    }

    /// Requests of any kind so far.
    pub fn posts(&self) -> usize {
        self.script().posts
    }

    /// Money calls so far, those that died before sending left out.
    pub fn sent(&self) -> Vec<Sent> {
        self.script().sent.clone()
    }

    /// The orders that card calls of any kind were for, one after the other.
    pub fn asked(&self) -> Vec<String> {
        self.script().asked.clone()
    }

    /// What is asked, and the stamp of the request where it has one.
    fn open(&self, body: &[u8]) -> Option<(i64, Value)> {
        if body.first() != Some(&b'{') {
            return Some((0, form(body)?));
        }
        let envelope: RequestEnvelope = serde_json::from_slice(body).ok()?;
        let data = serde_json::from_str(&self.keys.open(&envelope.data).ok()?).ok()?;
        Some((envelope.rq_header.timestamp, data))
    }

    fn read(&self, body: &[u8]) -> Option<(Sent, Value)> {
        let (stamp_s, data) = self.open(body)?;
        let amount = &data["TotalAmount"];
        let sent = Sent {
            no: data["MerchantTradeNo"].as_str()?.to_owned(),
            action: Action::parse(data["Action"].as_str()?)?,
            amount: amount.as_i64().or_else(|| amount.as_str()?.parse().ok())?,
            stamp_s,
        };
        Some((sent, data))
    }

    fn bent(&self, url: &str, mut answer: HttpAnswer) -> HttpAnswer {
        if self.script().without_time {
            let mut envelope: Value = serde_json::from_slice(&answer.body).expect("an answer");
            envelope["RpHeader"] = json!({});
            answer = HttpAnswer { date_s: None, body: envelope.to_string().into_bytes(), ..answer };
        }
        let Some(bend) = self.script().bend.filter(|_| url.ends_with("CreditDetail/QueryTrade")) else { return answer };
        let mut envelope: AnswerEnvelope = serde_json::from_slice(&answer.body).expect("an answer");
        let mut data: Value = serde_json::from_str(&self.keys.open(&envelope.data).expect("sealed")).expect("json");
        bend(&mut data);
        envelope.data = self.keys.seal(&data.to_string());
        HttpAnswer { status: answer.status, date_s: None, body: serde_json::to_vec(&envelope).expect("plain data") }
    }

    fn answer_with_a_lie(&self, sent: &Sent, data: &Value) -> HttpAnswer {
        let said = json!({ "RtnCode": 1, "RtnMsg": "Success", "MerchantID": data["MerchantID"],
            "MerchantTradeNo": data["MerchantTradeNo"], "TradeNo": data["TradeNo"] });
        let envelope = AnswerEnvelope {
            platform_id: None,
            check_mac_value: None,
            merchant_id: data["MerchantID"].as_str().unwrap_or_default().to_owned(),
            rp_header: RpHeader { timestamp: Some(sent.stamp_s) },
            trans_code: 1,
            trans_msg: "Success".to_owned(),
            data: self.keys.seal(&said.to_string()),
        };
        HttpAnswer { status: 200, date_s: None, body: serde_json::to_vec(&envelope).expect("plain data") }
    }
}

/// The fields of a form, by their names.
fn form(body: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(body).ok()?;
    let value = |text: &str| Some(Value::String(urlencode::decode(text).ok()?));
    let fields = checksum::form::fields(text).map(|(name, text)| Some((name.to_owned(), value(text)?)));
    fields.collect::<Option<_>>().map(Value::Object)
}

impl Transport for Wire {
    fn post<'a>(&'a self, url: &'a str, body: Vec<u8>, purpose: Purpose) -> Posted<'a> {
        Box::pin(async move {
            let call = (purpose == Purpose::Money).then(|| self.read(&body)).flatten();
            let asked = self.open(&body).and_then(|(_, data)| Some(data["MerchantTradeNo"].as_str()?.to_owned()));
            let (death, lie, then) = {
                let mut script = self.script();
                if script.unplugged {
                    return Err(TransportError::NotSent("connection refused".to_owned()));
                }
                script.posts += 1;
                script.asked.extend(asked);
                script.in_spite_of_403 += usize::from(script.forbidden);
                let death = script.death.filter(|(at, _)| *at == script.posts).map(|(_, death)| death);
                if let Some((sent, _)) = call.as_ref().filter(|_| death != Some(Death::BeforeSending)) {
                    script.sent.push(sent.clone());
                }
                let acted = call.as_ref().map(|(sent, _)| sent.action);
                let then = script.then.take_if(|(action, _)| Some(*action) == acted).map(|(_, then)| then);
                let lie = call.filter(|(sent, _)| script.lie == Some(sent.action));
                if lie.is_some() {
                    script.lie = None;
                }
                (death, lie, then)
            };
            if let Some((sent, data)) = lie {
                return Ok(self.answer_with_a_lie(&sent, &data));
            }
            let answer = match death {
                Some(Death::BeforeSending) => None,
                _ => Some(self.inner.post(url, body, purpose).await),
            };
            if answer.as_ref().is_some_and(|a| a.as_ref().is_ok_and(|a| a.status == 403)) {
                self.script().forbidden = true;
            }
            if let Some(then) = then {
                then();
            }
            if url.ends_with("CreditDetail/QueryTrade") && std::mem::take(&mut self.script().hold) {
                self.held.notify_one();
                self.released.notified().await;
            }
            if death.is_some() {
                self.died.notify_one();
                std::future::pending::<()>().await;
            }
            answer.expect("only the dead do not send").map(|answer| self.bent(url, answer))
        })
    }
}
