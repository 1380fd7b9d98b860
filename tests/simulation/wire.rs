//! From the engine to the bank without a socket: a network that fails, people who meddle
//! while a call is on its way, and the places where the process may die.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Duration, Timelike, Utc};
use ecpayd::domain::calendar::taipei;
use ecpayd::domain::ids::MerchantTradeNo;
use ecpayd::engine::Clock as _;
use ecpayd::gateway::transport::{HttpAnswer, Posted, Purpose, Transport, TransportError};
use ecpayd::rehearsal::Direct;
use ecpayd::simulator::{Call, Fault, FaultKind};
use fastrand::Rng;

use crate::actors::{self, Habits, RATE_LIMITED, Struck, What, merchant_of, number};
use crate::forms::{self, Unanswered};
use crate::hands::Hands;
use crate::oddity::{self, Oddity};
use crate::reaper::{MortalClock, Place};
use crate::vouchers;

/// A plan older than this is not acted on.
const FRESH: Duration = Duration::seconds(60);

/// `gateway.cooldown`.
const SILENCE: Duration = Duration::minutes(30);

pub struct Wire {
    direct: Direct,
    hands: Arc<Hands>,
    clock: Arc<MortalClock>,
    pub faulty_looks: u32,
    faulty_money: u32,
    late_effects: bool,
    state: Mutex<State>,
}

