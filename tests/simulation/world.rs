//! The stage: bank, ledger, engine and the shops' own connection, under one virtual clock.

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration as StdDuration;

use chrono::{DateTime, Duration, TimeZone, Utc};
use ecpayd::daemon;
use ecpayd::domain::ids::MerchantId;
use ecpayd::domain::policy::Policy;
use ecpayd::engine::{Clock as _, Engine};
use ecpayd::ledger::{ClockSeen, Ledger, LedgerError, Pause, Resolve, Resume, SumDays};
use ecpayd::rehearsal::{Merchant, Rehearsal, Setup};
use ecpayd::simulator::SimHandle;
use ecpayd::simulator::bank::{Dialect, Terms};
use fastrand::Rng;
use tempfile::TempDir;

use crate::actors::{self, AUTO_CLOSING, Event, Habits, MERCHANTS, What, merchant_of};
use crate::books::{self, AlertBook, Lost};
use crate::checks;
use crate::due::Due;
use crate::forms::{A_PERSON_WAITS, Sells};
use crate::hands::Hands;
use crate::ledger::LedgerHandle;
use crate::obligations::{self, Mornings};
use crate::oddity::{Odd, Oddity, Paused, Strange};
use crate::reaper::{MortalClock, Reaper};
use crate::story::Story;
use crate::subscriptions;
use crate::vouchers::{self, order_of};
use crate::wire::Wire;

/// How the engine is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drive {
    /// One order at a time, so that a seed plays the same run to the letter.
    InTurn,
    /// As the daemon does, all merchants and several orders at once; which call comes first is
    /// left to the machine, and so is the instant at which a process dies.
    Together,
}

/// What is played.
#[derive(Clone, Debug)]
pub struct Play {
    pub seed: u64,
    pub orders: usize,
    pub drive: Drive,
    pub oddities: Vec<Oddity>,
    /// Of a hundred worlds, so many have each of them.
    pub often: u32,
    /// Whether each morning every unfinished obligation has to have its alert.
    pub by_age: bool,
}

impl Play {
    pub fn usual(seed: u64, orders: usize, drive: Drive) -> Self {
        let (oddities, often, by_age) = (Oddity::USUAL.to_vec(), Oddity::OFTEN, obligations::USUAL);
        Self { seed, orders, drive, oddities, often, by_age }
    }
}

/// Shops, bank, network and the daemon between them.
pub struct World {
    pub orders: usize,
    pub now: DateTime<Utc>,
    pub story: Story,
    pub policy: Policy,
    pub sells: [Sells; MERCHANTS.len()],
    pub hands: Arc<Hands>,
    pub wire: Arc<Wire>,
    pub engine: Option<Engine>,
    /// Calls that the ledger knew of before it was restored.
    pub lost: Vec<Lost>,
    /// Alerts of then, by the number of their order: they were told.
    pub told_then: Vec<(String, AlertBook)>,
    /// Which merchant was not in the settings, from when until when.
    pub was_missing: Vec<(usize, DateTime<Utc>, Option<DateTime<Utc>>)>,
    /// Orders whose capture the shop steered itself.
    pub steered: HashSet<usize>,
    /// Orders that the bank answered oddly about.
    pub odd_ones: HashSet<usize>,
    /// Of these, those that it does so about till the end.
    pub in_trouble: HashSet<usize>,
    pub odd: Odd,
    pub morning: Mornings,
    drive: Drive,
    rng: Rng,
    mortality: u32,
    pub stage: Rehearsal,
    pub clock: Arc<MortalClock>,
    /// A process that died or was stopped is started again then.
    down_until: Option<DateTime<Utc>>,
    /// Passes at this very time: an order that never comes to rest.
    passes: (DateTime<Utc>, usize),
    /// The order whose step is next, as long as nobody has written since it was asked for.
    due: Option<Due>,
    /// All that could be done has been done.
    rests: bool,
    /// Who is paused, as the shops want it.
    paused: [Option<Paused>; MERCHANTS.len()],
    /// When the loop looks at its clock next, after somebody has set it.
    tick_at: Option<DateTime<Utc>>,
    _dir: TempDir,
}

