//! urlencode and the cipher around it.

use ecpayd::gateway::wire::cipher::OpenError;
use ecpayd::gateway::wire::urlencode::{decode, encode};

use super::scripted::keys;

pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    there_and_back(&text);
    as_received(&text);
    sealed(&text);
}

fn there_and_back(text: &str) {
    let escaped = encode(text);
    assert!(escaped.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.+%".contains(&b)), "{escaped}");
    assert_eq!(decode(&escaped).as_deref(), Ok(text));
    // As .NET writes it, as a browser does, and with every escape in lower case.
    let browser = escaped.replace('+', "%20");
    let dotnet = ["%21!", "%2A*", "%28(", "%29)"]
        .into_iter()
        .fold(escaped.clone(), |text, pair| text.replace(&pair[..3], &pair[3..]));
    for other in [dotnet, browser.clone(), lower_hex(&browser), lower_hex(&escaped)] {
        assert_eq!(decode(&other).as_deref(), Ok(text), "{other}");
    }
}

fn lower_hex(escaped: &str) -> String {
    let mut in_escape = 0;
    let lowered = escaped.chars().map(|c| {
        in_escape = if c == '%' { 3 } else { i32::max(in_escape - 1, 0) };
        if in_escape > 0 { c.to_ascii_lowercase() } else { c }
    });
    lowered.collect()
}

/// Whatever comes decodes to something not longer, or to an error.
fn as_received(text: &str) {
    if let Ok(plain) = decode(text) {
        assert!(plain.len() <= text.len());
        let untouched = !text.contains(['%', '+']);
        assert!(!untouched || plain == text, "{plain}");
    }
}

fn sealed(text: &str) {
    let sealed = keys().seal(text);
    assert_eq!(keys().open(&sealed).as_deref(), Ok(text));
    let broken_over_lines: String = sealed.chars().flat_map(|c| [c, '\n']).collect();
    assert_eq!(keys().open(&broken_over_lines).as_deref(), Ok(text));
    // One block less is damage or gibberish; it may not be taken for the whole.
    assert_ne!(keys().open(&sealed[..sealed.len() - 16]).as_deref(), Ok(text));
    match keys().open(text) {
        Ok(plain) => assert!(plain.len() < text.len()),
        Err(OpenError::Damaged | OpenError::NotDecrypted) => {}
    }
}
