//! Where the story is played: a rehearsal over HTTP, its engine, and the shop's connection.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::script::{CLOSING, Event, PLAIN, What};
use super::vouchers;
use crate::cli::Failure;
use crate::config::Settings;
use crate::domain::ids::{MerchantId, MerchantTradeNo};
use crate::domain::money::Twd;
use crate::engine::{Clock, Engine};
use crate::ledger::{Db, Parameters, as_a_shop, params};
use crate::rehearsal::{Merchant, Rehearsal, Setup};
use crate::simulator::bank::{Kind, NewOrder, Paid};
use crate::simulator::{SimHandle, SimMerchant};

pub(super) struct Stage {
    directory: PathBuf,
    rehearsal: Rehearsal,
    engine: Engine,
    shop: Db,
    pub stories: Vec<(String, &'static str)>,
}

impl Stage {
    pub(super) async fn open(start: DateTime<Utc>, keep: Option<PathBuf>) -> Result<Self, Failure> {
        let directory =
            keep.unwrap_or_else(|| std::env::temp_dir().join(format!("ecpayd-demo-{}", std::process::id())));
        std::fs::create_dir_all(&directory).map_err(|e| Failure::Problem(format!("{}: {e}", directory.display())))?;
        let database_path = directory.join("ecpayd.db");
        if database_path.exists() {
            return Err(Failure::Usage(format!(
                "{} is there already: name an empty directory",
                database_path.display()
            )));
        }
        let setup = Setup { merchants: merchants(), ..Setup::new(start, database_path) };
        let mut rehearsal = Rehearsal::open(setup)?;
        rehearsal.serve().await?;
        vouchers::confirm_late(&rehearsal.bank)?;
        let engine = rehearsal.daemon().await?;
        let shop = as_a_shop(&rehearsal.settings.database_path)?;
        Ok(Self { directory, rehearsal, engine, shop, stories: Vec::new() })
    }

    pub(super) fn gateway_url(&self) -> &str {
        &self.rehearsal.url
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn bank(&self) -> &SimHandle {
        &self.rehearsal.bank
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.rehearsal.settings
    }

    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        self.rehearsal.clock.clone()
    }

    pub(super) fn shop(&self) -> &Db {
        &self.shop
    }

    pub(super) fn advance_to(&self, now: DateTime<Utc>) {
        self.rehearsal.clock.advance_to(now);
    }

    pub(super) async fn next_step_at(&self) -> Result<Option<DateTime<Utc>>, Failure> {
        Ok(self.engine.shared().ledger.next_step_at().await?)
    }

    pub(super) async fn settle(&self) -> Result<(), Failure> {
        Ok(self.rehearsal.settle(&self.engine).await?)
    }

    pub(super) async fn keep_traffic(&self) -> Result<(), Failure> {
        let shared = self.engine.shared();
        Ok(shared.tally.traffic.keep(&shared.ledger).await?)
    }

    pub(super) async fn raise_stages(&self) -> Result<(), Failure> {
        self.engine.raise_stages().await?;
        Ok(())
    }