/// Plays a whole run and compares its books. The story, or every difference in words.
pub async fn play(play: &Play) -> Result<Story, Vec<String>> {
    let mut rng = Rng::with_seed(play.seed);
    // 2026-12-01 00:00 in Taipei: the triggers' own clock is behind it.
    let start = Utc.with_ymd_and_hms(2026, 11, 30, 16, 0, 0).single().expect("a time");
    let mut world = World::open(&mut rng, start, play).await;
    let mut events = actors::events(&mut rng, &world.odd, start, play.orders);
    let end = start + Duration::days(actors::RUN_DAYS);
    let mut morning = start + Duration::hours(9);
    // A process that died towards the end still does all that was due meanwhile.
    while let Some(next) = world.next(&events, morning).await
        && (next < end || next <= world.now || world.down_until.is_some())
    {
        world.now = next.max(world.now);
        world.clock.time.advance_to(world.now);
        while let Some(event) = events.pop_if(|e| e.at <= world.now) {
            world.apply(event).await;
        }
        if world.down_until.is_some_and(|until| until <= world.now) {
            world.start().await;
        }
        if world.tick_at.is_some_and(|at| at <= world.now) {
            world.tick().await;
        }
        if world.now >= morning {
            world.morning().await;
            morning += Duration::days(1);
        }
        if world.engine.is_some() {
            world.work().await;
            world.now = world.now.max(world.clock.time.now());
        }
    }
    world.now = world.now.max(end);
    world.clock.time.advance_to(world.now);
    checks::all(world)
}

impl World {
    async fn open(rng: &mut Rng, start: DateTime<Utc>, play: &Play) -> Self {
        let Play { orders, drive, .. } = *play;
        let odd = Odd::draw(rng, &play.oddities, play.often, orders);
        let habits = Habits::draw(rng, odd.clone());
        let dir = directory();
        let stage = stage(&dir, start, &habits, rng.bool(), play);
        draw_terms(rng, &stage.bank, habits.sells);
        let mortality = if drive == Drive::InTurn { habits.mortality } else { 0 };
        let reaper = Arc::new(Reaper::new(rng.u64(..), mortality));
        let clock = Arc::new(MortalClock::new(stage.clock.clone(), reaper));
        let ledger = &stage.settings.database_path;
        Ledger::open(ledger, start).await.expect("a new ledger").close().await;
        let shops = LedgerHandle::open(ledger);
        let quiet_from = start + Duration::days(actors::RUN_DAYS - 3);
        let hands = Arc::new(Hands::new(stage.bank.clone(), shops, rng.u64(..), quiet_from));
        let wire = Arc::new(Wire::new(stage.direct(), hands.clone(), clock.clone(), &habits, rng.u64(..)));
        let mut world = Self {
            orders,
            now: start,
            story: Story::default(),
            policy: habits.policy,
            sells: habits.sells,
            hands,
            wire,
            engine: None,
            lost: Vec::new(),
            told_then: Vec::new(),
            was_missing: Vec::new(),
            steered: HashSet::new(),
            odd_ones: HashSet::new(),
            in_trouble: HashSet::new(),
            odd,
            morning: Mornings::new(play.by_age),
            drive,
            rng: Rng::with_seed(rng.u64(..)),
            mortality: habits.mortality,
            stage,
            clock,
            down_until: None,
            passes: (start, 0),
            due: None,
            rests: false,
            paused: [None; MERCHANTS.len()],
            tick_at: None,
            _dir: dir,
        };
        world.start().await;
        world
    }

    /// When something happens next.
    async fn next(&mut self, events: &[Event], morning: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let due = match self.down_until {
            Some(until) => Some(until),
            None => {
                self.due = self.hands.shop().due().map(|due| Due { at: due.at - self.clock.ahead(), ..due });
                let due = self.due.as_ref().map(|due| due.at);
                // Due after all that could be done: its lane rests, and would be asked in a loop.
                if self.rests && due.is_some_and(|at| at <= self.now) {
                    Some(self.now + Duration::seconds(30))
                } else {
                    due
                }
            }
        };
        [events.last().map(|e| e.at), due, self.tick_at, Some(morning)].into_iter().flatten().min()
    }

