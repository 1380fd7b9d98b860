//! The card service: orders, their captures and refunds.

pub(in crate::engine) mod charges;
pub(in crate::engine) mod execute;
pub(in crate::engine) mod look;
pub(in crate::engine) mod pass;
pub(in crate::engine) mod stages;

use std::sync::Arc;

use crate::engine::lane::Lane;
use crate::engine::vouchers::Vouchers;
use crate::gateway::card::CardGateway;
use crate::gateway::wire::cipher::Keys;
use crate::ledger::MerchantTerms;

pub(in crate::engine) struct Cards {
    pub(in crate::engine) gateway: CardGateway,
    /// Where the same merchant's voucher orders are asked about, which limit refunds.
    pub(in crate::engine) vouchers: Option<Arc<Lane<Vouchers>>>,
    daily_auto_close: bool,
}

impl Cards {
    pub(in crate::engine) fn new(
        gateway: CardGateway,
        daily_auto_close: bool,
        vouchers: Option<Arc<Lane<Vouchers>>>,
    ) -> Self {
        Self { gateway, vouchers, daily_auto_close }
    }

    pub(in crate::engine) fn renew(&self, keys: Keys) {
        self.gateway.renew(keys);
    }

    pub(in crate::engine) fn terms(&self) -> MerchantTerms {
        let api = self.gateway.api();
        MerchantTerms { daily_auto_close: self.daily_auto_close, api, vouchers: self.vouchers.is_some() }
    }
}
