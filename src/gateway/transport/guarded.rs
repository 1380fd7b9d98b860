//! The body of a money call, which asks once more whether it may go out.
//!
//! The name look-up, the connection and the TLS handshake come before it: seconds, and any time on a
//! machine that is suspended meanwhile. hyper asks for the body when it has put the head together and
//! before it writes a byte; when the body fails then, it closes the connection. And a request whose body
//! is missing names no order: whatever of the head may have gone out takes no effect.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::domain::action::Leave;

/// Of any other call it asks nobody.
pub(super) struct Guarded {
    leave: Option<Leave>,
    /// Until it is handed over, whole.
    body: Option<Bytes>,
}

impl Guarded {
    pub(super) fn freely(body: Vec<u8>) -> Self {
        Self { leave: None, body: Some(body.into()) }
    }

    pub(super) fn while_it_may(body: Vec<u8>, leave: Leave) -> Self {
        Self { leave: Some(leave), body: Some(body.into()) }
    }

    /// Nothing once it is handed over.
    pub(super) fn bytes(&self) -> &[u8] {
        self.body.as_deref().unwrap_or_default()
    }
}

/// Why it may not go out any more.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct KeptBack(String);

impl Body for Guarded {
    type Data = Bytes;
    type Error = KeptBack;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, KeptBack>>> {
        let Some(body) = self.body.take() else { return Poll::Ready(None) };
        let may = self.leave.as_ref().map_or(Ok(()), |leave| leave());
        let frame = may.map(|()| Frame::data(body)).map_err(KeptBack);
        Poll::Ready(Some(frame))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.body.as_ref().map_or(0, |body| body.len() as u64))
    }
}

/// The body was never handed over.
pub(super) fn was_kept_back(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<KeptBack>() {
            return true;
        }
        cause = error.source();
    }
    false
}
