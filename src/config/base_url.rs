//! A gateway's address.

use url::Url;

use super::address::is_loopback;

pub(super) struct BaseUrl {
    /// Without a slash at the end: paths are appended as they stand in the vendor's pages.
    pub(super) text: String,
    pub(super) host: String,
    pub(super) loopback: bool,
}

/// The vendor's host that serves a gateway's calls, and its stage.
#[derive(Clone, Copy)]
pub(super) struct Hosts {
    production: &'static str,
    stage: &'static str,
}

/// Vendor page "Searching Order", API URLs.
pub(super) const CARD: Hosts = Hosts { production: "ecpayment.ecpay.com.tw", stage: "ecpayment-stage.ecpay.com.tw" };
/// Vendor page QueryOrderInfo, API URLs.
pub(super) const VOUCHER: Hosts = Hosts { production: "ecticket.ecpay.com.tw", stage: "ecticket-stage.ecpay.com.tw" };

/// Vendor page 查詢訂單 (?p=2890). funpoint and O'Pay have hosts of their own, which are not checked.
pub(super) const FORM: Hosts = Hosts { production: "payment.ecpay.com.tw", stage: "payment-stage.ecpay.com.tw" };

/// Stages of the brands that run the same, with public keys of the same list.
const SISTER_STAGES: [&str; 2] = ["payment-stage.opay.tw", "payment-stage.funpoint.com.tw"];

/// The address of 全方位金流 that goes with the vendor's own of the card calls.
pub fn form_beside(card: &str) -> Option<String> {
    let pairs = [(CARD.production, FORM.production), (CARD.stage, FORM.stage)];
    let host = card.strip_prefix("https://")?;
    pairs.into_iter().find(|(of_card, _)| *of_card == host).map(|(_, of_form)| format!("https://{of_form}"))
}

impl Hosts {
    /// The vendor's other hosts serve other products: calls to them fail, all of them. A host that
    /// is not the vendor's, such as a proxy of one's own, may be any.
    fn check(self, host: &str) -> Result<(), String> {
        let bare = host.trim_end_matches('.');
        let is_vendors = bare == "ecpay.com.tw" || bare.ends_with(".ecpay.com.tw");
        if !is_vendors || [self.production, self.stage].contains(&host) {
            return Ok(());
        }
        let serves = serves(bare).map_or_else(String::new, |what| format!(" (it serves {what})"));
        Err(format!(
            "names {host}, where ECPay does not serve these calls{serves}; it is \"https://{}\", or \"https://{}\" to try things out",
            self.production, self.stage
        ))
    }
}

/// What the vendor's other hosts are for, their stages alike.
fn serves(host: &str) -> Option<&'static str> {
    let name = host.strip_suffix(".ecpay.com.tw")?.trim_end_matches("-stage");
    Some(match name {
        "ecpayment" => "the card calls, [merchant.card]",
        "ecticket" => "the voucher calls, [merchant.voucher]",
        "payment" => "全方位金流 (AIO), form_url in [merchant.card] beside api = \"form\"",
        "ecpg" => "the checkout of 站內付 2.0",
        "vendor" => "the dashboard 廠商後台",
        "einvoice" => "electronic invoices",
        "logistics" => "logistics",
        _ => return None,
    })
}

impl BaseUrl {
    /// An error says what is wanted and repeats at most the host: the rest could hold a password.
    pub(super) fn parse(text: &str, hosts: Hosts) -> Result<Self, String> {
        let wanted = || format!("must be an address such as \"https://{}\"", hosts.production);
        let url = Url::parse(text).map_err(|_| wanted())?;
        let host = url.host().ok_or_else(wanted)?;
        let loopback = is_loopback(&host);
        let host = host.to_string();
        if !url.username().is_empty() || url.password().is_some() {
            return Err("holds a user name or password; the gateway takes none, remove it".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("holds a query or fragment; end it after the host".to_owned());
        }
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => return Err(format!("uses http to {host}; only loopback may do without https")),
            _ => return Err(wanted()),
        }
        hosts.check(&host)?;
        // The vendor's pages show whole addresses: one copied here would get its path twice.
        if !loopback && url.path() != "/" {
            return Err(format!("goes on after the host {host}; the path of each call is appended, end it there"));
        }
        Ok(Self { text: url.as_str().trim_end_matches('/').to_owned(), host, loopback })
    }