    async fn apply(&mut self, event: Event) {
        self.due = None;
        self.rests = false;
        if let What::Odd(what @ (Strange::Clock { .. } | Strange::Pause { .. } | Strange::Missing { .. })) = &event.what
        {
            self.hands.shop().befell(what.word());
        }
        match event.what {
            What::Unreachable { merchant, minutes } => {
                self.wire.state().unreachable.insert(merchant, self.now + Duration::minutes(minutes));
            }
            What::Stop { minutes } => {
                if let Some(engine) = self.engine.take() {
                    release(engine, &self.stage.settings.database_path).await;
                    *self.story.deaths.entry("stopped in order".to_owned()).or_default() += 1;
                    self.down_until = Some(self.now + Duration::minutes(minutes));
                }
            }
            What::Copy => self.copy(),
            // The ledger would not take again what the copy lacks of a merchant that is missing.
            What::Restore { .. } if self.odd.has(Oddity::MissingMerchants) => {}
            What::Restore { minutes } => self.restore(minutes).await,
            What::Odd(Strange::Clock { ahead }) => {
                self.clock.set_ahead(ahead);
                // Whoever has set it cannot expect that what was asked for by the old time is kept.
                self.wire.forget_silence();
                self.tick_at = Some(self.now + Duration::minutes(1));
            }
            What::Odd(Strange::Pause { merchant, pause }) => {
                self.paused[merchant] = pause;
                self.set_pauses().await;
            }
            What::Odd(Strange::Missing { merchant }) => {
                if let Some(engine) = self.engine.take() {
                    release(engine, &self.stage.settings.database_path).await;
                }
                if let Some((_, _, back)) = self.was_missing.last_mut() {
                    back.get_or_insert(self.now);
                }
                self.was_missing.extend(merchant.map(|place| (place, self.now, None)));
                self.hands.shop().missing = merchant;
                self.down_until = Some(self.now);
            }
            what => self.hands.apply(what, event.at),
        }
    }

    fn copied(&self) -> PathBuf {
        self.stage.settings.database_path.with_extension("copy")
    }

    fn copy(&self) {
        self.hands.shop().ledger.copy(&self.copied());
    }

    /// As an operator does it: stop, put the file back, have the shops write again what is lost, start.
    async fn restore(&mut self, minutes: i64) {
        if let Some(engine) = self.engine.take() {
            release(engine, &self.stage.settings.database_path).await;
        }
        let mut shop = self.hands.shop();
        let (lost, followed) = (books::read(&shop.ledger), books::followed(&shop.ledger));
        shop.ledger.put_in_place(&self.copied());
        shop.write_again(&lost, self.now);
        shop.subscribe_again(&followed, self.now);
        // Silence that was asked for in the lost part is forgotten with it.
        self.wire.forget_silence();
        drop(shop);
        let followed = followed.into_iter().map(|row| (row.number, row.book));
        self.lost.extend(books::calls(lost.into_iter().chain(followed), &mut self.told_then));
        self.morning.restored();
        *self.story.deaths.entry("restored from a copy".to_owned()).or_default() += 1;
        self.down_until = Some(self.now + Duration::minutes(minutes));
    }

    /// The loop's own tick, which no clock that was set can keep from coming.
    async fn tick(&mut self) {
        self.tick_at = None;
        self.due = None;
        let Some(engine) = &self.engine else { return };
        let now = self.clock.now();
        engine.shared().ledger.write(ClockSeen { now, passed: true }).await.expect("the ledger");
    }

    /// As shops want it, also in a ledger that was restored since they said so.
    async fn set_pauses(&mut self) {
        self.due = None;
        let Some(engine) = &self.engine else { return };
        for (merchant, wanted) in self.paused.into_iter().enumerate() {
            let is_paused = "SELECT count(*) FROM pauses WHERE merchant_id = ?";
            let paused = self.hands.shop().ledger.value::<i64>(is_paused, [MERCHANTS[merchant]]) > 0;
            let merchant_id = MerchantId::parse(MERCHANTS[merchant]).ok();
            let (by, now) = ("the shop".to_owned(), self.now);
            let set = match (paused, wanted) {
                (false, Some(Paused { only, until })) if until.is_none_or(|until| until > now) => {
                    let pause = Pause { merchant_id, only, by, why: String::new(), until, now };
                    engine.shared().ledger.write(pause).await
                }
                (true, None) => engine.shared().ledger.write(Resume { merchant_id, only: None, by, now }).await,
                _ => continue,
            };
            set.expect("a merchant of the settings");
        }
    }