    /// Something happens at the shop, in its customers' hands, or on the way to ECPay.
    pub(super) fn play(&mut self, event: &Event) -> Result<(), Failure> {
        match &event.what {
            What::Sell { merchant, no, amount, kind, paid, story } => {
                self.stories.push((no.clone(), story));
                self.sell(merchant, no, *amount, *kind, *paid, event.at)
            }
            What::SellVouchers { no, count, each, story } => {
                self.sell_vouchers(no, *count, *each, event.at)?;
                self.stories.push((no.clone(), story));
                Ok(())
            }
            What::Redeem { no, count } => vouchers::redeem(&self.rehearsal.bank, no, *count),
            What::TakeBack { no, count } => vouchers::take_back(&self.rehearsal.bank, no, *count),
            What::Capture(no) => {
                self.tell("UPDATE orders SET capture = 'now' WHERE merchant_trade_no = :no", params! { no })
            }
            What::Hold(no) => {
                self.tell("UPDATE orders SET capture = 'hold' WHERE merchant_trade_no = :no", params! { no })
            }
            What::Refund { merchant, no, amount } => self.refund(merchant, no, *amount, event.at),
            What::Overdraw { merchant, no, amount } => match self.refund(merchant, no, Some(*amount), event.at) {
                Ok(()) => Err(Failure::Problem(format!("the ledger took a refund of NT${amount} for {no}"))),
                Err(said) => {
                    say!("{:<24}  the ledger refuses: {said}", "");
                    Ok(())
                }
            },
            What::Cancel { no } => {
                self.tell("UPDATE refund_intents SET cancel = 1 WHERE merchant_trade_no = :no", params! { no })
            }
            What::Fault(fault) => {
                self.rehearsal.bank.strike(fault.clone());
                Ok(())
            }
            What::Balance(balance) => {
                let merchant = MerchantId::parse(PLAIN)?;
                self.rehearsal
                    .bank
                    .with_bank(|bank, now| bank.change_terms(&merchant, now, |terms| terms.balance = *balance))?;
                Ok(())
            }
        }
    }

    fn sell(
        &mut self,
        merchant: &str,
        no: &str,
        amount: i64,
        kind: Kind,
        paid: Paid,
        at: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let new = NewOrder {
            merchant_id: MerchantId::parse(merchant)?,
            merchant_trade_no: MerchantTradeNo::parse(no)?,
            kind,
            amount: Twd::new(amount)?,
            created_at: at,
            paid,
        };
        self.rehearsal.bank.with_bank(|bank, now| bank.create(new, now))?;
        self.tell(
            "INSERT INTO orders (merchant_id, merchant_trade_no, created_at) VALUES (:merchant, :no, :at)",
            params! { merchant, no, at: at.timestamp_millis() },
        )
    }

    fn sell_vouchers(&mut self, no: &str, count: usize, each: i64, at: DateTime<Utc>) -> Result<(), Failure> {
        let amount = each * i64::try_from(count).unwrap_or(i64::MAX);
        self.sell(PLAIN, no, amount, Kind::Card, Paid::Yes, at)?;
        vouchers::sell(&self.rehearsal.bank, no, count, each)?;
        self.tell(
            "INSERT INTO voucher_orders (merchant_id, merchant_trade_no, created_at) VALUES (:merchant, :no, :at)",
            params! { merchant: PLAIN, no, at: at.timestamp_millis() },
        )
    }

    fn refund(&mut self, merchant: &str, no: &str, amount: Option<i64>, at: DateTime<Utc>) -> Result<(), Failure> {
        let refund = params! {
            merchant, no, amount, key: format!("rma-{no}-{}", at.timestamp()), why: "returned", at: at.timestamp_millis(),
        };
        self.tell(
            "INSERT INTO refund_intents (merchant_id, merchant_trade_no, amount, request_key, reason, created_at)
             VALUES (:merchant, :no, :amount, :key, :why, :at)",
            refund,
        )
    }

    fn tell(&self, statement: &str, values: Parameters<'_>) -> Result<(), Failure> {
        self.shop.run(statement, values)?;
        Ok(())
    }

    pub(super) async fn close(self, keep: bool) -> Result<(), Failure> {
        drop(self.shop);
        self.rehearsal.close().await;
        if let Some(shared) = self.engine.into_shared() {
            shared.ledger.close().await;
        }
        if !keep {
            std::fs::remove_dir_all(&self.directory)
                .map_err(|e| Failure::Problem(format!("{}: {e}", self.directory.display())))?;
        }
        Ok(())
    }
}

/// Without and with 每日自動關帳; vouchers are sold by the first alone.
fn merchants() -> Vec<Merchant> {
    let closing = SimMerchant {
        merchant_id: CLOSING.to_owned(),
        hash_key: "5294y06JbISpM5x9".to_owned(),
        hash_iv: "v77hoKGq4kWxNNIS".to_owned(),
        daily_auto_close: true,
        ..SimMerchant::stage()
    };
    vec![Merchant::stage().with_vouchers(), Merchant { at_bank: closing, ..Merchant::stage() }]
}
