use std::net::{IpAddr, Ipv4Addr};

use super::*;
use crate::doctor::{Host, Level};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn levels(checks: &[Check]) -> Vec<(&'static str, Level)> {
    checks.iter().map(|check| (check.code.word(), check.level)).collect()
}

fn seen(handshake: Option<Result<Handshake, String>>) -> HostSeen {
    let host = Host { name: "gateway.example".to_owned(), port: 443, is_tls: true };
    HostSeen { host, addresses: Ok(vec![HERE]), connected: Some(Ok(HERE)), handshake }
}

#[test]
fn the_way_to_a_host_is_told_as_far_as_it_was_gone() {
    let now = DateTime::UNIX_EPOCH;
    let hand = |days| Handshake {
        version: "TLSv1_3".to_owned(),
        suite: "TLS13_AES_128_GCM_SHA256".to_owned(),
        ends_at: Some(now + Duration::days(days)),
    };
    let way = [("gateway-name", Level::Ok), ("gateway-connection", Level::Ok)];
    for (handshake, rest) in [
        (None, vec![]),
        (Some(Ok(hand(90))), vec![("gateway-tls", Level::Ok), ("gateway-certificate", Level::Ok)]),
        (Some(Ok(hand(13))), vec![("gateway-tls", Level::Ok), ("gateway-certificate", Level::Warning)]),
        (Some(Ok(hand(-1))), vec![("gateway-tls", Level::Ok), ("gateway-certificate", Level::Fails)]),
        (Some(Err("unknown issuer".to_owned())), vec![("gateway-tls", Level::Fails)]),
    ] {
        let told = host(&seen(handshake), now, Language::English);
        assert_eq!(levels(&told), [&way[..], &rest].concat());
        assert!(told.iter().all(|check| check.about.as_deref() == Some("gateway.example:443")));
    }
    let unnamed = HostSeen { addresses: Err("no such name".to_owned()), connected: None, ..seen(None) };
    assert_eq!(levels(&host(&unnamed, now, Language::English)), [("gateway-name", Level::Fails)]);
    let closed = HostSeen { connected: Some(Err("refused".to_owned())), ..seen(None) };
    let told = host(&closed, now, Language::English);
    assert_eq!(levels(&told)[1], ("gateway-connection", Level::Fails));
}

#[test]
fn an_answer_says_whether_keys_and_clocks_are_right() {
    let ask = |replied| {
        asked(&Asked { merchant_id: "1".to_owned(), service: Service::Card, replied }, 300, Language::English)
    };
    let not_taken = |clock| LookError::NotTaken { gateway_clock_s: clock, why: "TransCode 0".to_owned() };
    let failed = |error| Replied::Failed { error, skew_s: None };
    for (replied, levels_wanted, mend) in [
        (Replied::Answered { skew_s: Some(0) }, vec![Level::Ok, Level::Ok], ""),
        (Replied::Answered { skew_s: Some(-61) }, vec![Level::Ok, Level::Warning], "timedatectl"),
        (Replied::Answered { skew_s: Some(360) }, vec![Level::Ok, Level::Fails], "timedatectl"),
        (Replied::Answered { skew_s: None }, vec![Level::Ok, Level::Warning], "again"),
        (Replied::Resting(DateTime::UNIX_EPOCH), vec![Level::Warning], "wait"),
        (Replied::NotAsked, vec![Level::Warning], "ledger"),
        (Replied::NoKeys, vec![Level::Warning], "root"),
        (failed(not_taken(None)), vec![Level::Fails], "HashKey"),
        (failed(LookError::BadCredentials("x".to_owned())), vec![Level::Fails], "HashKey"),
        (failed(LookError::RateLimited), vec![Level::Fails], "30 minutes"),
        (failed(LookError::Lost("http 500".to_owned())), vec![Level::Fails], "again"),
        (Replied::Failed { error: not_taken(Some(1)), skew_s: Some(900) }, vec![Level::Fails, Level::Fails], "HashKey"),
    ] {
        let told = ask(replied);
        assert_eq!(told.iter().map(|check| check.level).collect::<Vec<_>>(), levels_wanted, "{told:?}");
        let mends: Vec<_> = told.iter().filter_map(|check| check.mend.clone()).collect();
        assert!(mends.join(" ").contains(mend) && mends.is_empty() == mend.is_empty(), "{told:?}");
    }
}

#[test]
fn what_a_person_mends_is_told_in_the_language_that_is_read() {
    let behind = LookError::StampTooOld { gateway_clock_s: 200, behind_s: 200 };
    let keys = LookError::BadCredentials("CheckMacValue Error".to_owned());
    for (error, words) in [(behind, "主機時鐘比綠界慢 200 秒"), (keys, "綠界不接受金鑰：CheckMacValue Error")]
    {
        let replied = Replied::Failed { error, skew_s: None };
        let told =
            asked(&Asked { merchant_id: "1".to_owned(), service: Service::Card, replied }, 300, Language::Chinese);
        assert!(told[0].found.starts_with(words), "{}", told[0].found);
    }
}
