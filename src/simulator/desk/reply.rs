//! An answer as bytes, and how they reach the caller.

use crate::simulator::faults::FaultKind;

const HUGE_BYTES: usize = 50 * 1024 * 1024;

const HTML_PAGE: &str =
    "<!DOCTYPE html><html><head><title>系統維護中</title></head><body>Service Unavailable</body></html>";

/// An answer, and how it reaches the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    pub delivery: Delivery,
    /// The header `Date`, where it is not the server's own: Unix seconds.
    pub date_s: Option<i64>,
}

impl Reply {
    pub(super) fn dated(self, date_s: i64) -> Self {
        Self { date_s: Some(date_s), ..self }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    Whole,
    /// The connection closes without a byte.
    Never,
    /// The connection closes after half of the body.
    Half,
    /// After this much real time.
    After {
        ms: u64,
    },
    /// A byte at a time.
    Trickle {
        ms: u64,
    },
}

/// How an answer reaches its caller, whatever is in it.
pub(super) fn struck(whole: Reply, fault: Option<FaultKind>) -> Reply {
    match fault {
        Some(FaultKind::LostAfter) => Reply { delivery: Delivery::Never, ..whole },
        Some(FaultKind::Cut) => Reply { delivery: Delivery::Half, ..whole },
        Some(FaultKind::Late { ms }) => Reply { delivery: Delivery::After { ms }, ..whole },
        Some(FaultKind::Slow { ms }) => Reply { delivery: Delivery::Trickle { ms }, ..whole },
        Some(FaultKind::StatusAfter { code }) => bare(code),
        Some(FaultKind::Html) => page(200, HTML_PAGE.as_bytes().to_vec()),
        Some(FaultKind::Huge) => json(vec![b' '; HUGE_BYTES]),
        _ => whole,
    }
}

pub(super) fn nothing() -> Reply {
    Reply { delivery: Delivery::Never, ..json(Vec::new()) }
}

pub(super) fn json(body: Vec<u8>) -> Reply {
    Reply {
        status: 200,
        content_type: "application/json; charset=utf-8",
        body,
        delivery: Delivery::Whole,
        date_s: None,
    }
}

pub(super) fn bare(status: u16) -> Reply {
    page(status, format!("<html><body><h1>{status}</h1></body></html>").into_bytes())
}

pub(super) fn page(status: u16, body: Vec<u8>) -> Reply {
    Reply { status, content_type: "text/html; charset=utf-8", body, delivery: Delivery::Whole, date_s: None }
}

pub(super) fn text(body: Vec<u8>) -> Reply {
    Reply { status: 200, content_type: "text/plain", body, delivery: Delivery::Whole, date_s: None }
}
