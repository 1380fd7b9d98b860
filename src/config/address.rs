//! Where messages go: the address of a receiver. Its path and its query may be a secret.

use url::{Host, Url};

pub(super) struct Target {
    /// As `Url` writes it.
    pub(super) text: String,
    pub(super) loopback: bool,
}

pub(super) fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

/// An error says what is wanted and repeats nothing.
pub(super) fn target(text: &str, example: &str) -> Result<Target, String> {
    let wanted = || format!("must be an address such as \"{example}\"");
    let url = Url::parse(text).map_err(|_| wanted())?;
    let loopback = is_loopback(&url.host().ok_or_else(wanted)?);
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user name or password, which is not sent; remove it".to_owned());
    }
    if url.fragment().is_some() {
        return Err("holds a fragment, which is not sent; end it before the #".to_owned());
    }
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => return Err("uses http; only loopback may do without https".to_owned()),
        _ => return Err(wanted()),
    }
    Ok(Target { text: url.into(), loopback })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_is_reached_by_https_or_on_loopback_and_may_have_a_path_and_a_query() {
        for (text, loopback) in [
            ("https://hooks.example/T0/B0?x=1", false),
            ("http://127.0.0.1:99/x", true),
            ("http://localhost/x", true),
            ("https://[::1]/x", true),
        ] {
            let target = target(text, "https://a.example").expect(text);
            assert_eq!((target.text.as_str(), target.loopback), (text, loopback));
        }
    }

    #[test]
    fn what_is_no_address_of_a_receiver_is_refused_and_not_repeated() {
        for (text, why) in [
            ("", "must be an address such as \"https://a.example\""),
            ("hunter2", "must be an address"),
            ("ftp://hunter2.example", "must be an address"),
            ("http://hunter2.example/hunter2", "only loopback"),
            ("http://localhost.hunter2/", "only loopback"),
            ("https://u:hunter2@a.example", "user name"),
            ("https://a.example/x#hunter2", "fragment"),
        ] {
            let Err(told) = target(text, "https://a.example") else { panic!("{text} was taken") };
            assert!(told.contains(why) && !told.contains("hunter2"), "{text}: {told}");
        }
    }
}