    /// What the daemon's timers do, and a person who looks at the reviews of the day.
    async fn morning(&mut self) {
        self.due = None;
        self.set_pauses().await;
        let Some(engine) = &self.engine else { return };
        engine.raise_stages().await.expect("the ledger");
        let sums = SumDays { at_least: self.rng.i64(1..30), at_most: self.rng.i64(1..60) };
        engine.shared().ledger.write(sums).await.expect("the ledger");
        obligations::look(self);
        subscriptions::in_the_morning(&self.hands, &self.sells, self.now);
        let Some(engine) = &self.engine else { return };
        let ledger = &engine.shared().ledger;
        let stale = self.odd.has(Oddity::StaleWords).then(|| Duration::hours([0, 48][self.rng.usize(0..2)]));
        let by_form = |no: &str| self.sells[merchant_of(order_of(no))] == Sells::ByForm;
        let waits = |no: &str| if by_form(no) { A_PERSON_WAITS } else { Duration::zero() };
        for (attempt_id, applied) in books::reviews(&self.hands, &self.lost, self.now, stale, waits) {
            if self.rng.bool() {
                let by = "the accountant".to_owned();
                let resolve = |applied| Resolve { attempt_id, applied, by: by.clone(), now: self.now };
                match ledger.write(resolve(applied)).await {
                    // What landed only after the question is not what was asked about: as the sentence says.
                    Err(LedgerError::Refused(why)) if applied && why.ends_with("settle it as not applied") => {
                        ledger.write(resolve(false)).await.expect("what the sentence says");
                    }
                    answered => {
                        answered.expect("an attempt in review");
                    }
                }
                self.story.resolved += 1;
            }
        }
    }

    /// Does what is due now.
    async fn work(&mut self) {
        let died = match self.drive {
            Drive::InTurn => self.work_in_turn().await,
            Drive::Together => self.work_together().await,
        };
        self.wire.step_ended(died.is_some());
        if self.odd.has(Oddity::StaleWords) {
            self.hands.confuse();
        }
        self.hands.ask_again(&mut self.wire.state().refused, self.now);
        if let Some(place) = died {
            *self.story.deaths.entry(place.to_owned()).or_default() += 1;
            release(self.engine.take().expect("it lived"), &self.stage.settings.database_path).await;
            // Most are started again at once, as systemd does.
            let minutes = if self.rng.u32(0..4) == 0 { self.rng.i64(1..180) } else { 0 };
            self.down_until = Some(self.now.max(self.clock.time.now()) + Duration::minutes(minutes));
        }
    }

    async fn work_in_turn(&mut self) -> Option<&'static str> {
        let due = match self.due.take() {
            None => self.hands.shop().due().map(|due| Due { at: due.at - self.clock.ahead(), ..due })?,
            Some(due) => due,
        };
        if due.at > self.now {
            return None;
        }
        self.count_passes(due.row);
        self.wire.works_on(due.order, due.row);
        let engine = self.engine.as_ref().expect("the daemon runs");
        let step = async {
            match due.is_voucher {
                true => engine.work_on_voucher(&due.merchant_id, due.row).await,
                false => engine.work_on(&due.merchant_id, due.row).await,
            }
        };
        match self.clock.reaper.live(step).await {
            Ok(done) => {
                done.expect("the ledger holds");
                None
            }
            Err(died) => Some(died),
        }
    }

    fn count_passes(&mut self, order_id: i64) {
        let (at, passes) = self.passes;
        self.passes = if at == self.now { (at, passes + 1) } else { (self.now, 1) };
        assert!(self.passes.1 < 50 + self.orders * 4, "row {order_id} never comes to rest at {at}");
    }

    async fn work_together(&mut self) -> Option<&'static str> {
        let engine = self.engine.as_ref().expect("the daemon runs");
        let dies = self.mortality > 0 && self.rng.u32(0..40) == 0;
        let instant = StdDuration::from_micros(if dies { self.rng.u64(1..4_000) } else { 3_600_000_000 });
        tokio::select! {
            () = tokio::time::sleep(instant) => Some("at any instant"),
            done = self.stage.settle(engine) => { done.expect("the ledger holds"); self.rests = true; None }
        }
    }

    async fn start(&mut self) {
        self.down_until = None;
        self.due = None;
        self.rests = false;
        let mut settings = self.stage.settings.clone();
        if let Some(missing) = self.hands.shop().missing {
            settings.merchants.remove(missing);
        }
        let opened = daemon::open(&settings, self.clock.clone(), self.wire.clone()).await;
        self.engine = Some(opened.expect("the ledger of a process that died"));
        self.set_pauses().await;
        let now = self.now;
        self.hands.enter_postponed(now);
        if let Some(engine) = &self.engine {
            engine.raise_stages().await.expect("the ledger");
        }
    }
}

