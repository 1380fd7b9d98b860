//! The way to each gateway: its name, a connection, TLS by the rules by which money calls go.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use crate::config::Settings;
use crate::doctor::{Handshake, Host, HostSeen};

/// For each step.
const LONGEST: Duration = Duration::from_secs(10);

/// Each host once, however many merchants are there.
pub(super) async fn look(settings: &Settings) -> Vec<HostSeen> {
    let mut hosts: Vec<Host> = Vec::new();
    for merchant in &settings.merchants {
        let urls = [Some(&merchant.card), merchant.voucher.as_ref()].into_iter().flatten().map(|g| &g.base_url);
        let urls = urls.chain(merchant.form.as_ref().map(|form| &form.url));
        for host in urls.filter_map(|url| host(url)) {
            if !hosts.contains(&host) {
                hosts.push(host);
            }
        }
    }
    let mut seen = Vec::new();
    for host in hosts {
        seen.push(way_to(host).await);
    }
    seen
}

fn host(base_url: &str) -> Option<Host> {
    let url = Url::parse(base_url).ok()?;
    // An address of IPv6 stands in brackets there, and nowhere else.
    let name = url.host_str()?.trim_start_matches('[').trim_end_matches(']').to_owned();
    Some(Host { name, port: url.port_or_known_default()?, is_tls: url.scheme() == "https" })
}

async fn way_to(host: Host) -> HostSeen {
    let found = in_time(tokio::net::lookup_host((host.name.as_str(), host.port))).await;
    let found = found.map(|found| found.collect::<Vec<SocketAddr>>());
    let addresses = match &found {
        Ok(found) if found.is_empty() => Err("it has no address".to_owned()),
        Ok(found) => Ok(found.iter().map(SocketAddr::ip).collect()),
        Err(why) => Err(why.clone()),
    };
    let mut seen = HostSeen { host, addresses, connected: None, handshake: None };
    let Ok(found) = found else { return seen };
    let Some((stream, address)) = connect(&found, &mut seen).await else { return seen };
    seen.connected = Some(Ok(address));
    if seen.host.is_tls {
        seen.handshake = Some(handshake(&seen.host.name, stream).await);
    }
    seen
}

/// The first that lets us in.
async fn connect(addresses: &[SocketAddr], seen: &mut HostSeen) -> Option<(TcpStream, IpAddr)> {
    for address in addresses {
        match in_time(TcpStream::connect(address)).await {
            Ok(stream) => return Some((stream, address.ip())),
            Err(why) => seen.connected = Some(Err(why)),
        }
    }
    None
}

async fn handshake(name: &str, stream: TcpStream) -> Result<Handshake, String> {
    // An error means that a provider is installed already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = ClientConfig::builder().with_platform_verifier().map_err(|e| e.to_string())?.with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).map_err(|e| e.to_string())?;
    let stream = in_time(TlsConnector::from(Arc::new(config)).connect(name, stream)).await?;
    let (_, session) = stream.get_ref();
    let ends_at = session.peer_certificates().and_then(|chain| {
        let certificate = Certificate::from_der(chain.first()?).ok()?;
        let end = certificate.tbs_certificate.validity.not_after.to_unix_duration();
        DateTime::from_timestamp(i64::try_from(end.as_secs()).ok()?, 0)
    });
    let version = session.protocol_version().map(|version| format!("{version:?}")).unwrap_or_default();
    let suite = session.negotiated_cipher_suite().map(|suite| format!("{:?}", suite.suite())).unwrap_or_default();
    Ok(Handshake { version, suite, ends_at })
}

async fn in_time<T>(step: impl Future<Output = std::io::Result<T>>) -> Result<T, String> {
    match tokio::time::timeout(LONGEST, step).await {
        Ok(done) => done.map_err(|error| error.to_string().to_lowercase()),
        Err(_) => Err(format!("nothing within {} s", LONGEST.as_secs())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_a_port_whether_it_is_written_or_not() {
        for (url, name, port, is_tls) in [
            ("https://ecpayment.ecpay.com.tw", "ecpayment.ecpay.com.tw", 443, true),
            ("http://127.0.0.1:8484", "127.0.0.1", 8484, false),
            ("http://[::1]/card", "::1", 80, false),
        ] {
            assert_eq!(host(url), Some(Host { name: name.to_owned(), port, is_tls }), "{url}");
        }
    }
}