pub struct State {
    rng: Rng,
    /// The order that is worked on, where only one is at a time.
    pub order: Option<usize>,
    /// And its row in the ledger: a subscription has one for each charge.
    pub row: i64,
    pub unreachable: HashMap<usize, DateTime<Utc>>,
    /// After 403 a service of ECPay wants no call for half an hour, whatever becomes of the process:
    /// by merchant, and whether it is the voucher service.
    silent: HashMap<(usize, bool), DateTime<Utc>>,
    /// Asked for in the step that is under way: a process that dies in it does not know of them.
    asked_for_silence: Vec<((usize, bool), DateTime<Utc>)>,
    /// The last good answer of each merchant and call, and for which row, to be delivered to somebody else.
    answers: HashMap<(usize, &'static str), (i64, HttpAnswer)>,
    /// The first good answer about each order's vouchers.
    first: HashMap<(usize, &'static str), Vec<u8>>,
    /// When it was last seen where an order's capture stands.
    pub looked: HashMap<usize, DateTime<Utc>>,
    unanswered: Unanswered,
    /// Orders whose shop may soon hear of a refusal that is none.
    pub refused: Vec<usize>,
    pub calls: u64,
    pub money_calls: u64,
    pub faults: BTreeMap<&'static str, u64>,
    /// What no engine of ours may do.
    pub wrong: Vec<String>,
}

impl Wire {
    pub fn new(direct: Direct, hands: Arc<Hands>, clock: Arc<MortalClock>, habits: &Habits, seed: u64) -> Self {
        let state = State {
            rng: Rng::with_seed(seed),
            order: None,
            row: 0,
            unreachable: HashMap::new(),
            silent: HashMap::new(),
            asked_for_silence: Vec::new(),
            answers: HashMap::new(),
            first: HashMap::new(),
            looked: HashMap::new(),
            unanswered: Unanswered::default(),
            refused: Vec::new(),
            calls: 0,
            money_calls: 0,
            faults: BTreeMap::new(),
            wrong: Vec::new(),
        };
        let (faulty_looks, faulty_money) = (habits.faulty_looks, habits.faulty_money);
        let late_effects = habits.odd.has(Oddity::LateEffects);
        Self { direct, hands, clock, faulty_looks, faulty_money, late_effects, state: Mutex::new(state) }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn works_on(&self, order: usize, row: i64) {
        let mut state = self.state();
        (state.order, state.row) = (Some(order), row);
    }

    /// Strikes this call with a fault, now and then. An error: it does not get out.
    fn trouble(&self, call: Call, now: DateTime<Utc>) -> Result<(), TransportError> {
        let money = call.is_action();
        let mut state = self.state();
        state.calls += 1;
        state.money_calls += u64::from(money);
        let order = state.order;
        let merchant = order.map(merchant_of);
        if merchant.is_some_and(|m| state.unreachable.get(&m).is_some_and(|until| now < *until)) {
            *state.faults.entry("unreachable").or_default() += 1;
            return Err(TransportError::NotSent("connection refused".to_owned()));
        }
        let rate = if money { self.faulty_money } else { self.faulty_looks };
        let limited = rate > 0 && merchant == Some(RATE_LIMITED) && state.rng.u32(0..1000) < 3;
        let (word, kind) = if limited {
            ("403", FaultKind::Forbidden)
        } else if money && self.late_effects && state.rng.u32(0..100) < 15 {
            state.refused.extend(order);
            ("effect later", oddity::late_effect(&mut state.rng))
        } else if call == Call::FormAction && state.rng.u32(0..12_000) < rate {
            forms::fault(&mut state.rng)
        } else if state.rng.u32(0..10_000) < rate {
            let look = if call.is_voucher() { Struck::Vouchers } else { Struck::Look };
            actors::fault(&mut state.rng, if money { Struck::Money } else { look })
        } else {
            return Ok(());
        };
        *state.faults.entry(word).or_default() += 1;
        drop(state);
        let card = order.filter(|_| !call.is_voucher());
        let merchant_trade_no = card.and_then(|order| MerchantTradeNo::parse(&number(order)).ok());
        let vouchers = order.filter(|_| call.is_voucher()).and_then(vouchers::number);
        let voucher_no = vouchers.map(|no| no.as_str().to_owned());
        self.direct.bank.strike(Fault { merchant_trade_no, voucher_no, ..Fault::any(kind) });
        Ok(())
    }

    /// A step has ended, and what it heard is written down, unless its process has died.
    pub fn step_ended(&self, died: bool) {
        let mut state = self.state();
        let asked = std::mem::take(&mut state.asked_for_silence);
        if !died {
            state.silent.extend(asked);
        }
    }

    pub fn forget_silence(&self) {
        self.state().silent.clear();
    }

    /// The invariants that can be told at the wire.
    fn watch(&self, call: Call, body: &[u8], now: DateTime<Utc>) {
        let mut state = self.state();
        let Some(order) = state.order else { return };
        if state.silent.get(&(merchant_of(order), call.is_voucher())).is_some_and(|until| now < *until) {
            state.wrong.push(format!("{} was asked about at {now}, within half an hour after a 403", number(order)));
        }
        if !call.is_action() {
            return;
        }
        if call == Call::FormAction && self.clock.ahead().is_zero() {
            let wrong = self.hands.bank.with_bank(|bank, _| state.unanswered.watch(order, body, now, bank));
            state.wrong.extend(wrong);
        }
        let at = taipei(now);
        let minute = at.hour() * 60 + at.minute();
        if (20 * 60 + 13..20 * 60 + 32).contains(&minute) {
            state.wrong.push(format!("{} was sent inside the closing window or its guard, at {at}", number(order)));
        }
        match state.looked.get(&order).copied() {
            Some(looked) if now - looked <= FRESH => {}
            looked => state.wrong.push(format!("{} was acted on at {now}, last looked at {looked:?}", number(order))),
        }
    }

    /// Now and then the answer to somebody else's call comes instead of one's own.
    fn exchanged(&self, order: Option<usize>, call: Call, answer: HttpAnswer) -> HttpAnswer {
        let mut state = self.state();
        let (Some(order), true) = (order, self.faulty_looks > 0) else { return answer };
        if state.rng.u32(0..1000) >= 5 {
            return answer;
        }
        match state.answers.get(&(merchant_of(order), call.path())) {
            Some((other, theirs)) if *other != state.row => {
                let theirs = HttpAnswer { status: theirs.status, date_s: None, body: theirs.body.clone() };
                *state.faults.entry("another order's answer").or_default() += 1;
                theirs
            }
            _ => answer,
        }
    }

    /// Now and then the data of an older answer stand under the checksum of the true one.
    fn forged(&self, order: Option<usize>, call: Call, answer: HttpAnswer) -> HttpAnswer {
        let mut state = self.state();
        let (Some(order), true) = (order, self.faulty_looks > 0) else { return answer };
        if call == Call::QueryTradeInfo && answer.status == 200 && state.rng.u32(0..1000) < 40 {
            let Some(body) = forms::forged(&mut state.rng, &answer.body) else { return answer };
            *state.faults.entry("forged").or_default() += 1;
            return HttpAnswer { status: answer.status, date_s: answer.date_s, body };
        }
        if !call.is_voucher() {
            return answer;
        }
        if answer.status != 200 || state.rng.u32(0..1000) >= 100 {
            return answer;
        }
        let older = state.first.get(&(order, call.path())).cloned();
        let read = |body: &[u8]| serde_json::from_slice::<serde_json::Value>(body).ok();
        let (Some(mut forged), Some(older)) = (read(&answer.body), older.as_deref().and_then(read)) else {
            return answer;
        };
        if forged["CheckMacValue"].is_null() || forged["Data"] == older["Data"] {
            return answer;
        }
        forged["Data"] = older["Data"].clone();
        *state.faults.entry("forged").or_default() += 1;
        HttpAnswer { status: answer.status, date_s: None, body: forged.to_string().into_bytes() }
    }

    /// A customer to whom nothing is said wants the money back, now and then.
    fn heard_of(&self, order: usize, body: &[u8], answer: &Result<HttpAnswer, TransportError>, sent: DateTime<Utc>) {
        let mut state = self.state();
        let silent = state.unanswered.note(order, body, answer, sent);
        if silent && state.rng.u32(0..6) == 0 && !self.hands.is_the_last_day(sent) {
            drop(state);
            self.hands.apply(What::Refund { order, amount: None }, self.clock.time.now());
        }
    }

    fn remember(&self, order: usize, call: Call, answer: &HttpAnswer, sent: DateTime<Utc>) {
        let mut state = self.state();
        let merchant = merchant_of(order);
        if answer.status == 403 {
            state.asked_for_silence.push(((merchant, call.is_voucher()), self.clock.time.now() + SILENCE));
        }
        if answer.status != 200 {
            return;
        }
        if call.is_voucher() {
            state.first.entry((order, call.path())).or_insert_with(|| answer.body.clone());
        }
        let kept = HttpAnswer { status: 200, date_s: None, body: answer.body.clone() };
        let row = state.row;
        state.answers.insert((merchant, call.path()), (row, kept));
        if call.is_card_detail() {
            state.looked.insert(order, sent);
        }
    }
}

impl Transport for Wire {
    fn post<'a>(&'a self, url: &'a str, body: Vec<u8>, purpose: Purpose) -> Posted<'a> {
        Box::pin(async move {
            let money = purpose == Purpose::Money;
            let call = Call::of_url(url).expect("a call of the gateway");
            let order = self.state().order;
            self.clock.reaper.pass(if money { Place::BeforeMoney } else { Place::BeforeLook });
            let sent = self.clock.time.now();
            self.watch(call, &body, sent);
            self.hands.meddle(money, order, sent);
            self.trouble(call, sent)?;
            let (answer, delivery) = self.direct.exchange(call, &body);
            let answer = self.exchanged(order, call, answer);
            let answer = self.forged(order, call, answer);
            let answer = self.direct.deliver(answer, delivery);
            if let (Some(order), Call::FormAction) = (order, call) {
                self.heard_of(order, &body, &answer, sent);
            }
            if let (Some(order), Ok(answer)) = (order, &answer) {
                self.remember(order, call, answer, sent);
            }
            self.hands.meddle(money, order, self.clock.time.now());
            self.clock.reaper.pass(if money { Place::AfterMoney } else { Place::AfterLook });
            answer
        })
    }
}
