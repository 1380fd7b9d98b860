//! The card service: orders, their captures and refunds.

pub(in crate::engine) mod execute;
pub(in crate::engine) mod look;
pub(in crate::engine) mod pass;
pub(in crate::engine) mod stages;

use std::sync::Arc;

use crate::engine::lane::Lane;
use crate::engine::vouchers::Vouchers;
use crate::gateway::Access;
use crate::gateway::card::CardGateway;
use crate::gateway::transport::Transport;
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
        transport: Arc<dyn Transport>,
        access: Access,
        daily_auto_close: bool,
        vouchers: Option<Arc<Lane<Vouchers>>>,
    ) -> Self {
        Self { gateway: CardGateway::new(transport, access), vouchers, daily_auto_close }
    }

    pub(in crate::engine) fn renew(&self, keys: Keys) {
        self.gateway.renew(keys);
    }

    pub(in crate::engine) fn terms(&self) -> MerchantTerms {
        MerchantTerms { daily_auto_close: self.daily_auto_close, vouchers: self.vouchers.is_some() }
    }
}
