//! The way of one order, from wherever it stands. What moves money is asked for in the ledger, after a yes; the
//! daemon does it.

use std::time::Duration;

use super::look::Looks;
use super::stage::{Lane, Mark, Money, PART_TWD, Stand, stand};
use super::{talk, words};
use crate::cli::doctor::sentence;
use crate::cli::{Failure, now};
use crate::doctor::{Level, ProbeEnd, judge};
use crate::domain::health::State;
use crate::domain::ids::{MerchantId, MerchantTradeNo};
use crate::domain::language::Language;
use crate::domain::money::Twd;
use crate::domain::order::CaptureMode;
use crate::ledger::views::{OrderStatus, RefundStatus};
use crate::ledger::{AddOrder, Ledger, QueueRefund, SetCapture};

/// This is a test of money, with nobody's but the merchant's own.
const LARGEST_TWD: i64 = 200;

/// Between two questions to the ledger.
const PAUSE: Duration = Duration::from_millis(500);

pub(super) struct Walk<'a> {
    pub ledger: &'a Ledger,
    pub merchant_id: MerchantId,
    pub language: Language,
    /// Its orders are of 全方位金流.
    pub by_form: bool,
    /// None: the keys cannot be read here.
    pub looks: Option<Looks>,
    /// It was offered already.
    pub probed: bool,
}

struct Found {
    order: OrderStatus,
    refunds: Vec<RefundStatus>,
    stand: Stand,
}

impl Walk<'_> {
    /// How far it has come today.
    pub async fn go(&mut self, lane: Lane, number: &MerchantTradeNo) -> Result<Mark, Failure> {
        let order_id = self.registered(number).await?;
        let mut asked = None;
        loop {
            let found = self.wait(lane, order_id).await?;
            match found.stand {
                Stand::Ask(Money::Void) if !self.probed => self.offer_probe(&found.order, number).await?,
                Stand::Ask(money) if asked == Some(money) => {
                    return Err(Failure::Problem(words::came_to_nothing(&found.order, &found.refunds)));
                }
                Stand::Ask(money) => {
                    self.ask(money, &found, order_id, number).await?;
                    asked = Some(money);
                }
                Stand::Ended(mark) => {
                    self.reached(mark, number).await?;
                    return Ok(mark);
                }
                Stand::Stuck(why) => {
                    return Err(Failure::Problem(words::stuck(why, lane, &found.order, &found.refunds)));
                }
                // Waited for already.
                Stand::Unpaid | Stand::Working => {}
            }
        }
    }

    /// The daemon does the work, or nobody.
    pub async fn daemon_runs(&self) -> Result<(), Failure> {
        let health = self.ledger.vitals(now()).await?.health(now());
        match health.state {
            State::Unhealthy => {
                let why = health.sentence(Language::English);
                Err(Failure::Problem(format!("the daemon moves the money, and it is not well: {why}")))
            }
            State::Ok | State::Degraded => Ok(()),
        }
    }

    async fn registered(&self, number: &MerchantTradeNo) -> Result<i64, Failure> {
        let rows = self.ledger.find_orders(number.as_str(), Some(self.merchant_id.as_str())).await?;
        if let Some(row) = rows.into_iter().find(|row| row.asked_trade_no.is_none()) {
            return Ok(row.id);
        }
        let add = AddOrder {
            merchant_id: self.merchant_id.clone(),
            merchant_trade_no: number.clone(),
            trade_no: None,
            expected_amount: None,
            // ECPay's form does not always tell; whoever walks has paid at once, as the guide says.
            installments: self.by_form.then_some(0),
            capture: CaptureMode::Hold,
            memo: Some("go-live".to_owned()),
        };
        let id = self.ledger.write(add).await?;
        say!("{}", words::registered(self.language, number));
        Ok(id)
    }

    async fn find(&self, lane: Lane, order_id: i64) -> Result<Found, Failure> {
        let (order, refunds) = (self.ledger.order_status(order_id).await?, self.ledger.refunds_of(order_id).await?);
        if order.amount.is_some_and(|amount| amount > LARGEST_TWD) {
            return Err(Failure::Problem(words::too_large(&order, LARGEST_TWD)));
        }
        let stand = stand(lane, &order, &refunds);
        Ok(Found { order, refunds, stand })
    }

    /// Until there is something to ask or to tell; each thing that the ledger says on the way is shown once.
    async fn wait(&self, lane: Lane, order_id: i64) -> Result<Found, Failure> {
        let mut shown = String::new();
        loop {
            self.daemon_runs().await?;
            let found = self.find(lane, order_id).await?;
            let line = words::now(self.language, &found.order, &found.refunds);
            if line != shown {
                say!("{line}");
                shown = line;
            }
            if !matches!(found.stand, Stand::Unpaid | Stand::Working) {
                return Ok(found);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn ask(&mut self, money: Money, found: &Found, id: i64, number: &MerchantTradeNo) -> Result<(), Failure> {
        match money {
            Money::Part => self.reached(Mark::Captured, number).await?,
            Money::Rest if found.order.refunded_amount > 0 => self.reached(Mark::PartBack, number).await?,
            Money::Rest => self.reached(Mark::Captured, number).await?,
            Money::Void | Money::Capture => say!("{}", words::whose(self.language, &found.order)),
        }
        let amount = (money == Money::Part).then(|| Twd::new(PART_TWD)).transpose()?;
        if let Some(before) = words::rejected(self.language, &found.refunds) {
            say!("{before}");
        }
        say!("{}", words::intended(self.language, money, &found.order, PART_TWD));
        if !talk::agreed(words::question(self.language)).await {
            return Err(Failure::Problem(format!("nothing was asked for: order {number} stays as it is")));
        }
        if money == Money::Capture {
            self.ledger.write(SetCapture { order_id: id, capture: CaptureMode::Now }).await?;
            return Ok(());
        }
        let queue = QueueRefund {
            merchant_id: self.merchant_id.clone(),
            merchant_trade_no: number.clone(),
            trade_no: None,
            amount,
            // By how many refunds the order has had: what two walks ask for at once is asked for once.
            request_key: format!("go-live-{}-{number}-{}", self.merchant_id, found.refunds.len() + 1),
            reason: Some("go-live".to_owned()),
        };
        self.ledger.write(queue).await?;
        Ok(())
    }

    /// Whatever it finds the walk goes on, unless E may have done something.
    async fn offer_probe(&mut self, order: &OrderStatus, number: &MerchantTradeNo) -> Result<(), Failure> {
        self.probed = true;
        let Some(looks) = self.looks.as_mut().filter(|looks| looks.can_probe()) else { return Ok(()) };
        say!("{}", words::whose(self.language, order));
        say!("{}", words::probe(self.language));
        if !talk::agreed(words::probe_question(self.language)).await {
            return Ok(());
        }
        let probed = looks.probe(self.ledger, number).await?;
        let check = judge::probed(&probed, self.language);
        say!("  {} {}", check.level.mark(), sentence(&check, self.language));
        if check.level == Level::Fails && matches!(probed.end, ProbeEnd::Asked(_)) {
            return Err(Failure::Problem(sentence(&judge::probed(&probed, Language::English), Language::English)));
        }
        Ok(())
    }

    async fn reached(&mut self, mark: Mark, number: &MerchantTradeNo) -> Result<(), Failure> {
        say!("{}", words::reached(self.language, mark, number));
        match &mut self.looks {
            Some(looks) => looks.look(self.ledger, self.language, number, mark).await,
            None => Ok(()),
        }
    }
}
