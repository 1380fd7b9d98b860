//! A transport that keeps what came back, and lets no money call out.

use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::action::Leave;
use crate::gateway::transport::{Posted, Purpose, Transport, TransportError};

/// An answer as its bytes came.
pub(super) struct Heard {
    pub url: String,
    pub status: u16,
    pub body: Vec<u8>,
}

pub(super) struct Recorder {
    inner: Arc<dyn Transport>,
    heard: Mutex<Vec<Heard>>,
}

impl Recorder {
    pub fn over(inner: Arc<dyn Transport>) -> Self {
        Self { inner, heard: Mutex::default() }
    }

    /// What came since it was asked last.
    pub fn take(&self) -> Vec<Heard> {
        std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn refused() -> TransportError {
    TransportError::NotSent("money calls are the daemon's alone".to_owned())
}

impl Transport for Recorder {
    fn post<'a>(&'a self, url: &'a str, body: Vec<u8>, purpose: Purpose) -> Posted<'a> {
        Box::pin(async move {
            if purpose != Purpose::Query {
                return Err(refused());
            }
            let answer = self.inner.post(url, body, purpose).await?;
            let heard = Heard { url: url.to_owned(), status: answer.status, body: answer.body.clone() };
            self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(heard);
            Ok(answer)
        })
    }

    fn post_money<'a>(&'a self, _: &'a str, _: Vec<u8>, _: Leave) -> Posted<'a> {
        Box::pin(async { Err(refused()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::transport::HttpAnswer;

    struct Answers;

    impl Transport for Answers {
        fn post<'a>(&'a self, _: &'a str, _: Vec<u8>, purpose: Purpose) -> Posted<'a> {
            assert_eq!(purpose, Purpose::Query, "a money call went out");
            Box::pin(async { Ok(HttpAnswer { status: 200, date_s: None, body: b"{}".to_vec() }) })
        }
    }

    #[tokio::test]
    async fn it_keeps_answers_to_queries_and_sends_no_money_call() {
        let recorder = Recorder::over(Arc::new(Answers));
        assert!(recorder.post("http://a/b", Vec::new(), Purpose::Query).await.is_ok());
        assert!(recorder.post("http://a/b", Vec::new(), Purpose::Money).await.is_err());
        assert!(recorder.post_money("http://a/b", Vec::new(), Arc::new(|| Ok(()))).await.is_err());
        let heard = recorder.take();
        assert_eq!((heard.len(), heard[0].status, heard[0].body.as_slice()), (1, 200, &b"{}"[..]));
        assert!(recorder.take().is_empty());
    }
}
