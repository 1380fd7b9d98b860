//! A gateway's address.

use url::{Host, Url};

pub(super) struct BaseUrl {
    /// Without a slash at the end: paths are appended as they stand in the vendor's pages.
    pub(super) text: String,
    pub(super) host: String,
    pub(super) loopback: bool,
}

impl BaseUrl {
    /// An error says what is wanted and repeats at most the host: the rest could hold a password.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        const WANTED: &str = "must be an address such as \"https://ecpayment.ecpay.com.tw\"";
        let url = Url::parse(text).map_err(|_| WANTED.to_owned())?;
        let host = url.host().ok_or(WANTED)?;
        let loopback = match &host {
            Host::Domain(name) => *name == "localhost",
            Host::Ipv4(ip) => ip.is_loopback(),
            Host::Ipv6(ip) => ip.is_loopback(),
        };
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
            _ => return Err(WANTED.to_owned()),
        }
        // The vendor's pages show whole addresses: one copied here would get its path twice.
        if !loopback && url.path() != "/" {
            return Err(format!("goes on after the host {host}; the path of each call is appended, end it there"));
        }
        Ok(Self { text: url.as_str().trim_end_matches('/').to_owned(), host, loopback })
    }

    /// Whether the vendor's public stage keys may be used here.
    pub(super) fn is_stage(&self) -> bool {
        self.loopback || self.host.ends_with("-stage.ecpay.com.tw")
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
            let url = BaseUrl::parse(text).expect(text);
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
            let Err(told) = BaseUrl::parse(text) else { panic!("{text} was taken") };
            assert!(told.contains(why) && !told.contains("hunter2"), "{text}: {told}");
        }
    }

    #[test]
    fn stage_is_the_vendors_stage_or_loopback() {
        for (text, stage) in [
            ("https://ecpayment-stage.ecpay.com.tw", true),
            ("https://ecticket-stage.ecpay.com.tw", true),
            ("http://127.0.0.1:1", true),
            ("https://ecpayment.ecpay.com.tw", false),
            ("https://ecpayment-stage.ecpay.com.tw.example", false),
        ] {
            assert_eq!(BaseUrl::parse(text).expect(text).is_stage(), stage, "{text}");
        }
    }
}
