//! One question of each merchant's services, about an order that cannot exist: an answer proves the network, the
//! keys and the clock, and changes nothing.

use std::sync::Arc;

use secrecy::ExposeSecret as _;

use crate::config::{GatewayAccess, MerchantSettings, Settings};
use crate::doctor::facts::{Asked, LedgerFacts, Now, Replied};
use crate::domain::ids::{MerchantTradeNo, VoucherTradeNo};
use crate::domain::service::Service;
use crate::domain::voucher::VoucherNumber;
use crate::gateway::card::{CardGateway, FormAccess};
use crate::gateway::transport::{HttpTransport, Transport};
use crate::gateway::voucher::VoucherGateway;
use crate::gateway::wire::cipher::Keys;
use crate::gateway::{Access, LookError};

pub(super) async fn ask(settings: &Settings, ledger: &LedgerFacts, now: Now<'_>) -> Vec<Asked> {
    let Ok(transport) = HttpTransport::new(settings.gateway.timeout) else { return Vec::new() };
    let transport: Arc<dyn Transport> = Arc::new(transport);
    let mut asked = Vec::new();
    for merchant in &settings.merchants {
        let services = [(Service::Card, Some(&merchant.card)), (Service::Voucher, merchant.voucher.as_ref())];
        for (service, access) in services {
            let Some(access) = access else { continue };
            let replied = match kept_back(merchant, service, access, ledger) {
                Some(replied) => replied,
                None => {
                    let replied = one(merchant, service, access, &transport, now).await;
                    // The pace of a merchant's calls.
                    tokio::time::sleep(settings.gateway.min_interval).await;
                    replied
                }
            };
            asked.push(Asked { merchant_id: merchant.merchant_id.to_string(), service, replied });
        }
    }
    asked
}

/// Why no call is made, if so. Where the ledger says nothing it may be the time to keep silent.
fn kept_back(
    merchant: &MerchantSettings,
    service: Service,
    access: &GatewayAccess,
    ledger: &LedgerFacts,
) -> Option<Replied> {
    if [&access.hash_key, &access.hash_iv].iter().any(|key| key.expose_secret().is_empty()) {
        return Some(Replied::NoKeys);
    }
    match ledger.opened.as_ref().map(|opened| &opened.resting) {
        Ok(Ok(resting)) => {
            let id = merchant.merchant_id.as_str();
            let rests = resting.iter().find(|rest| rest.service == service && rest.merchant_id == id);
            rests.map(|rest| Replied::Resting(rest.until))
        }
        Err(_) if !ledger.may_rest() => None,
        _ => Some(Replied::NotAsked),
    }
}

fn form(merchant: &MerchantSettings) -> Option<FormAccess> {
    let form = merchant.form.as_ref()?;
    Some(FormAccess { url: form.url.clone(), credit_check_code: form.credit_check_code.clone() })
}

async fn one(
    merchant: &MerchantSettings,
    service: Service,
    access: &GatewayAccess,
    transport: &Arc<dyn Transport>,
    now: Now<'_>,
) -> Replied {
    let Ok(keys) = Keys::new(access.hash_key.expose_secret(), access.hash_iv.expose_secret()) else {
        return Replied::NoKeys;
    };
    let access = Access {
        merchant_id: merchant.merchant_id.clone(),
        platform_id: merchant.platform_id.clone(),
        base_url: access.base_url.clone(),
        keys,
    };
    let stamp_s = now().timestamp();
    let number = format!("DOCTOR{stamp_s}");
    let answer = match service {
        Service::Card => match MerchantTradeNo::parse(&number) {
            Ok(number) => {
                let gateway = CardGateway::new(transport.clone(), access).by_form(form(merchant));
                let asked = gateway.query_order(&number, stamp_s).await;
                asked.map(|dated| dated.gateway_clock_s)
            }
            Err(_) => return Replied::NotAsked,
        },
        Service::Voucher => match VoucherTradeNo::parse(&number) {
            Ok(number) => {
                let number = VoucherNumber::MerchantTradeNo(number);
                let asked = VoucherGateway::new(transport.clone(), access).query_order(&number, None, stamp_s).await;
                asked.map(|dated| dated.gateway_clock_s)
            }
            Err(_) => return Replied::NotAsked,
        },
    };
    let skew_s = |clock: Option<i64>| clock.map(|clock| clock - now().timestamp());
    match answer {
        Ok(clock) => Replied::Answered { skew_s: skew_s(clock) },
        Err(error) => {
            let clock = match &error {
                LookError::NotTaken { gateway_clock_s, .. } => *gateway_clock_s,
                LookError::StampTooOld { gateway_clock_s, .. } => Some(*gateway_clock_s),
                _ => None,
            };
            Replied::Failed { skew_s: skew_s(clock), error }
        }
    }
}