    /// Whether the vendor's public stage keys may be used here.
    pub(super) fn is_stage(&self) -> bool {
        self.loopback || self.host.ends_with("-stage.ecpay.com.tw") || SISTER_STAGES.contains(&self.host.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_by_https_or_a_loopback() {
        for (text, kept, loopback) in [
            ("https://ecpayment.ecpay.com.tw", "https://ecpayment.ecpay.com.tw", false),
            ("https://ecpayment-stage.ecpay.com.tw/", "https://ecpayment-stage.ecpay.com.tw", false),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080", true),
            ("http://127.9.9.9", "http://127.9.9.9", true),
            ("http://[::1]:99", "http://[::1]:99", true),
            ("http://localhost:1/card/", "http://localhost:1/card", true),
            ("https://127.0.0.1", "https://127.0.0.1", true),
        ] {
            let url = BaseUrl::parse(text, CARD).expect(text);
            assert_eq!((url.text.as_str(), url.loopback), (kept, loopback), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_of_a_gateway_is_refused_and_passwords_are_not_repeated() {
        for (text, why) in [
            ("", "must be an address"),
            ("ecpayment.ecpay.com.tw", "must be an address"),
            ("https://", "must be an address"),
            ("https://:443", "must be an address"),
            ("ftp://127.0.0.1", "must be an address"),
            ("unix:/run/x", "must be an address"),
            ("http://ecpayment.ecpay.com.tw", "only loopback"),
            ("http://localhost.example", "only loopback"),
            ("http://128.0.0.1", "only loopback"),
            ("https://u:hunter2@ecpayment.ecpay.com.tw", "user name"),
            ("https://ecpayment.ecpay.com.tw?a=hunter2", "query"),
            ("https://ecpayment.ecpay.com.tw#hunter2", "query or fragment"),
            ("https://ecpayment.ecpay.com.tw/1.0.0/Credit/DoAction", "goes on after the host"),
        ] {
            let Err(told) = BaseUrl::parse(text, CARD) else { panic!("{text} was taken") };
            assert!(told.contains(why) && !told.contains("hunter2"), "{text}: {told}");
        }
    }

    #[test]
    fn stage_is_the_vendors_stage_or_loopback() {
        for (text, hosts, stage) in [
            ("https://ecpayment-stage.ecpay.com.tw", CARD, true),
            ("https://ecticket-stage.ecpay.com.tw", VOUCHER, true),
            ("http://127.0.0.1:1", CARD, true),
            ("https://payment-stage.ecpay.com.tw", FORM, true),
            ("https://payment.ecpay.com.tw", FORM, false),
            ("https://payment-stage.opay.tw", FORM, true),
            ("https://payment.opay.tw", FORM, false),
            ("https://payment.funpoint.com.tw", FORM, false),
            ("https://ecpayment.ecpay.com.tw", CARD, false),
            ("https://ecpayment-stage.ecpay.com.tw.example", CARD, false),
        ] {
            assert_eq!(BaseUrl::parse(text, hosts).expect(text).is_stage(), stage, "{text}");
        }
    }

    #[test]
    fn each_gateway_has_its_own_host_of_the_vendors_and_any_that_is_not_the_vendors() {
        let vendors = [
            "ecpayment",
            "ecpayment-stage",
            "ecticket",
            "ecticket-stage",
            "payment",
            "payment-stage",
            "postgate",
            "ecpg",
            "ecpg-stage",
            "vendor",
            "vendor-stage",
            "einvoice",
            "logistics",
            "www",
            "ecpayment2",
            "ecpayment.x",
            "ECPAY",
        ];
        for (hosts, own) in [(CARD, "ecpayment"), (VOUCHER, "ecticket"), (FORM, "payment")] {
            for name in vendors {
                let text = format!("https://{name}.ecpay.com.tw");
                let parsed = BaseUrl::parse(&text, hosts).map(|url| url.host);
                if name == own || name == format!("{own}-stage") {
                    assert_eq!(parsed, Ok(format!("{name}.ecpay.com.tw")));
                } else {
                    let Err(told) = parsed else { panic!("{text} was taken for {own}") };
                    assert!(told.contains(&format!("it is \"https://{own}.ecpay.com.tw\"")), "{told}");
                    let known = ["ecpayment", "ecticket", "payment", "ecpg", "vendor", "einvoice", "logistics"];
                    let is_known = known.contains(&name.trim_end_matches("-stage"));
                    assert_eq!(told.contains("(it serves "), is_known, "{told}");
                }
            }
            for dotted in ["https://ecpay.com.tw", "https://vendor.ecpay.com.tw.", "https://ECTicket.ECPay.com.tw.:443"]
            {
                assert!(BaseUrl::parse(dotted, hosts).is_err(), "{dotted}");
            }
            for foreign in [
                "https://proxy.example",
                "https://notecpay.com.tw",
                "https://ecpay.com.tw.example",
                "http://127.0.0.1:9",
            ] {
                assert!(BaseUrl::parse(foreign, hosts).is_ok(), "{foreign}");
            }
        }
    }
}