/// Lets go of an engine as a process does that ends: what was written stays, the rest is gone.
async fn release(engine: Engine, ledger: &Path) {
    let weak = Arc::downgrade(engine.shared());
    drop(engine);
    while weak.strong_count() > 0 {
        tokio::task::yield_now().await;
    }
    // Its thread may still be at the last write.
    let lock = File::open(ledger.with_extension("db.lock")).expect("the lock of a ledger");
    lock.lock().expect("the lock, once the thread has ended");
}

/// The banks of the merchants differ, and so do their answers.
fn draw_terms(rng: &mut Rng, bank: &SimHandle, sells: [Sells; MERCHANTS.len()]) {
    for (id, sells) in MERCHANTS.into_iter().zip(sells) {
        let id = MerchantId::parse(id).expect("an id");
        let (shrink, chinese, lags, numeric, takes_called_back) =
            (rng.bool(), rng.bool(), rng.bool(), rng.bool(), rng.bool());
        // Installments and points show in `CardInfo` alone.
        let card_info = rng.u32(0..4) > 0;
        let (union_pay_claimed, cls_follows) = (rng.bool(), rng.bool());
        let (remainder_r, by_both) = (rng.bool(), rng.bool());
        let of_vouchers = vouchers::terms(rng);
        let odd = |terms: &mut Terms| {
            terms.shrink = shrink;
            terms.header_lags = lags;
            terms.numeric_merchant_id = numeric;
            terms.closes_called_back = takes_called_back;
            terms.card_info = card_info;
            terms.union_pay_claimed = union_pay_claimed;
            terms.cls_follows = cls_follows;
            terms.remainder_r = remainder_r;
            terms.aio_on_json = sells == Sells::AioByJson || (sells == Sells::ByForm && by_both);
            terms.dialect = if chinese { Dialect::Chinese } else { Dialect::English };
            of_vouchers(terms);
        };
        bank.with_bank(|bank, now| bank.change_terms(&id, now, odd)).expect("a merchant");
    }
}

/// In memory where the machine has a file system there: nothing here is about power failures.
fn directory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a directory")
}

/// `has_code`: the card detail by form is asked as well, where the one by JSON fails.
fn stage(dir: &TempDir, start: DateTime<Utc>, habits: &Habits, has_code: bool, play: &Play) -> Rehearsal {
    let mut merchants = MERCHANTS.map(|id| Merchant::made_up(id).with_vouchers());
    for (merchant, sells) in merchants.iter_mut().zip(habits.sells) {
        merchant.at_bank.aio = sells != Sells::ByJson;
        merchant.by_form = sells == Sells::ByForm;
    }
    merchants[AUTO_CLOSING].at_bank.daily_auto_close = true;
    let mut setup = Setup::new(start, dir.path().join("ecpayd.db"));
    (setup.merchants, setup.policy) = (merchants.into(), habits.policy.clone());
    match play.drive {
        Drive::InTurn => setup.gateway.concurrency = 1,
        // Without a pace more orders are in work at once.
        Drive::Together if play.seed.is_multiple_of(3) => setup.gateway.min_interval = StdDuration::ZERO,
        Drive::Together => {}
    }
    let mut rehearsal = Rehearsal::open(setup).expect("good merchants");
    for form in rehearsal.settings.merchants.iter_mut().filter_map(|merchant| merchant.form.as_mut()) {
        form.credit_check_code = has_code.then(|| Terms::default().credit_check_code.into());
    }
    rehearsal
}
