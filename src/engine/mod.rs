//! One pass over what is due: look, plan, execute, settle, record.
//!
//! Each merchant has a lane of its own with its pace and its number of calls in flight, so
//! that a merchant the gateway is silent to never holds up another. An order is worked on
//! by one task at a time; the tasks of a lane are taken refunds first, then deadlines.

mod cards;
mod clock;
mod error;
mod lane;
mod statements;
mod tally;
mod traffic;
mod vouchers;
mod work;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

pub use clock::{Clock, ManualClock};
pub use error::EngineError;
pub use lane::report::tell;
pub use lane::{LaneSettings, Shared};
pub use statements::{Fetched, NotTaken, StatementPace, name as statement_name, take as take_statement};
pub use tally::Tally;

use self::cards::Cards;
use self::lane::{Lane, Work};
use self::vouchers::Vouchers;

use crate::domain::ids::MerchantId;
use crate::domain::service::Service;
use crate::gateway::Access;
use crate::gateway::card::{CardGateway, FormAccess};
use crate::gateway::transport::Transport;
use crate::gateway::wire::cipher::Keys;

/// One merchant of the settings.
pub struct Merchant {
    pub card: Access,
    /// For orders of 全方位金流 (AIO).
    pub form: Option<FormAccess>,
    pub daily_auto_close: bool,
    /// The voucher service, for merchants that have it.
    pub voucher: Option<Access>,
    pub lane: LaneSettings,
}

pub struct Engine {
    shared: Arc<Shared>,
    cards: Vec<Arc<Lane<Cards>>>,
    vouchers: Vec<Arc<Lane<Vouchers>>>,
}

impl Engine {
    pub fn new(shared: Arc<Shared>, transport: &Arc<dyn Transport>, merchants: Vec<Merchant>) -> Self {
        let (mut cards, mut vouchers) = (Vec::new(), Vec::new());
        for Merchant { card, form, daily_auto_close, voucher, lane } in merchants {
            let of_vouchers = voucher.map(|access| {
                let merchant_id = access.merchant_id.clone();
                let work = Vouchers::new(transport.clone(), access);
                Arc::new(Lane::new(shared.clone(), merchant_id, work, lane.clone()))
            });
            vouchers.extend(of_vouchers.clone());
            let merchant_id = card.merchant_id.clone();
            let gateway = CardGateway::new(transport.clone(), card).by_form(form);
            let work = Cards::new(gateway, daily_auto_close, of_vouchers);
            cards.push(Arc::new(Lane::new(shared.clone(), merchant_id, work, lane)));
        }
        Self { shared, cards, vouchers }
    }

    /// Does everything that is due now, step after step, until nothing more can be done
    /// without waiting.
    pub async fn settle(&self, stop: &watch::Receiver<bool>) -> Result<(), EngineError> {
        let (cards, vouchers) = (self.cards.iter().cloned(), self.vouchers.iter().cloned());
        let cards = cards.map(|lane| boxed(lane.settle(stop.clone())));
        each(cards.chain(vouchers.map(|lane| boxed(lane.settle(stop.clone())))), || {}).await
    }

    /// Works on one order until it has to wait: a step of `settle` that its caller chooses.
    pub async fn work_on(&self, merchant_id: &MerchantId, order_id: i64) -> Result<(), EngineError> {
        drive_one(&self.cards, merchant_id, order_id).await
    }

    /// The same of one voucher order.
    pub async fn work_on_voucher(&self, merchant_id: &MerchantId, voucher_id: i64) -> Result<(), EngineError> {
        drive_one(&self.vouchers, merchant_id, voucher_id).await
    }

    /// Works until `stopping` becomes true, then finishes the calls in flight. `wake` changes
    /// when somebody else has written to the ledger.
    ///
    /// A merchant whose lane ended by itself would be looked after by nobody: then all of them
    /// stop, and this ends with the error, for whoever starts the daemon again.
    pub async fn run(&self, wake: &watch::Receiver<u64>, stopping: &watch::Sender<bool>) -> Result<(), EngineError> {
        let (cards, vouchers) = (self.cards.iter().cloned(), self.vouchers.iter().cloned());
        let cards = cards.map(|lane| boxed(lane.run(wake.clone(), stopping.subscribe())));
        let vouchers = vouchers.map(|lane| boxed(lane.run(wake.clone(), stopping.subscribe())));
        let stop_all = || {
            stopping.send_replace(true);
        };
        each(cards.chain(vouchers), stop_all).await
    }

    /// For how long the lane that is longest still has not come round. Each does so every minute.
    pub fn longest_stillness(&self) -> Duration {
        let cards = self.cards.iter().map(|lane| lane.stillness());
        cards.chain(self.vouchers.iter().map(|lane| lane.stillness())).max().unwrap_or_default()
    }

    /// Raises what the age of every unfinished row calls for, without a look.
    pub async fn raise_stages(&self) -> Result<u64, EngineError> {
        let kinds = cards::stages::all(&self.shared.policy, self.shared.clock.now());
        cards::stages::raise(&self.shared, &self.cards, kinds).await
    }

    /// The part of it that is told by the hour.
    pub async fn raise_ages(&self) -> Result<u64, EngineError> {
        let kinds = cards::stages::hourly(&self.shared.policy, self.shared.clock.now());
        cards::stages::raise(&self.shared, &self.cards, kinds).await
    }

    /// Fetches the day's statement of a merchant for whom it is time. False: for nobody now.
    pub async fn fetch_statement(&self) -> Result<bool, EngineError> {
        statements::nightly::next(&self.shared, &self.cards).await
    }

    /// Other keys of a merchant's service, from its next call on. False: the engine does not know it.
    pub fn renew_keys(&self, merchant_id: &MerchantId, service: Service, keys: Keys) -> bool {
        let card = self.cards.iter().find(|lane| lane.merchant_id() == merchant_id);
        let voucher = self.vouchers.iter().find(|lane| lane.merchant_id() == merchant_id);
        match (service, card, voucher) {
            (Service::Card, Some(lane), _) => lane.work.renew(keys),
            (Service::Voucher, _, Some(lane)) => lane.work.renew(keys),
            _ => return false,
        }
        true
    }

    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// What the lanes shared, once they are gone.
    pub fn into_shared(self) -> Option<Shared> {
        drop((self.cards, self.vouchers));
        Arc::into_inner(self.shared)
    }
}

type Working = Pin<Box<dyn Future<Output = Result<(), EngineError>> + Send>>;

fn boxed(working: impl Future<Output = Result<(), EngineError>> + Send + 'static) -> Working {
    Box::pin(working)
}

async fn each(lanes: impl Iterator<Item = Working>, failed: impl Fn()) -> Result<(), EngineError> {
    let mut working = JoinSet::new();
    for lane in lanes {
        working.spawn(lane);
    }
    let mut first_error = None;
    while let Some(ended) = working.join_next().await {
        let result = ended.unwrap_or_else(|e| Err(EngineError::bug("a lane", e)));
        if let Err(error) = &result {
            tracing::error!(%error, "a merchant's lane has ended");
            failed();
        }
        first_error = first_error.or(result.err());
    }
    first_error.map_or(Ok(()), Err)
}

async fn drive_one<W: Work>(lanes: &[Arc<Lane<W>>], merchant_id: &MerchantId, id: i64) -> Result<(), EngineError> {
    match lanes.iter().find(|lane| lane.merchant_id() == merchant_id) {
        Some(lane) => W::drive(lane, id).await,
        None => Err(EngineError::NotServed(merchant_id.clone())),
    }
}
