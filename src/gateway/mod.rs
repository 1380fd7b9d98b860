//! ECPay's protocol: how a question is put into bytes and what the bytes of an answer say.

pub mod cipher;
pub mod envelope;
pub mod liberal;
pub mod urlencode;
